const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** How long the machine has been up when the proxy is created, in milliseconds. */
const BOOT_TIME = 60 * 60 * 1000;

/** Something that is due at a time of the clock; `cancel` is safe at any time. */
export interface Timer {
  cancel(): void;
}

interface Scheduled {
  readonly due: bigint;
  readonly sequence: number;
  readonly fire: () => void;
}

/** Wall and monotonic time of the proxy. Both stand still until a test moves them. */
export class Clock {
  #wall: bigint;
  /** Never 0: there are runtimes that take that for a clock that does not go. */
  #monotonic = nanoseconds(BOOT_TIME);
  #sequence = 0;
  readonly #scheduled = new Set<Scheduled>();

  /** @param startTime wall time to begin with, in milliseconds since 1970 */
  constructor(startTime: number) {
    this.#wall = nanoseconds(startTime);
  }

  /** Wall time in milliseconds since 1970. */
  get now(): number {
    return Number(this.#wall) / NANOSECONDS_PER_MILLISECOND;
  }

  /** Wall time in nanoseconds since 1970, as `proxy_get_current_time_nanoseconds` gives it. */
  get wallNanoseconds(): bigint {
    return this.#wall;
  }

  /** Monotonic time in nanoseconds since the machine was started. */
  get monotonicNanoseconds(): bigint {
    return this.#monotonic;
  }

  /** Moves both times on; what falls due (ticks, call timeouts) fires in order of time, then of its setting. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`clock.advance(${milliseconds}): time only moves forward`);
    const end = this.#monotonic + nanoseconds(milliseconds);
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#moveTo(next.due);
      this.#scheduled.delete(next);
      next.fire();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock right or wrong, as NTP or an operator would; nothing falls due by it. */
  stepWallTime(milliseconds: number): void {
    this.#wall += nanoseconds(milliseconds);
  }

  /** Calls `fire` once, after this much monotonic time. */
  schedule(milliseconds: number, fire: () => void): Timer {
    const scheduled: Scheduled = {
      due: this.#monotonic + nanoseconds(milliseconds),
      sequence: this.#sequence++,
      fire,
    };
    this.#scheduled.add(scheduled);
    return {
      cancel: () => {
        this.#scheduled.delete(scheduled);
      },
    };
  }

  #next(end: bigint): Scheduled | undefined {
    let next: Scheduled | undefined;
    for (const candidate of this.#scheduled) {
      if (candidate.due > end) continue;
      if (next === undefined || candidate.due < next.due) next = candidate;
      else if (candidate.due === next.due && candidate.sequence < next.sequence) next = candidate;
    }
    return next;
  }

  #moveTo(monotonic: bigint): void {
    if (monotonic <= this.#monotonic) return;
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

function nanoseconds(milliseconds: number): bigint {
  // In two steps: a date in nanoseconds has more digits than a number holds.
  const whole = Math.floor(milliseconds);
  const fraction = Math.round((milliseconds - whole) * NANOSECONDS_PER_MILLISECOND);
  return BigInt(whole) * BigInt(NANOSECONDS_PER_MILLISECOND) + BigInt(fraction);
}
