import { ByteBuffer, HEADROOM, OwnedBytes, memoryIsLeftFor } from "as-bytes/assembly";
import { Place } from "../waiting/waiting-list";
import { MOST_CHANGED } from "./application";
import { Landing, LookupFlight } from "./lookup-flight";
import { FoundRecords } from "./found-records";

/** What is larger than this is given back after use; most records are much smaller. */
const KEPT_BYTES: i32 = 4096;

/**
 * One request's way through the lookups. Its states: it has lookups before it (`position`), it waits for a flight
 * (`flight`), or the chain has told what becomes of it. Used again from one request to the next.
 */
export class Passage {
  /** The proxy's number of the request's stream. */
  stream: u32 = 0;
  /** The lookup it is at. */
  position: i32 = 0;
  /** The flight it waits for, and its place among those who do. */
  flight: LookupFlight<Passage> | null = null;
  private place: Place<Passage> = new Place<Passage>(this);
  /** What the lookups so far change, in their order; see `route/changes.ts`. */
  readonly changes: ByteBuffer = new ByteBuffer();
  /** Whether one of them had no answer, and the configuration lets the request go on all the same. */
  hasFailed: bool = false;
  /** What they found, as far as later ones use it. */
  readonly found: FoundRecords = new FoundRecords();
  /** The request's headers, where it has gone on before all is decided and they cannot be read any more; else null. */
  headers: OwnedBytes | null = null;
  /** What the lookups so far did, for the debug header; empty when nobody asked for one. */
  readonly report: ByteBuffer = new ByteBuffer();

  /** Back to the start, for another request. */
  begin(stream: u32): void {
    this.abandon();
    this.stream = stream;
    this.position = 0;
    this.hasFailed = false;
    this.forgetChanges();
    this.report.clear();
  }

  /** Whether so many bytes more may be kept for it. Requests may wait in any number, each with what it has. */
  hasRoomFor(bytes: i32): bool {
    const all = <u64>bytes + <u64>this.changes.length + <u64>this.found.size;
    if (all > <u64>MOST_CHANGED) return false;
    // Buffers grow by half, and while they do the old and the new one are there.
    return all <= <u64>KEPT_BYTES || memoryIsLeftFor(3 * all, HEADROOM);
  }

  /** What was decided has been done: what led to it is not needed any more, and a stream may live for long. */
  forgetChanges(): void {
    this.changes.shrink(KEPT_BYTES);
    this.found.shrink(KEPT_BYTES);
    this.headers = null;
  }

  /** Whether it waits for a flight, landed or not. */
  get isWaiting(): bool {
    return this.flight != null;
  }

  /** Whether it waits no longer: what it waited for is known. */
  get hasLanded(): bool {
    const flight = this.flight;
    return flight ? flight.landing != Landing.None : false;
  }

  /** Waits for what a flight brings. */
  waitFor(flight: LookupFlight<Passage>): void {
    this.abandon();
    this.flight = flight;
    flight.waiters.push(this.place);
  }

  /** It waits no longer: it is being led on, or its client is gone. */
  abandon(): void {
    this.place.leave();
    this.flight = null;
  }
}
