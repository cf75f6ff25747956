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

/** What `entry` is good for at `now` (milliseconds), under the lookup's present configuration. */
export function freshnessOf(entry: StoredEntry, now: i64, config: LocalConfig): Freshness {
  const expiresAt = entry.storedAt + entry.ttl;
  if (now < expiresAt) {
    if (entry.isNegative) return Freshness.Fresh;
    const ahead = min(config.refreshAhead, entry.ttl / 4);
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
