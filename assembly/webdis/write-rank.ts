/** A value that is older than this when it is to be sent, in milliseconds from its request on, is late: see `WriteRank.isLate`. */
const LATE_AFTER: i64 = 1000;

/** How recent a value is among those that others may write under its key: what a `Recency` says. */
export class WriteRank {
  constructor(
    readonly generatedAt: i64,
    readonly isDated: bool,
    /** In wall-clock milliseconds. */
    readonly requestTime: i64,
  ) {}

  /**
   * Whether it has been on its way for so long that another gateway may well have asked for a newer one and written that in the
   * meantime. Most values are not: what came at once costs no question.
   */
  isLate(wallClock: i64): bool {
    return wallClock - this.requestTime > LATE_AFTER;
  }
}
