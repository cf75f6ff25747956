import { ByteBuffer } from "as-bytes/assembly";
import { Flight, Landing } from "./flight";

/** A buffer for changes that is larger than this is given back after use; most records are much smaller. */
const KEPT_CHANGES: i32 = 4096;

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
  flight: Flight | null = null;
  seat: i32 = 0;
  /** What the lookups so far change, in their order; see `route/changes.ts`. */
  readonly changes: ByteBuffer = new ByteBuffer();
  /** What the lookups so far did, for the debug header; empty when nobody asked for one. */
  readonly report: ByteBuffer = new ByteBuffer();

  /** Back to the start, for another request. */
  begin(stream: u32): void {
    this.abandon();
    this.stream = stream;
    this.position = 0;
    this.changes.clear();
    this.report.clear();
  }

  /** What was decided has been done: the changes are not needed any more, and a stream may live for long. */
  forgetChanges(): void {
    this.changes.shrink(KEPT_CHANGES);
  }

  /** Whether it waits no longer: what it waited for is known. */
  get hasLanded(): bool {
    const flight = this.flight;
    return flight ? flight.landing != Landing.None : false;
  }

  /** Its client is gone: nobody waits here any more. */
  abandon(): void {
    const flight = this.flight;
    if (flight) flight.leave(this);
  }
}
