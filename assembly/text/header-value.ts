import {
  ByteBuffer,
  Slice,
  byteAt,
  equalIgnoreCase,
  isDigit,
  isLetter,
  isPresent,
  lengthOf,
  lowerCase,
  persist,
  sub,
} from "as-bytes/assembly";

const TAB: i32 = 0x09;
const SPACE: i32 = 0x20;
const COLON: i32 = 0x3a;
const DELETE: i32 = 0x7f;

/** Whether this is a field name: a token (RFC 9110 §5.1), in either case. Pseudo-headers (`:path`) are none. */
export function isFieldName(name: Slice): bool {
  const length = lengthOf(name);
  for (let i = 0; i < length; i++) {
    if (!isTokenCharacter(byteAt(name, i))) return false;
  }
  return length > 0;
}

/**
 * Whether a message may carry this as a field's value: no control characters but HTAB, no space at either end, which HTTP/2
 * forbids (RFC 9113 §8.2.1). Bytes beyond ASCII are, whatever they encode (RFC 9110 §5.5: `obs-text`). An empty value is
 * one, a missing one is none.
 */
export function isFieldValue(value: Slice): bool {
  const length = lengthOf(value);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(value, i);
    if ((byte < SPACE && byte != TAB) || byte == DELETE) return false;
  }
  return isPresent(value) && lengthOf(trimSpace(value)) == length;
}

/** Names that only the proxy may set, with the reason. */
const FORBIDDEN: StaticArray<Slice> = [
  // `:authority` by its HTTP/1 name: two of them would name two hosts.
  persist("host"),
  // The message's framing: a wrong one lets a request hide inside another (RFC 9112 §6, §11.2).
  persist("content-length"),
  persist("transfer-encoding"),
  persist("trailer"),
  // About one connection only (RFC 9110 §7.6.1, RFC 9113 §8.2.2).
  persist("connection"),
  persist("keep-alive"),
  persist("proxy-connection"),
  persist("te"),
  persist("upgrade"),
  persist("http2-settings"),
  // Between a client and the next proxy only (RFC 9110 §11.7).
  persist("proxy-authenticate"),
  persist("proxy-authorization"),
];

/** Whether no configuration and no record may set or remove this field, in either case; pseudo-headers are among them. */
export function isForbiddenName(name: Slice): bool {
  if (byteAt(name, 0) == COLON) return true;
  for (let i = 0; i < FORBIDDEN.length; i++) {
    if (equalIgnoreCase(name, unchecked(FORBIDDEN[i]))) return true;
  }
  return false;
}

/** The value without the spaces and tabs around it (RFC 9110 §5.6.3). */
export function trimSpace(value: Slice): Slice {
  if (!isPresent(value)) return value;
  let start = 0;
  let end = lengthOf(value);
  while (start < end && isSpace(byteAt(value, start))) start++;
  while (end > start && isSpace(byteAt(value, end - 1))) end--;
  return sub(value, start, end);
}


@inline
function isSpace(byte: i32): bool {
  return byte == SPACE || byte == TAB;
}

/** RFC 9110 §5.6.2: `tchar`. */
export function isTokenCharacter(byte: i32): bool {
  if (isLetter(byte) || isDigit(byte)) return true;
  switch (byte) {
    case 0x21: // !
    case 0x23: // #
    case 0x24: // $
    case 0x25: // %
    case 0x26: // &
    case 0x27: // '
    case 0x2a: // *
    case 0x2b: // +
    case 0x2d: // -
    case 0x2e: // .
    case 0x5e: // ^
    case 0x5f: // _
    case 0x60: // `
    case 0x7c: // |
    case 0x7e: // ~
      return true;
    default:
      return false;
  }
}
