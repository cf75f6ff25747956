import {
  ByteBuffer,
  Slice,
  byteAt,
  equal,
  equalIgnoreCase,
  indexOf,
  isDigit,
  isPresent,
  lengthOf,
  persist,
  sub,
} from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { isEntityTag, matchesStrongly } from "../text/entity-tag";
import { trimSpace } from "../text/header-value";
import { INVALID_DATE, parseHttpDate } from "../text/http-date";

const BYTES = persist("bytes");
const DATE = persist("date");
const ETAG = persist("etag");
const GET = persist("GET");
const IF_RANGE = persist("if-range");
const LAST_MODIFIED = persist("last-modified");
const METHOD = persist(":method");
const RANGE = persist("range");

const COMMA: i32 = 0x2c;
const DASH: i32 = 0x2d;
const EQUALS: i32 = 0x3d;
const ZERO: i32 = 0x30;

const OK: i32 = 200;
const SECOND: i64 = 1000;

/** More than any body has; a position of more digits is no nearer. */
const FAR: i64 = 1 << 50;

/** `parsePosition`'s answers for no digits at all, and for what is no number. */
const MISSING: i64 = -1;
const INVALID: i64 = -2;

/** How a stored response answers a request's `Range`. */
export enum RangeAnswer {
  /** As if there were no `Range`: the whole of it. */
  Whole,
  /** 206, with the bytes from `first` to `last`. */
  Part,
  /** 416: no byte of it is in the range. */
  NotSatisfiable,
}

/** Reads what part of a stored whole response a request is for (RFC 9110 §14). */
export class RangeRequest {
  /** The first and the last byte, counted from 0, after `Part`. */
  first: i32 = 0;
  last: i32 = 0;

  /**
   * Decides on a request that a stored response of `bodyLength` bytes may answer. Where the preconditions are evaluated,
   * this comes after them: "When the method is GET and both Range and If-Range are present, evaluate the If-Range
   * precondition" is the last step (RFC 9110 §13.2.2).
   */
  decide(request: HeaderSource, stored: HeaderSource, status: i32, bodyLength: i32): RangeAnswer {
    const range = request.get(RANGE);
    if (!isPresent(range)) return RangeAnswer.Whole;
    // "A server MUST ignore a Range header field received with a request method that is unrecognized or for which range
    // handling is not defined. For this specification, GET is the only method for which range handling is defined."
    // (RFC 9110 §14.2), and a range is one "of the selected representation": of a 200.
    if (status != OK || !equal(request.get(METHOD), GET)) return RangeAnswer.Whole;
    // "A recipient of an If-Range header field MUST ignore the Range header field if the If-Range condition evaluates to
    // false." (§13.1.5)
    const condition = request.get(IF_RANGE);
    if (isPresent(condition) && !isCurrent(trimSpace(condition), stored)) return RangeAnswer.Whole;
    const set = rangeSet(range);
    const specifier = onlyMember(set);
    // "A server MAY ignore the Range header field." (§14.2) It is ignored where it has several ranges: browsers ask for
    // one, and several small overlapping ones are how servers are kept busy (§17.15). Invalid ones are ignored, too: "A
    // server that supports range requests MAY ignore or reject a Range header field that contains an invalid
    // ranges-specifier".
    return lengthOf(specifier) == 0 ? RangeAnswer.Whole : this.apply(specifier, bodyLength);
  }

  private apply(specifier: Slice, bodyLength: i32): RangeAnswer {
    const dash = indexOf(specifier, DASH);
    if (dash < 0) return RangeAnswer.Whole;
    const first = parsePosition(sub(specifier, 0, dash));
    const last = parsePosition(sub(specifier, dash + 1));
    if (first == INVALID || last == INVALID) return RangeAnswer.Whole;
    if (first == MISSING) return last == MISSING ? RangeAnswer.Whole : this.applySuffix(last, bodyLength);
    // "An int-range is invalid if the last-pos value is present and less than first-pos." (§14.1.1)
    if (last != MISSING && last < first) return RangeAnswer.Whole;
    // A range is satisfiable where its first position is less than the representation's length (§14.1.2).
    if (first >= bodyLength) return RangeAnswer.NotSatisfiable;
    // "If the last-pos value is absent, or if the value is greater than or equal to the current length of the
    // representation data, the byte range is interpreted as the remainder of the representation"
    return this.set(<i32>first, last == MISSING || last >= bodyLength ? bodyLength - 1 : <i32>last);
  }

