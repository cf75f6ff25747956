/**
 * Spreads expiry, so that what was stored together does not expire together. Also holds the seeds that key hashes of
 * what clients send. Not for secrets: xorshift64* from a random start.
 */
export class Jitter {
  private state: u64;

  constructor(
    readonly seed0: u64,
    readonly seed1: u64,
  ) {
    this.state = (seed0 ^ (seed1 << 1)) | 1;
  }

  /** `ttl` less a random part of `percent` of it: nothing outlives its ttl. */
  shorten(ttl: i64, percent: f64): i64 {
    return ttl - <i64>(<f64>ttl * (percent / 100.0) * this.next());
  }

  /** A number in [0, 1). */
  private next(): f64 {
    let x = this.state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    this.state = x;
    return <f64>(<u32>((x * 0x2545f4914f6cdd1d) >> 32)) / 4294967296.0;
  }
}
