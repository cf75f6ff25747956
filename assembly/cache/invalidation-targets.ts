import {
  ByteBuffer,
  Slice,
  byteAt,
  equal,
  equalIgnoreCase,
  indexOf,
  isDigit,
  isLetter,
  isPresent,
  lengthOf,
  persist,
  startsWith,
  sub,
} from "as-bytes/assembly";
import { trimSpace } from "../text/header-value";
import { pathOf } from "../text/url";
import { withoutDefaultPort } from "./key";

const NUMBER_SIGN: i32 = 0x23;
const PLUS: i32 = 0x2b;
const DASH: i32 = 0x2d;
const POINT: i32 = 0x2e;
const SLASH: i32 = 0x2f;
const COLON: i32 = 0x3a;
const QUESTION_MARK: i32 = 0x3f;

const TWO_SLASHES = persist("//");
const CONNECT = persist("CONNECT");
const ROOT = persist("/");

/** The methods that RFC 9110 §9.2.1 and the registry of methods define as safe and that proxies meet. */
const SAFE: StaticArray<Slice> = [
  persist("GET"),
  persist("HEAD"),
  persist("OPTIONS"),
  persist("TRACE"),
  persist("PROPFIND"),
  persist("REPORT"),
  persist("SEARCH"),
];

/** Longer references are no candidates: nothing that long is stored under its URL. */
const MAX_REFERENCE: i32 = 8192;

/**
 * "A cache MUST invalidate the target URI (Section 7.1 of [HTTP]) when it receives a non-error status code in response to an
 * unsafe request method (including methods whose safety is unknown)." (RFC 9111 §4.4) "A non-error response is one with a
 * 2xx (Successful) or 3xx (Redirection) status code."
 */
export function invalidates(method: Slice, status: i32): bool {
  if (status < 200 || status > 399) return false;
  // The target of CONNECT is a host, and nothing is stored for it.
  return isPresent(method) && !isSafe(method) && !equal(method, CONNECT);
}

/** Whether a method asks for nothing to be changed. Methods mind their case. */
export function isSafe(method: Slice): bool {
  for (let i = 0; i < SAFE.length; i++) {
    if (equal(method, unchecked(SAFE[i]))) return true;
  }
  return false;
}

/**
 * Appends the path and query of the URI that `Location` or `Content-Location` names, resolved against the target URI (RFC
 * 3986 §5.2): they "are candidates for invalidation". False, with nothing written, where there is no such URI or it is
 * another origin's: "a cache MUST NOT trigger an invalidation under these conditions if the origin (Section 4.3.1 of
 * [HTTP]) of the URI to be invalidated differs from that of the target URI" (RFC 9111 §4.4). `target` is the target URI's
 * path and query.
 */
export function appendInvalidated(
  into: ByteBuffer,
  reference: Slice,
  scheme: Slice,
  authority: Slice,
  target: Slice,
): bool {
  const trimmed = trimSpace(reference);
  if (lengthOf(trimmed) == 0 || lengthOf(trimmed) > MAX_REFERENCE) return false;
  // What is behind `#` is the client's affair.
  const mark = indexOf(trimmed, NUMBER_SIGN);
  let rest = mark < 0 ? trimmed : sub(trimmed, 0, mark);
  const schemeEnd = schemeLength(rest);
  if (schemeEnd >= 0) {
    if (!equalIgnoreCase(sub(rest, 0, schemeEnd), scheme)) return false;
    rest = sub(rest, schemeEnd + 1);
    // `http:path` is something else than `path`, and nobody sends it.
    if (!startsWith(rest, TWO_SLASHES)) return false;
  }
  if (startsWith(rest, TWO_SLASHES)) {
    const end = authorityEnd(rest);
    if (!isSameAuthority(scheme, sub(rest, 2, end), authority)) return false;
    rest = sub(rest, end);
    // An authority without a path has the root: the target URI's is of no account.
    if (byteAt(rest, 0) != SLASH) into.byte(SLASH).bytes(rest);
    else appendWithoutDots(into, rest);
    return true;
  }
  appendResolved(into, rest, target);
  return true;
}

/** RFC 3986 §5.2.2, for a reference without scheme and authority. */
function appendResolved(into: ByteBuffer, reference: Slice, target: Slice): void {
  const first = byteAt(reference, 0);
  if (first == SLASH) return appendWithoutDots(into, reference);
  // Nothing but a fragment: the target itself.
  if (first < 0) {
    into.bytes(target);
    return;
  }
  if (first == QUESTION_MARK) {
    into.bytes(pathOf(target)).bytes(reference);
    return;
  }
  // The path up to its last slash, and then the reference's.
  const merged = new ByteBuffer().bytes(directoryOf(pathOf(target))).bytes(reference);
  appendWithoutDots(into, merged.view());
}

/** Where the scheme of an absolute URI ends: at its colon; -1 for a reference without scheme. */
function schemeLength(reference: Slice): i32 {
  if (!isLetter(byteAt(reference, 0))) return -1;
  let at = 1;
  let byte = byteAt(reference, at);
  while (isLetter(byte) || isDigit(byte) || byte == PLUS || byte == DASH || byte == POINT)
    byte = byteAt(reference, ++at);
  return byte == COLON ? at : -1;
}

/** Where the authority of `//authority/path` ends. */
function authorityEnd(reference: Slice): i32 {
  const length = lengthOf(reference);
  for (let at = 2; at < length; at++) {
    const byte = byteAt(reference, at);
    if (byte == SLASH || byte == QUESTION_MARK) return at;
  }
  return length;
}

/** An origin is "the triple of scheme, host, and port" (RFC 9110 §4.3.1); the schemes are equal already. */
function isSameAuthority(scheme: Slice, authority: Slice, other: Slice): bool {
  return equalIgnoreCase(withoutDefaultPort(scheme, authority), withoutDefaultPort(scheme, other));
}

function directoryOf(path: Slice): Slice {
  let end = lengthOf(path);
  while (end > 0 && byteAt(path, end - 1) != SLASH) end--;
  // A target URI without a path has the root (RFC 3986 §5.2.3).
  return end == 0 ? ROOT : sub(path, 0, end);
}

/** Appends a path and query without the path's `.` and `..` segments (RFC 3986 §5.2.4). */
function appendWithoutDots(into: ByteBuffer, reference: Slice): void {
  const path = pathOf(reference);
  const length = lengthOf(path);
  const start = into.length;
  for (let at = 0; at < length;) {
    // From one slash to the next; a merged path begins with one.
    const next = indexOf(path, SLASH, at + 1);
    const end = next < 0 ? length : next;
    const points = pointsOf(sub(path, at + 1, end));
    if (points == 2) into.truncate(lastSlash(into, start));
    if (points == 0) into.bytes(sub(path, at, end));
    // A path that ends in such a segment ends in a slash.
    else if (end == length) into.byte(SLASH);
    at = end;
  }
  into.bytes(sub(reference, length));
}

/** 1 for the segment `.`, 2 for `..`, 0 for any other. */
function pointsOf(segment: Slice): i32 {
  const length = lengthOf(segment);
  if (length == 0 || length > 2 || byteAt(segment, 0) != POINT) return 0;
  return byteAt(segment, length - 1) == POINT ? length : 0;
}

/** Where the last slash behind `start` is, or `start`. */
function lastSlash(into: ByteBuffer, start: i32): i32 {
  const written = into.view();
  let at = into.length;
  while (at > start) {
    at--;
    if (byteAt(written, at) == SLASH) return at;
  }
  return start;
}
