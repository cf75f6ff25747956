import { ByteBuffer, Slice, byteAt, hexValue, isDigit, isLetter, lengthOf } from "as-bytes/assembly";

const PERCENT: i32 = 0x25;
const HYPHEN: i32 = 0x2d;
const POINT: i32 = 0x2e;
const UNDERSCORE: i32 = 0x5f;
const TILDE: i32 = 0x7e;

/** RFC 3986 §2.3: what never needs an escape and means the same with one. */
export function isUnreserved(byte: i32): bool {
  return isLetter(byte) || isDigit(byte) || byte == HYPHEN || byte == POINT || byte == UNDERSCORE || byte == TILDE;
}

/** Writes the bytes with all but RFC 3986's unreserved characters as `%XX`. Two different values never look alike. */
export function appendPercentEncoded(into: ByteBuffer, value: Slice): void {
  const length = lengthOf(value);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(value, i);
    if (isUnreserved(byte)) into.byte(byte);
    else appendEscape(into, byte);
  }
}

/** As `appendPercentEncoded`, and `.` too, for readers that take what follows a dot for a file's extension. */
export function appendPercentEncodedWithDots(into: ByteBuffer, value: Slice): void {
  const length = lengthOf(value);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(value, i);
    if (isUnreserved(byte) && byte != POINT) into.byte(byte);
    else appendEscape(into, byte);
  }
}

/** Writes the bytes with every escape decoded, once. What is no escape stays as it is, and so does `+`. */
export function appendPercentDecoded(into: ByteBuffer, encoded: Slice): void {
  const length = lengthOf(encoded);
  for (let at = 0; at < length; at += encodedLength(encoded, at)) into.byte(decodedByte(encoded, at));
}

/** Whether an encoded text stands for these bytes; decodes nothing into memory. */
export function equalDecoded(encoded: Slice, plain: Slice): bool {
  const length = lengthOf(encoded);
  let matched = 0;
  for (let at = 0; at < length; at += encodedLength(encoded, at)) {
    if (byteAt(plain, matched) != decodedByte(encoded, at)) return false;
    matched++;
  }
  return matched == lengthOf(plain);
}

/** The byte that the well-formed escape at `at` stands for, or -1 when there is none. */
export function escapedByte(s: Slice, at: i32): i32 {
  if (byteAt(s, at) != PERCENT) return -1;
  const high = hexValue(byteAt(s, at + 1));
  const low = hexValue(byteAt(s, at + 2));
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

/** The byte that starts at `at`: what an escape stands for, else the byte itself; -1 outside the slice. */
export function decodedByte(s: Slice, at: i32): i32 {
  const escaped = escapedByte(s, at);
  return escaped >= 0 ? escaped : byteAt(s, at);
}

/** How many bytes write the one that starts at `at`: 3 for an escape, else 1. */
@inline
export function encodedLength(s: Slice, at: i32): i32 {
  return escapedByte(s, at) >= 0 ? 3 : 1;
}

/** Writes the byte as `%XX`. */
export function appendEscape(into: ByteBuffer, byte: i32): void {
  into
    .byte(PERCENT)
    .byte(upperHex(byte >> 4))
    .byte(upperHex(byte & 0xf));
}

/** RFC 3986 §2.1: escapes are written with upper-case digits. */
@inline
function upperHex(digit: i32): i32 {
  return digit < 10 ? 0x30 + digit : 0x37 + digit;
}