  private applySuffix(suffixLength: i64, bodyLength: i32): RangeAnswer {
    // A suffix is where it is not zero (§14.1.2).
    if (suffixLength == 0) return RangeAnswer.NotSatisfiable;
    // No Content-Range has no bytes.
    if (bodyLength == 0) return RangeAnswer.Whole;
    // "If the selected representation is shorter than the specified suffix-length, the entire representation is used."
    return this.set(bodyLength - <i32>min<i64>(suffixLength, bodyLength), bodyLength - 1);
  }

  private set(first: i32, last: i32): RangeAnswer {
    this.first = first;
    this.last = last;
    return RangeAnswer.Part;
  }
}

/** Appends the `Content-Range` of a 206 (RFC 9110 §14.4). */
export function appendContentRange(into: ByteBuffer, first: i32, last: i32, bodyLength: i32): void {
  into.text("bytes ").decimal(first).byte(DASH).decimal(last).text("/").decimal(bodyLength);
}

/** Appends that of a 416: "the current length of the selected representation" (RFC 9110 §14.4). */
export function appendUnsatisfiedRange(into: ByteBuffer, bodyLength: i32): void {
  into.text("bytes */").decimal(bodyLength);
}

/** The specifiers of a `Range` in bytes, `NONE` or empty where it is another unit's or none at all. */
function rangeSet(range: Slice): Slice {
  const equals = indexOf(range, EQUALS);
  // "All range unit names are case-insensitive" (RFC 9110 §14.1). "An origin server MUST ignore a Range header field that
  // contains a range unit it does not understand." (§14.2)
  return equals >= 0 && equalIgnoreCase(sub(range, 0, equals), BYTES) ? sub(range, equals + 1) : sub(range, 0, 0);
}

/** The only member of a list, empty where there are none or several. Empty members do not count. */
function onlyMember(list: Slice): Slice {
  const length = lengthOf(list);
  let only = sub(list, 0, 0);
  for (let start = 0; start < length;) {
    const comma = indexOf(list, COMMA, start);
    const end = comma < 0 ? length : comma;
    const member = trimSpace(sub(list, start, end));
    if (lengthOf(member) > 0) {
      if (lengthOf(only) > 0) return sub(list, 0, 0);
      only = member;
    }
    start = end + 1;
  }
  return only;
}

function parsePosition(digits: Slice): i64 {
  const length = lengthOf(digits);
  if (length == 0) return MISSING;
  let position: i64 = 0;
  for (let i = 0; i < length; i++) {
    const byte = byteAt(digits, i);
    if (!isDigit(byte)) return INVALID;
    // Saturating: what has so many digits is behind the end of any body, however many follow.
    position = min(position * 10 + <i64>(byte - ZERO), FAR);
  }
  return position;
}

/** Whether the `If-Range` condition is true: the client has part of the very response that is stored (RFC 9110 §13.1.5). */
function isCurrent(condition: Slice, stored: HeaderSource): bool {
  // "If the entity-tag validator provided exactly matches the ETag field value for the selected representation using the
  // strong comparison function (Section 8.8.3.2), the condition is true."
  if (isEntityTag(condition)) return matchesStrongly(condition, stored.get(ETAG));
  // The years of two digits of both are read against the same moment, whichever it is.
  const date = parseHttpDate(condition, 0);
  if (date == INVALID_DATE) return false;
  // "If the HTTP-date validator provided exactly matches the Last-Modified field value for the selected representation, the
  // condition is true."
  if (date != parseHttpDate(stored.get(LAST_MODIFIED), 0)) return false;
  // "If the HTTP-date validator provided is not a strong validator in the sense defined by Section 8.8.2.2, the condition is
  // false." It is strong where "that cache entry includes a Date value that is at least one second after the Last-Modified
  // value".
  const madeAt = parseHttpDate(stored.get(DATE), 0);
  return madeAt != INVALID_DATE && madeAt - date >= SECOND;
}
