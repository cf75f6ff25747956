import { isUnreserved } from "./percent-encoding";

/** RFC 3986 §2.2: `sub-delims`, which delimit inside of a part of a URL and are allowed in any. */
export function isSubDelimiter(byte: i32): bool {
  switch (byte) {
    case 0x21: // !
    case 0x24: // $
    case 0x26: // &
    case 0x27: // '
    case 0x28: // (
    case 0x29: // )
    case 0x2a: // *
    case 0x2b: // +
    case 0x2c: // ,
    case 0x3b: // ;
    case 0x3d: // =
      return true;
    default:
      return false;
  }
}

/** RFC 3986 §3.3: `pchar`, a path segment's characters, but for the escapes. */
export function isPathCharacter(byte: i32): bool {
  return isUnreserved(byte) || isSubDelimiter(byte) || byte == 0x3a || byte == 0x40; // : @
}
