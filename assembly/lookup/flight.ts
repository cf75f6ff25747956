import { NONE, OwnedBytes, Slice } from "as-bytes/assembly";
import { Lookup } from "./lookup";
import { FailureClass, Tier } from "../tier/outcome";
import { Passage } from "./passage";

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
 * owns copies of all it needs, because the request that opened it may be gone before an answer comes.
 */
export class Flight {
  /** Why the last tier that was asked could not answer; `None` when it just had no record. */
  failure: FailureClass = FailureClass.None;
  reason: string = "";
  landing: Landing = Landing.None;
  private landedChanges: OwnedBytes | null = null;
  private landedValues: OwnedBytes | null = null;
  private ownedKey: OwnedBytes;
  private ownedPath: OwnedBytes;
  private ownedHeaders: OwnedBytes;
  private waiters: Array<Passage | null> = [];
  private served: i32 = 0;

  constructor(
    /** The lookup that asks. */
    readonly lookup: Lookup,
    /** The tier to ask, or being asked. */
    public tier: Tier,
    key: Slice,
    /** The key's hash under the lookup's seeds. */
    readonly hash: u64,
    servicePath: Slice,
    serviceHeaders: Slice,
  ) {
    this.ownedKey = new OwnedBytes(key);
    this.ownedPath = new OwnedBytes(servicePath);
    this.ownedHeaders = new OwnedBytes(serviceHeaders);
  }

  /** The lookup's key, without the Redis key prefix. */
  get key(): Slice {
    return this.ownedKey.view();
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

  /** Adds a request that waits for the answer. They are served in the order in which they came. */
  join(passage: Passage): void {
    passage.seat = this.waiters.length;
    passage.flight = this;
    this.waiters.push(passage);
  }

  /** A waiting request is gone or has been served: its seat is free. */
  leave(passage: Passage): void {
    if (passage.flight != this) return;
    this.waiters[passage.seat] = null;
    passage.flight = null;
    // Nobody is served twice, so places at the end that are free may go, with the memory they take.
    while (this.waiters.length > this.served && !this.waiters[this.waiters.length - 1]) this.waiters.pop();
  }

  /** Whether there are requests to serve once the flight has landed. */
  get hasWaiter(): bool {
    while (this.served < this.waiters.length) {
      if (this.waiters[this.served]) return true;
      this.served++;
    }
    return false;
  }

  /** The next request to serve once the flight has landed; null when all have been. */
  nextWaiter(): Passage | null {
    return this.hasWaiter ? this.waiters[this.served++] : null;
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
