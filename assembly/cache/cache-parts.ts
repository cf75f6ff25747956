import { ResponseCacheConfig } from "../config/response-cache-config";
import { Store } from "../store/store";
import { CacheCount } from "../telemetry/cache-counts";
import { Counts } from "../telemetry/counts";
import { Collapse } from "./collapse";
import { Directives } from "./directives";
import { Fetches } from "./fetches";
import { HitForMiss } from "./hit-for-miss";
import { InvalidationMarks } from "./invalidation-marks";
import { LatestAnswers } from "./latest-answers";
import { RecordingBudget } from "./recording";
import { SharedTier } from "./shared-tier";
import { StoredResponses } from "./stored-responses";

/** What recordings and kept copies may take together, per worker: as much as a worker can spare beside its stores. */
const MOST_RECORDED: i64 = 64 * 1024 * 1024;

/** What the phases of a request share: one configuration's response cache in one VM. */
export class CacheParts {
  readonly counts: Counts = new Counts(CacheCount.Size);
  readonly budget: RecordingBudget;
  readonly responses: StoredResponses;
  readonly fetches: Fetches;
  readonly hitForMiss: HitForMiss;
  readonly collapse: Collapse;
  readonly latestAnswers: LatestAnswers;
  /** The directives of the request that is being looked at. */
  readonly directives: Directives = new Directives();

  /**
   * `longestRead` is how long a request waits for a reply of Redis', in milliseconds. `seed0` and `seed1` are random numbers that
   * nobody outside knows.
   */
  constructor(
    readonly config: ResponseCacheConfig,
    held: Store,
    readonly marks: InvalidationMarks,
    /** Where other gateways look; null where nothing is shared. */
    readonly shared: SharedTier | null,
    longestRead: i64,
    seed0: u64,
    seed1: u64,
  ) {
    // One body that may be stored, and what its blocks need beside it, always fit.
    this.budget = new RecordingBudget(max(MOST_RECORDED, 2 * config.maxBodyBytes));
    const latestAnswers = new LatestAnswers(seed0, seed1);
    const responses = new StoredResponses(held, marks, latestAnswers);
    const fetches = new Fetches(config.collapseWait, longestRead, seed0, seed1);
    const hitForMiss = new HitForMiss(seed0, seed1);
    this.responses = responses;
    this.fetches = fetches;
    this.hitForMiss = hitForMiss;
    this.collapse = new Collapse(fetches, hitForMiss, responses);
    this.latestAnswers = latestAnswers;
  }

  dispose(): void {
    this.hitForMiss.dispose();
    this.latestAnswers.dispose();
  }
}
