import { LocalConfig } from "../config/local-config";
import { StoredEntry } from "./entry";

/** What a stored entry is good for at a moment. */
export enum Freshness {
  /** Serve it. */
  Fresh,
  /** Serve it and refresh it in the background: it expires soon (refresh-ahead) or just has (stale-while-revalidate). */
  Refresh,
  /** Ask the tiers; serve it only if they fail (stale-if-error). */
  IfError,
  /** Of no use any more. */
  Gone,
}

/** How long to leave a key alone after a refresh of it failed, in milliseconds. */
export const RETRY_AFTER: i64 = 1000;

/**
 * For how long `entry` is fresh from when it was stored: what it was stored with, and no longer than the present
 * configuration says, which may have become shorter since. A record that says it itself is not the configuration's to change.
 */
export function ttlOf(entry: StoredEntry, config: LocalConfig): i64 {
  if (entry.isOwnTtl) return entry.ttl;
  return min(entry.ttl, entry.isNegative ? config.negativeTtl : config.ttl);
}

/** What `entry` is good for at `now` (milliseconds), under the lookup's present configuration. */
export function freshnessOf(entry: StoredEntry, now: i64, config: LocalConfig): Freshness {
  const ttl = ttlOf(entry, config);
  const expiresAt = entry.storedAt + ttl;
  if (now < expiresAt) {
    if (entry.isNegative) return Freshness.Fresh;
    const ahead = min(config.refreshAhead, ttl / 4);
    return now >= expiresAt - ahead && now >= entry.retryAt ? Freshness.Refresh : Freshness.Fresh;
  }
  // That there is no record is known or it is not: an expired miss is never served.
  if (entry.isNegative) return Freshness.Gone;
  if (now < expiresAt + config.staleWhileRevalidate) {
    return now >= entry.retryAt ? Freshness.Refresh : Freshness.Fresh;
  }
  if (now < expiresAt + config.staleIfError) {
    // The last refresh failed a moment ago: that is the error which lets the stale entry be served.
    return now >= entry.retryAt ? Freshness.IfError : Freshness.Fresh;
  }
  return Freshness.Gone;
}
