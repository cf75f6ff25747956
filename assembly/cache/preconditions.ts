import { Slice, byteAt, equal, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { EntityTags, matchesWeakly } from "../text/entity-tag";
import { trimSpace } from "../text/header-value";
import { INVALID_DATE, parseHttpDate } from "../text/http-date";

const DATE = persist("date");
const ETAG = persist("etag");
const GET = persist("GET");
const HEAD = persist("HEAD");
const IF_MATCH = persist("if-match");
const IF_MODIFIED_SINCE = persist("if-modified-since");
const IF_NONE_MATCH = persist("if-none-match");
const IF_UNMODIFIED_SINCE = persist("if-unmodified-since");
const LAST_MODIFIED = persist("last-modified");
const METHOD = persist(":method");

const STAR: i32 = 0x2a;
const OK: i32 = 200;

/** How a client's preconditions turn out against a stored response that may answer its request. */
export enum Precondition {
  /** There are none, they do not count, or they are true: the response itself (or the range of it that is asked for). */
  Response,
  /** The client's own copy is good: 304. */
  NotModified,
}

/**
 * Whether a request has preconditions that no cache evaluates: "the If-Match and If-Unmodified-Since conditional header
 * fields are not applicable to a cache" (RFC 9111 §4.3.2). They are the origin's to answer; the request is forwarded.
 */
export function hasOriginPrecondition(request: HeaderSource): bool {
  return isPresent(request.get(IF_MATCH)) || isPresent(request.get(IF_UNMODIFIED_SINCE));
}

/** Evaluates what clients ask about their own copies (RFC 9111 §4.3.2, RFC 9110 §13.2.2), against what is stored. */
export class Preconditions {
  private tags: EntityTags = new EntityTags();

  /**
   * `status` and `stored` are the stored response's, and `receivedAt` is the time at which it was received, in wall-clock
   * milliseconds. The request is one that it may answer, without `hasOriginPrecondition`.
   */
  evaluate(request: HeaderSource, stored: HeaderSource, status: i32, receivedAt: i64): Precondition {
    // "A server MUST ignore all received preconditions if its response to the same request without those conditions, prior
    // to processing the request content, would have been a status code other than a 2xx (Successful) or 412 (Precondition
    // Failed)." (RFC 9110 §13.2.1) A cache evaluates them for "a stored 200 (OK) or 206 (Partial Content) response".
    if (status != OK) return Precondition.Response;
    const method = request.get(METHOD);
    if (!equal(method, GET) && !equal(method, HEAD)) return Precondition.Response;
    const noneMatch = request.get(IF_NONE_MATCH);
    // "When If-None-Match is present, evaluate the If-None-Match precondition: if true, continue to step 5; if false for
    // GET/HEAD, respond 304 (Not Modified)" (RFC 9110 §13.2.2)
    if (isPresent(noneMatch)) {
      return this.hasMatch(noneMatch, stored.get(ETAG)) ? Precondition.NotModified : Precondition.Response;
    }
    // "When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is present, evaluate the
    // If-Modified-Since precondition: if true, continue to step 5; if false, respond 304 (Not Modified)"
    const since = request.get(IF_MODIFIED_SINCE);
    return isUnmodified(since, stored, receivedAt) ? Precondition.NotModified : Precondition.Response;
  }

  /**
   * The same for a response that has just been received, in the place of the origin that was not asked: "A recipient MUST
   * ignore the If-Modified-Since header field if the resource does not have a modification date available." (RFC 9110
   * §13.1.3) When it was made says when it was modified to a client that may have it from here, which no client can yet.
   */
  evaluateReceived(request: HeaderSource, response: HeaderSource, status: i32, receivedAt: i64): Precondition {
    const hasTags = isPresent(request.get(IF_NONE_MATCH));
    const modified = parseHttpDate(response.get(LAST_MODIFIED), receivedAt);
    if (!hasTags && modified == INVALID_DATE) return Precondition.Response;
    return this.evaluate(request, response, status, receivedAt);
  }

  /** Whether `If-None-Match` is false: it is `*`, and there is a response, or one of its tags is that response's. */
  private hasMatch(field: Slice, etag: Slice): bool {
    const value = trimSpace(field);
    if (lengthOf(value) == 1 && byteAt(value, 0) == STAR) return true;
    this.tags.begin(value);
    while (this.tags.next()) {
      // "A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match" (§13.1.2)
      if (matchesWeakly(this.tags.tag, etag)) return true;
    }
    return false;
  }
}

/** "If the selected representation's last modification date is earlier or equal to the date provided in the field value, the
 * condition is false." (RFC 9110 §13.1.3) */
function isUnmodified(since: Slice, stored: HeaderSource, receivedAt: i64): bool {
  // "A recipient MUST ignore the If-Modified-Since header field if the received field value is not a valid HTTP-date, the
  // field value has more than one member, or if the request method is neither GET nor HEAD." (§13.1.3)
  const date = parseHttpDate(since, receivedAt);
  if (date == INVALID_DATE) return false;
  return lastModified(stored, receivedAt) <= date;
}

/**
 * "If a request contains an If-Modified-Since header field and the Last-Modified header field is not present in a stored
 * response, a cache SHOULD use the stored response's Date field value (or, if no Date field is present, the time that the
 * stored response was received) to evaluate the conditional." (RFC 9111 §4.3.2)
 */
function lastModified(stored: HeaderSource, receivedAt: i64): i64 {
  const modified = parseHttpDate(stored.get(LAST_MODIFIED), receivedAt);
  if (modified != INVALID_DATE) return modified;
  const date = parseHttpDate(stored.get(DATE), receivedAt);
  return date == INVALID_DATE ? receivedAt : date;
}
