import { ByteBuffer, Slice, byteAt, indexOf, lengthOf, sub } from "as-bytes/assembly";
import { appendEscape, decodedByte, encodedLength, escapedByte } from "./percent-encoding";
import { isPathCharacter } from "./url-characters";

const NUL: i32 = 0x00;
const NUMBER_SIGN: i32 = 0x23;
const PERCENT: i32 = 0x25;
const POINT: i32 = 0x2e;
const SLASH: i32 = 0x2f;
const SEMICOLON: i32 = 0x3b;
const QUESTION_MARK: i32 = 0x3f;
const BACKSLASH: i32 = 0x5c;

/**
 * Whether a path (and query) that was put together from somebody's data may be sent: it begins with `/`, has only the
 * characters that RFC 3986 §3.3 and §3.4 allow, its escapes are well-formed, and no part of it climbs (`isDotSegment`).
 */
export function isValidBuiltPath(path: Slice): bool {
  const length = lengthOf(path);
  if (byteAt(path, 0) != SLASH) return false;
  let inQuery = false;
  for (let at = 0; at < length; at += encodedLength(path, at)) {
    const byte = byteAt(path, at);
    if (!inQuery && byte == QUESTION_MARK) {
      inQuery = true;
      continue;
    }
    const allowed = isPathCharacter(byte) || escapedByte(path, at) >= 0 || byte == SLASH || byte == QUESTION_MARK;
    if (!allowed) return false;
    if (!inQuery && isSeparator(decodedByte(path, at)) && isDotSegment(path, at + encodedLength(path, at)))
      return false;
  }
  return true;
}

/** Whether some reader of a path, as a client sent it without its query, finds a dot segment in it; see `isDotSegment`. */
export function hasDotSegment(path: Slice): bool {
  // Nearly every path ends here.
  if (indexOf(path, POINT) < 0 && indexOf(path, PERCENT) < 0) return false;
  const length = lengthOf(path);
  if (isDotSegment(path, 0)) return true;
  for (let at = 0; at < length; at += encodedLength(path, at)) {
    if (isSeparator(decodedByte(path, at)) && isDotSegment(path, at + encodedLength(path, at))) return true;
  }
  return false;
}

/**
 * Writes a part of the path that a client sent, or its query, as received, but for what RFC 3986 has no place for: that is
 * percent-encoded, also a `%` that begins no escape. Browsers send `|`, `[` and `]` so, and proxies let nearly any byte pass.
 */
export function appendAsReceived(into: ByteBuffer, part: Slice, isQuery: bool): void {
  const length = lengthOf(part);
  for (let at = 0; at < length;) {
    const byte = byteAt(part, at);
    const end = at + encodedLength(part, at);
    const isAllowed = end > at + 1 || isPathCharacter(byte) || byte == SLASH || (isQuery && byte == QUESTION_MARK);
    if (isAllowed) into.bytes(sub(part, at, end));
    else appendEscape(into, byte);
    at = end;
  }
}

/**
 * Whether `.` or `..` starts here, whoever reads the path: upstreams differ in whether they decode escapes first, take a
 * backslash for a slash, drop what follows a semicolon (`/..;/` climbs on Tomcat), or stop reading at a NUL.
 */
function isDotSegment(path: Slice, start: i32): bool {
  let at = start;
  let points = 0;
  while (decodedByte(path, at) == POINT) {
    points++;
    at += encodedLength(path, at);
  }
  return (points == 1 || points == 2) && mayEndSegment(decodedByte(path, at));
}

function mayEndSegment(byte: i32): bool {
  switch (byte) {
    case -1:
    case NUL:
    case NUMBER_SIGN:
    case SEMICOLON:
    case QUESTION_MARK:
      return true;
    default:
      return isSeparator(byte);
  }
}


@inline
function isSeparator(byte: i32): bool {
  return byte == SLASH || byte == BACKSLASH;
}
