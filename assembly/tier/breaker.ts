import { BreakerConfig } from "../config/upstream-config";

/**
 * Stops calls to a cluster that does not answer, for a while, and then lets one try (half-open). Those who call bring
 * their own configuration of it: two lookups may ask one cluster and give up on it at different times. Times are
 * milliseconds.
 */
export class Breaker {
  /** Failures in a row. */
  private failures: i32 = 0;
  private openedAt: i64 = 0;
  private probing: bool = false;

  /** Whether it is open or half-open: calls are refused, but for one at a time that tries whether the cluster is back. */
  isOpen(config: BreakerConfig): bool {
    return this.failures >= config.failures;
  }

  /** Whether a call may be made now. One that may although the breaker is open has to `beginProbe`. */
  permits(config: BreakerConfig, now: i64): bool {
    return !this.isOpen(config) || (!this.probing && now >= this.openedAt + config.open);
  }

  /** A call goes out to try whether the cluster is back; until it has ended there is no other. */
  beginProbe(): void {
    this.probing = true;
  }

  /** The probe has ended, without telling anything if neither of the next two is called. */
  endProbe(): void {
    this.probing = false;
  }

  /** The cluster answered, whatever it said. */
  succeeded(): void {
    this.failures = 0;
  }

  /**
   * A call failed in a way that tells of the cluster. Those that were out when it opened must not keep it open: only a
   * probe may.
   */
  failed(config: BreakerConfig, wasProbe: bool, now: i64): void {
    if (wasProbe || !this.isOpen(config)) this.openedAt = now;
    if (this.failures < i32.MAX_VALUE) this.failures++;
  }
}
