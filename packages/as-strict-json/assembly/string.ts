import { ByteBuffer, Slice, appendCodePoint, byteAt, hexValue, lengthOf, pointerOf, sub } from "as-bytes/assembly";

const BACKSLASH: i32 = 0x5c;

/**
 * The bytes that the escape sequence at `at` (its backslash) takes, or 0 when it is none of RFC 8259 §7. An escaped
 * surrogate pair is one sequence of 12 bytes; half a pair stands for no character and is refused.
 */
export function escapeLength(s: Slice, at: i32): i32 {
  switch (byteAt(s, at + 1)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: {
      const unit = hexUnit(s, at);
      if (unit < 0 || isLowSurrogate(unit)) return 0;
      if (!isHighSurrogate(unit)) return 6;
      return isLowSurrogate(hexUnit(s, at + 6)) ? 12 : 0;
    }
    default:
      return 0;
  }
}

/** Writes a string's value, given its bytes between the quotes as `escapeLength` has accepted them. */
export function appendUnescaped(into: ByteBuffer, s: Slice): void {
  const length = lengthOf(s);
  const pointer = pointerOf(s);
  let written = 0;
  let at = 0;
  while (at < length) {
    if (load<u8>(pointer + <usize>at) != BACKSLASH) {
      at++;
      continue;
    }
    into.bytes(sub(s, written, at));
    const taken = escapeLength(s, at);
    // Never so for what the reader accepted; the bytes stand as they are rather than loop for ever.
    if (taken == 0) break;
    appendEscaped(into, s, at, taken);
    at += taken;
    written = at;
  }
  into.bytes(sub(s, written));
}

function appendEscaped(into: ByteBuffer, s: Slice, at: i32, taken: i32): void {
  if (taken == 12) {
    const high = hexUnit(s, at);
    const low = hexUnit(s, at + 6);
    appendCodePoint(into, 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff));
    return;
  }
  const escaped = byteAt(s, at + 1);
  switch (escaped) {
    case 0x62:
      into.byte(0x08);
      break;
    case 0x66:
      into.byte(0x0c);
      break;
    case 0x6e:
      into.byte(0x0a);
      break;
    case 0x72:
      into.byte(0x0d);
      break;
    case 0x74:
      into.byte(0x09);
      break;
    case 0x75:
      appendCodePoint(into, hexUnit(s, at));
      break;
    default:
      into.byte(escaped);
  }
}

/** The UTF-16 code unit that `\uXXXX` at `at` names, or -1 when there is none. */
function hexUnit(s: Slice, at: i32): i32 {
  if (byteAt(s, at) != BACKSLASH || byteAt(s, at + 1) != 0x75) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = hexValue(byteAt(s, i));
    if (digit < 0) return -1;
    unit = (unit << 4) | digit;
  }
  return unit;
}


@inline
function isHighSurrogate(unit: i32): bool {
  return (unit & 0xfffffc00) == 0xd800;
}


@inline
function isLowSurrogate(unit: i32): bool {
  return (unit & 0xfffffc00) == 0xdc00;
}
