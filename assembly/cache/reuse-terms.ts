/** What a stored response says about its own reuse, kept beside it. All times are milliseconds. */
export class ReuseTerms {
  /** The wall-clock time at which it was received. */
  receivedAt: i64 = 0;
  /** How old it was then (RFC 9111 §4.2.3, `corrected_initial_age`). */
  initialAge: i64 = 0;
  /** The age up to which it is fresh. */
  lifetime: i64 = 0;
  /** For how long after that it may be served while it is validated (RFC 5861 §3). */
  staleWhileRevalidate: i64 = 0;
  /** For how long after that it may be served when validating it fails (RFC 5861 §4). */
  staleIfError: i64 = 0;
  /** Whether it is never to be served without validation, fresh or not. */
  noCache: bool = false;
  /** Whether it is never to be served stale, whoever asks for it. */
  mustRevalidate: bool = false;

  /**
   * The age at `now` (wall-clock): "resident_time = now - response_time; current_age = corrected_initial_age +
   * resident_time" (RFC 9111 §4.2.3). A clock that was set back makes nothing younger than it came.
   */
  ageAt(now: i64): i64 {
    return this.initialAge + max(0, now - this.receivedAt);
  }

  /** "response_is_fresh = (freshness_lifetime > current_age)" (RFC 9111 §4.2) */
  isFreshAt(now: i64): bool {
    return this.lifetime > this.ageAt(now);
  }

  /** Whether it may be served at `now` to clients that ask for nothing special, without an answer of the upstream's. */
  isUsableAt(now: i64): bool {
    return !this.noCache && this.ageAt(now) < this.lifetime + this.staleWhileRevalidate;
  }

  /** For how long after its receipt it may be served unvalidated, stale or not, to clients that ask for nothing special. */
  get usableFor(): i64 {
    if (this.noCache) return 0;
    return max(0, this.lifetime + max(this.staleWhileRevalidate, this.staleIfError) - this.initialAge);
  }

  copyFrom(other: ReuseTerms): void {
    this.receivedAt = other.receivedAt;
    this.initialAge = other.initialAge;
    this.lifetime = other.lifetime;
    this.staleWhileRevalidate = other.staleWhileRevalidate;
    this.staleIfError = other.staleIfError;
    this.noCache = other.noCache;
    this.mustRevalidate = other.mustRevalidate;
  }
}
