import { ABSENT, Directives } from "./directives";
import { ReuseTerms } from "./reuse-terms";

/** What to do with a request for which a response is stored. */
export enum Reuse {
  /** Serve the stored response. */
  Serve,
  /** Serve the stored response, which is stale, and validate it in the background. */
  ServeWhileRevalidating,
  /** Ask the upstream; see `usableOnErrorFor`. */
  Revalidate,
  /** Answer 504: the client wants nothing but what is stored, and that will not do. */
  GatewayTimeout,
}

/** Whether a request for which nothing is stored goes upstream; else the answer is 504. */
export function mayForward(request: Directives): bool {
  // "Caches that honor this request directive SHOULD, upon receiving it, respond with either a stored response consistent
  // with the other constraints of the request or a 504 (Gateway Timeout) status code." (RFC 9111 §5.2.1.7)
  return !request.onlyIfCached;
}

/**
 * Decides how a stored response answers a request (RFC 9111 §4). That it is the one for the request (key, Vary) is settled
 * before. A request's `no-store` does not count here: "if a request containing this directive is satisfied from a cache, the
 * no-store request directive does not apply to the already stored response" (RFC 9111 §5.2.1.5).
 */
export class ReusePolicy {
  /**
   * After `Revalidate` and `ServeWhileRevalidating`: for how many milliseconds from `now` the stored response may still be
   * served if the upstream cannot be reached or answers 500, 502, 503 or 504 (RFC 5861 §4); 0 for not at all. What may be
   * served without an answer of the upstream's (§3) may be served with that one.
   */
  usableOnErrorFor: i64 = 0;

  /** `request` has the request's directives; `now` is the wall-clock time in milliseconds. */
  decide(terms: ReuseTerms, request: Directives, now: i64): Reuse {
    const age = terms.ageAt(now);
    this.usableOnErrorFor = 0;
    if (isWanted(terms, request, age)) {
      if (terms.isFreshAt(now)) return Reuse.Serve;
      if (isWantedStale(terms, request, age)) return Reuse.Serve;
      if (isUsableWhileRevalidating(terms, request, age)) {
        const left = terms.lifetime + terms.staleWhileRevalidate - age;
        this.usableOnErrorFor = max(left, usableOnErrorFor(terms, request, age));
        return Reuse.ServeWhileRevalidating;
      }
    }
    if (request.onlyIfCached) return Reuse.GatewayTimeout;
    this.usableOnErrorFor = usableOnErrorFor(terms, request, age);
    return Reuse.Revalidate;
  }
}

/** Whether the client takes a response of that age, and the response lets itself be used without validation. */
function isWanted(terms: ReuseTerms, request: Directives, age: i64): bool {
  // "the stored response does not contain the no-cache directive (Section 5.2.2.4), unless it is successfully validated"
  // (RFC 9111 §4)
  if (terms.noCache) return false;
  // "The no-cache request directive indicates that the client prefers a stored response not be used to satisfy the request
  // without successful validation on the origin server." (RFC 9111 §5.2.1.4)
  if (request.noCache) return false;
  // "The max-age request directive indicates that the client prefers a response whose age is less than or equal to the
  // specified number of seconds." (RFC 9111 §5.2.1.1)
  if (request.maxAge != ABSENT && age > request.maxAge) return false;
  // "The min-fresh request directive indicates that the client prefers a response whose freshness lifetime is no less than
  // its current age plus the specified time in seconds." (RFC 9111 §5.2.1.3)
  return request.minFresh == ABSENT || terms.lifetime - age >= request.minFresh;
}

/** Whether the client takes a response that has been stale for so long, and the origin does not forbid it. */
function isWantedStale(terms: ReuseTerms, request: Directives, age: i64): bool {
  // "Once it has become stale, a cache MUST NOT reuse that response to satisfy another request until it has been successfully
  // validated by the origin." (RFC 9111 §5.2.2.2)
  if (terms.mustRevalidate) return false;
  // "If a value is present, then the client is willing to accept a response that has exceeded its freshness lifetime by no
  // more than the specified number of seconds." (RFC 9111 §5.2.1.2)
  return request.maxStale != ABSENT && age - terms.lifetime <= request.maxStale;
}

function isUsableWhileRevalidating(terms: ReuseTerms, request: Directives, age: i64): bool {
  // "Unless the max-stale request directive is also present, the client does not wish to receive a stale response." (RFC 9111
  // §5.2.1.1) One that says how fresh or how stale has said what it wants; the origin's offer is for those who have not.
  if (request.maxAge != ABSENT || request.minFresh != ABSENT || request.maxStale != ABSENT) return false;
  // "indicates that caches MAY serve the response in which it appears after it becomes stale, up to the indicated number of
  // seconds" (RFC 5861 §3)
  return age - terms.lifetime < terms.staleWhileRevalidate;
}

function usableOnErrorFor(terms: ReuseTerms, request: Directives, age: i64): i64 {
  // "A cache MUST NOT generate a stale response if it is prohibited by an explicit in-protocol directive (e.g., by a no-cache
  // response directive [...])" (RFC 9111 §4.2.4). A client's `no-cache` asks for an answer of the origin's, be it an error.
  if (terms.noCache || request.noCache) return 0;
  // "When used as a request Cache-Control extension, its scope of application is the request it appears in." (RFC 5861 §4)
  const staleIfError = request.staleIfError != ABSENT ? request.staleIfError : terms.staleIfError;
  // Within its lifetime the response is only too old for this client: better than an error it is all the same.
  return max(0, terms.lifetime - age + (terms.mustRevalidate ? 0 : staleIfError));
}
