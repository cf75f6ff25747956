/**
 * Something that lookups ask over the network, and how much of it is going on. A dependency that is slow or gone must
 * cost a bounded amount of memory here, and must not be asked more and more.
 */
export class Dependency {
  private callsOut: i32 = 0;

  /** `maxInFlight`: how many calls may be out at once, in this worker. */
  constructor(private maxInFlight: i32) {}

  /** How many calls are out. */
  get inFlight(): i32 {
    return this.callsOut;
  }

  /** Takes a place for one call; false when all are taken: then the call is `overload`. */
  enter(): bool {
    if (this.callsOut >= this.maxInFlight) return false;
    this.callsOut++;
    return true;
  }

  /** Gives a place back. */
  leave(): void {
    if (this.callsOut > 0) this.callsOut--;
  }
}
