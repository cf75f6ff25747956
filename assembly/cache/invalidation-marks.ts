/**
 * When URIs were invalidated (RFC 9111 §4.4), as far as somebody remembers it for all workers of a proxy. What was received
 * by then, or asked for by then, is no longer used, whichever tier it comes from. It may remember too much, after many
 * invalidations: that costs a request to the upstream.
 */
export abstract class InvalidationMarks {
  /** The wall-clock time, in milliseconds, of the last invalidation of the URI with that hash; 0 for none. */
  abstract latest(uriHash: u64): i64;

  /** The URI with that hash is invalidated at `time`. */
  abstract mark(uriHash: u64, time: i64): void;
}
