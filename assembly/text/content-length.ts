import { Slice, byteAt, isDigit, lengthOf } from "as-bytes/assembly";

/** More than any body has. */
const MOST: i64 = 1 << 50;

/** Bytes (RFC 9110 §8.6, "Content-Length = 1*DIGIT"); -1 for anything else, a missing one included. */
export function parseContentLength(value: Slice): i64 {
  const length = lengthOf(value);
  if (length == 0) return -1;
  let number: i64 = 0;
  for (let i = 0; i < length; i++) {
    const byte = byteAt(value, i);
    if (!isDigit(byte)) return -1;
    number = min(number * 10 + <i64>(byte - 0x30), MOST);
  }
  return number;
}
