import { ByteBuffer } from "./buffer";
import { Slice, lengthOf, pointerOf } from "./slice";

/**
 * The length of the well-formed UTF-8 sequence that starts at `pointer`, 1 to 4, or 0 where there is none before `end`.
 * Follows Unicode's table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629 §4).
 */
export function utf8SequenceLength(pointer: usize, end: usize): i32 {
  if (pointer >= end) return 0;
  const lead = <i32>load<u8>(pointer);
  if (lead < 0x80) return 1;
  const rest = end - pointer;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return rest >= 2 && isContinuation(pointer + 1) ? 2 : 0;
  if (lead < 0xf0) {
    if (rest < 3) return 0;
    const second = <i32>load<u8>(pointer, 1);
    const first = lead == 0xe0 ? 0xa0 : 0x80;
    const last = lead == 0xed ? 0x9f : 0xbf;
    return second >= first && second <= last && isContinuation(pointer + 2) ? 3 : 0;
  }
  if (lead < 0xf5) {
    if (rest < 4) return 0;
    const second = <i32>load<u8>(pointer, 1);
    const first = lead == 0xf0 ? 0x90 : 0x80;
    const last = lead == 0xf4 ? 0x8f : 0xbf;
    return second >= first && second <= last && isContinuation(pointer + 2) && isContinuation(pointer + 3) ? 4 : 0;
  }
  return 0;
}

/** Whether all of the slice is well-formed UTF-8. */
export function isUtf8(s: Slice): bool {
  const end = pointerOf(s) + <usize>lengthOf(s);
  for (let at = pointerOf(s); at < end;) {
    const length = utf8SequenceLength(at, end);
    if (length == 0) return false;
    at += <usize>length;
  }
  return true;
}

/** Writes a Unicode scalar value (no surrogate, at most U+10FFFF) as UTF-8. */
export function appendCodePoint(into: ByteBuffer, codePoint: i32): void {
  if (codePoint < 0x80) {
    into.byte(codePoint);
  } else if (codePoint < 0x800) {
    into.byte(0xc0 | (codePoint >> 6)).byte(trailing(codePoint));
  } else if (codePoint < 0x10000) {
    into
      .byte(0xe0 | (codePoint >> 12))
      .byte(trailing(codePoint >> 6))
      .byte(trailing(codePoint));
  } else {
    into
      .byte(0xf0 | (codePoint >> 18))
      .byte(trailing(codePoint >> 12))
      .byte(trailing(codePoint >> 6))
      .byte(trailing(codePoint));
  }
}


@inline
function isContinuation(pointer: usize): bool {
  return (load<u8>(pointer) & 0xc0) == 0x80;
}


@inline
function trailing(bits: i32): i32 {
  return 0x80 | (bits & 0x3f);
}
