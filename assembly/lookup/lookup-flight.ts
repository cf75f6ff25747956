import { NONE, OwnedBytes, Slice } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { FailureClass, Tier } from "../tier/outcome";
import { Flight } from "../waiting/single-flight";
import { WaitingList } from "../waiting/waiting-list";

/** How a flight ended. */
export enum Landing {
  /** It has not: a tier is being asked. */
  None,
  Record,
  Missing,
  Failed,
}

/**
 * One question on its way through the tiers, shared by every request of this worker that asks it (single flight). It
 * owns copies of all it needs, because the request that opened it may be gone before an answer comes. `P` is `Passage`, which
 * knows its flight.
 */
export class LookupFlight<P> extends Flight {
  /** Why the last tier that was asked could not answer; `None` when it just had no record. */
  failure: FailureClass = FailureClass.None;
  reason: string = "";
  landing: Landing = Landing.None;
  /** Whether its first tier has been asked, or is about to be. */
  isTaken: bool = false;
  private landedChanges: OwnedBytes | null = null;
  private landedValues: OwnedBytes | null = null;
  private ownedPath: OwnedBytes;
  private ownedHeaders: OwnedBytes;
  /** The requests that wait for the answer. */
  readonly waiters: WaitingList<P> = new WaitingList<P>();

  constructor(
    /** The place of the lookup that asks, among those of the configuration. */
    readonly lookup: i32,
    readonly config: LookupConfig,
    /** The tier to ask, or being asked. */
    public tier: Tier,
    key: Slice,
    hash: u64,
    servicePath: Slice,
    serviceHeaders: Slice,
  ) {
    super(key, hash);
    this.ownedPath = new OwnedBytes(servicePath);
    this.ownedHeaders = new OwnedBytes(serviceHeaders);
  }

  /** The service request's path, rendered for the request that opened the flight. */
  get servicePath(): Slice {
    return this.ownedPath.view();
  }

  /** The service request's own headers, as changes to an empty list of headers. */
  get serviceHeaders(): Slice {
    return this.ownedHeaders.view();
  }

  /** The record's changes, once it has landed with one. */
  get changes(): Slice {
    const changes = this.landedChanges;
    return changes ? changes.view() : NONE;
  }

  /** The record's kept values, once it has landed with one; see `RecordValues`. */
  get values(): Slice {
    const values = this.landedValues;
    return values ? values.view() : NONE;
  }

  /** The present tier gave no answer, for this reason; `None` when it just has no record. */
  fail(failure: FailureClass, reason: string): void {
    this.failure = failure;
    this.reason = reason;
  }

  land(landing: Landing, changes: Slice, values: Slice): void {
    this.landing = landing;
    this.landedChanges = new OwnedBytes(changes);
    this.landedValues = new OwnedBytes(values);
  }
}
