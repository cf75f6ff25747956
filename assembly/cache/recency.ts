import { Slice, persist } from "as-bytes/assembly";
import { MINUTE } from "../config/duration";
import { HeaderSource } from "../request/client-request";
import { parseHttpDate } from "../text/http-date";

const DATE = persist("date");

/**
 * Which of two responses is the more recent one. "When more than one suitable response is stored, a cache MUST use the most
 * recent one (as determined by the Date header field)" (RFC 9111 §4). Where that does not tell, because one of them has none
 * or both are of one second, it is the one that was asked for later.
 */
export class Recency {
  /** The response's `Date`, in milliseconds; without one (`isDated`) that of a response that it is known to be newer than, or 0. */
  generatedAt: i64 = 0;
  isDated: bool = false;
  /** When the request for it was sent, in wall-clock milliseconds. */
  requestTime: i64 = 0;

  set(generatedAt: i64, isDated: bool, requestTime: i64): void {
    this.generatedAt = generatedAt;
    this.isDated = isDated;
    this.requestTime = requestTime;
  }

  copyFrom(other: Recency): void {
    this.set(other.generatedAt, other.isDated, other.requestTime);
  }

  /** It takes the place of an older one: what is older than that by its `Date` is older than this one, too. */
  replace(older: Recency): void {
    if (!this.isDated) this.generatedAt = max(this.generatedAt, older.generatedAt);
  }

  /** Becomes the more recent one of both, and newer than all that either of them is known to be newer than. */
  raiseTo(other: Recency): void {
    const date = max(this.generatedAt, other.generatedAt);
    if (other.isMoreRecentThan(this)) this.copyFrom(other);
    if (!this.isDated) this.generatedAt = date;
  }

  isMoreRecentThan(other: Recency): bool {
    // One without `Date` is newer than what is older than the one that it is known to be newer than; else that does not tell.
    if (this.isDated && this.generatedAt < other.generatedAt) return false;
    if (other.isDated && this.generatedAt > other.generatedAt) return true;
    return this.requestTime > other.requestTime;
  }
}

/**
 * When the origin says that it made the response, in milliseconds; 0 where it does not say. A clock that is ahead by more
 * than a minute is none: by it all that other servers of the origin answer would be older, and not be stored, until that time
 * has come.
 */
export function generatedAt(response: HeaderSource, now: i64): i64 {
  const date = parseHttpDate(response.get(DATE), now);
  return date > 0 && date <= now + MINUTE ? date : 0;
}
