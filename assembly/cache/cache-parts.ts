import { ResponseCacheConfig } from "../config/response-cache-config";
import { Store } from "../store/store";
import { CacheCount } from "../telemetry/cache-counts";
import { Counts } from "../telemetry/counts";
import { Directives } from "./directives";
import { Fetch, Fetches } from "./fetch";
import { InvalidationMarks } from "./invalidation-marks";
import { PassMarks } from "./pass-marks";
import { RecordingBudget } from "./recording";
import { SharedTier } from "./shared-tier";
import { StoredResponses } from "./stored-responses";
import { Visit } from "./visit";

/** What recordings and kept copies may take together, per worker: as much as a worker can spare beside its stores. */
const MOST_RECORDED: i64 = 64 * 1024 * 1024;

/** What the phases of a request share: one configuration's response cache in one VM. */
export class CacheParts {
  readonly counts: Counts = new Counts(CacheCount.Size);
  readonly budget: RecordingBudget;
  readonly responses: StoredResponses;
  readonly fetches: Fetches;
  readonly passMarks: PassMarks;
  /** The directives of the request that is being looked at. */
  readonly directives: Directives = new Directives();
  /** Requests that are to be led on. */
  private ready: Array<Visit> = [];
  private nextAt: i32 = 0;

  /** `seed0`, `seed1` and `generation` are random numbers, the first two known to nobody outside. */
  constructor(
    readonly config: ResponseCacheConfig,
    held: Store,
    readonly marks: InvalidationMarks,
    /** Where other gateways look; null where nothing is shared. */
    readonly shared: SharedTier | null,
    seed0: u64,
    seed1: u64,
    generation: u64,
  ) {
    // One body that may be stored, and what its blocks need beside it, always fit.
    this.budget = new RecordingBudget(max(MOST_RECORDED, 2 * config.maxBodyBytes));
    this.responses = new StoredResponses(held, generation);
    this.fetches = new Fetches(config.collapseWait, seed0, seed1);
    this.passMarks = new PassMarks(seed0, seed1);
  }

  /** A request's fetch is over, with a stored response or without: those who waited go on. */
  land(fetch: Fetch): void {
    this.fetches.close(fetch);
    for (let visit = this.fetches.release(fetch); visit; visit = this.fetches.release(fetch)) this.releaseWaiter(visit);
  }

  /** What this request fetched cannot be shared: the next ones with its key do not wait for each other. */
  landUnshared(visit: Visit, now: i64): void {
    this.passMarks.add(visit.key.view(), now);
    this.landFetchOf(visit);
  }

  /** Ends what this request leads, if it leads anything. */
  landFetchOf(visit: Visit): void {
    const fetch = visit.fetch;
    if (fetch && fetch.leader == visit) this.land(fetch);
  }

  /** The leader cannot, or need not, go on: another one takes its place where one waits. */
  replaceLeader(fetch: Fetch, isReading: bool): void {
    const next = this.fetches.promote(fetch);
    // A question to Redis that is out is answered to whoever leads by then.
    if (next && !isReading) this.makeReady(next);
  }

  /** Somebody waited for as long as is allowed. */
  releaseOverdue(now: i64): void {
    for (let visit = this.fetches.nextOverdue(now); visit; visit = this.fetches.nextOverdue(now)) {
      this.releaseWaiter(visit);
    }
  }

  /** Whether there are requests to be led on. */
  get hasReady(): bool {
    while (this.nextAt < this.ready.length) {
      // Some are gone by now.
      if (this.ready[this.nextAt].isReady) return true;
      this.nextAt++;
    }
    // Most requests make nobody ready: nothing is allocated for them.
    if (this.nextAt > 0) this.ready = [];
    this.nextAt = 0;
    return false;
  }

  /** The next request to be led on; null when there is none. */
  nextReady(): Visit | null {
    if (!this.hasReady) return null;
    const visit = this.ready[this.nextAt++];
    visit.isReady = false;
    return visit;
  }

  dispose(): void {
    this.passMarks.dispose();
  }

  private releaseWaiter(visit: Visit): void {
    visit.isReleased = true;
    this.makeReady(visit);
  }

  private makeReady(visit: Visit): void {
    visit.isReady = true;
    this.ready.push(visit);
  }
}
