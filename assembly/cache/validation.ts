import { NONE, Slice, byteAt, equal, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { isStrongEntityTag, matchesStrongly, matchesWeakly } from "../text/entity-tag";
import { isFieldValue } from "../text/header-value";
import { INVALID_DATE, parseHttpDate } from "../text/http-date";

const CONTENT_LENGTH = persist("content-length");
const ETAG = persist("etag");
const LAST_MODIFIED = persist("last-modified");
const RANGE = persist("range");

/**
 * The preconditions with which the upstream is asked whether a stored response is still good (RFC 9111 §4.3.1). They take
 * the place of the client's own: whatever the upstream answers, the stored response is good again or there is a new one, and
 * what the client asked about its own copy is answered from that (§4.3.2, §4.3.3).
 */
export class ValidationRequest {
  /** The values of the two fields; `NONE` for one that is removed. Views of the stored response. */
  ifNoneMatch: Slice = NONE;
  ifModifiedSince: Slice = NONE;

  /** Removes both: the upstream is asked for the whole. */
  clear(): void {
    this.ifNoneMatch = NONE;
    this.ifModifiedSince = NONE;
  }

  /**
   * Sets both for a request and a stored response that could answer it. False where nothing can be asked: then the
   * request goes upstream as the client sent it, its preconditions included.
   */
  prepare(request: HeaderSource, stored: HeaderSource): bool {
    // "MUST send the relevant entity tags (using If-Match, If-None-Match, or If-Range) if the entity tags were provided in
    // the stored response(s) being validated." As they came: an origin that sends them without quotes expects them so.
    this.ifNoneMatch = validator(stored, ETAG);
    // "SHOULD send the Last-Modified value (using If-Modified-Since) if the request is not for a subrange, a single stored
    // response is being validated, and that response contains a Last-Modified value."
    this.ifModifiedSince = isPresent(request.get(RANGE)) ? NONE : validator(stored, LAST_MODIFIED);
    return isPresent(this.ifNoneMatch) || isPresent(this.ifModifiedSince);
  }
}

/**
 * Whether a 304 that answers a `ValidationRequest` selects the stored response for update (RFC 9111 §4.3.4). Where it does
 * not, "the cache MUST NOT use the new response to update any stored responses".
 */
export function selectsForUpdate(notModified: HeaderSource, stored: HeaderSource): bool {
  const etag = notModified.get(ETAG);
  const storedTag = stored.get(ETAG);
  // "If the new response contains one or more strong validators (see Section 8.8.1 of [HTTP]), then each of those strong
  // validators identifies a selected representation for update."
  if (isPresent(etag) && isPresent(storedTag)) {
    // "If the new response contains no strong validators but does contain one or more weak validators, and those validators
    // correspond to one of the initial set's stored responses, then the most recent of those matching stored responses is
    // identified for update."
    return isStrongEntityTag(etag) ? matchesStrongly(etag, storedTag) : matchesWeakly(etag, storedTag);
  }
  const modified = notModified.get(LAST_MODIFIED);
  const storedModified = stored.get(LAST_MODIFIED);
  if (isPresent(modified) && isPresent(storedModified)) return isSameDate(modified, storedModified);
  // No validator of the one is in the other. The upstream was asked about the stored response alone, so it is the one that
  // "can be updated and reused" (§4.3.3): servers that leave validators out of their 304s mean nothing by it. A strong one
  // that the stored response does not have, on the other hand, is another representation's.
  return !isStrongEntityTag(etag);
}

/**
 * Whether a 200 to a HEAD brings the stored response to a GET up to date (RFC 9111 §4.3.5): "if the stored response and
 * HEAD response have matching values for any received validator fields (ETag and Last-Modified) and, if the HEAD response
 * has a Content-Length header field, the value of Content-Length matches that of the stored response, the cache SHOULD
 * update the stored response [...]; otherwise, the cache SHOULD consider the stored response to be stale."
 */
export function headMatches(head: HeaderSource, stored: HeaderSource, storedBodyLength: i32): bool {
  const etag = head.get(ETAG);
  if (isPresent(etag) && !equal(etag, stored.get(ETAG))) return false;
  const modified = head.get(LAST_MODIFIED);
  if (isPresent(modified) && !isSameDate(modified, stored.get(LAST_MODIFIED))) return false;
  const length = head.get(CONTENT_LENGTH);
  return !isPresent(length) || isDecimal(length, storedBodyLength);
}

function validator(stored: HeaderSource, name: Slice): Slice {
  const value = stored.get(name);
  return lengthOf(value) > 0 && isFieldValue(value) ? value : NONE;
}

/** Two that are no dates are the same where their bytes are. */
function isSameDate(a: Slice, b: Slice): bool {
  if (equal(a, b)) return true;
  // Years of two digits are read against the same moment, whichever it is.
  const date = parseHttpDate(a, 0);
  return date != INVALID_DATE && date == parseHttpDate(b, 0);
}

/** Whether the text is the number in decimal digits. */
function isDecimal(text: Slice, number: i32): bool {
  let rest: i64 = number;
  for (let at = lengthOf(text) - 1; at >= 0; at--) {
    if (<i64>byteAt(text, at) != 0x30 + (rest % 10)) return false;
    rest /= 10;
  }
  return rest == 0 && lengthOf(text) > 0;
}
