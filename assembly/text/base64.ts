import { ByteBuffer, Slice, byteAt, lengthOf } from "as-bytes/assembly";

const PADDING: i32 = 0x3d;

/** Writes the bytes in base64 with padding (RFC 4648 §4), as basic authentication wants them (RFC 7617). */
export function appendBase64(into: ByteBuffer, value: Slice): void {
  const length = lengthOf(value);
  for (let i = 0; i < length; i += 3) {
    const left = length - i;
    const group =
      (byteAt(value, i) << 16) | (left > 1 ? byteAt(value, i + 1) << 8 : 0) | (left > 2 ? byteAt(value, i + 2) : 0);
    into
      .byte(digitOf(group >> 18))
      .byte(digitOf(group >> 12))
      .byte(left > 1 ? digitOf(group >> 6) : PADDING)
      .byte(left > 2 ? digitOf(group) : PADDING);
  }
}

function digitOf(bits: i32): i32 {
  const value = bits & 0x3f;
  if (value < 26) return 0x41 + value;
  if (value < 52) return 0x61 + (value - 26);
  if (value < 62) return 0x30 + (value - 52);
  return value == 62 ? 0x2b : 0x2f;
}
