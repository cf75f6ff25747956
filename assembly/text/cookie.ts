import { NONE, Slice, equal, indexOf, isPresent, lengthOf, sub } from "as-bytes/assembly";
import { trimSpace } from "./header-value";

const SEMICOLON: i32 = 0x3b;
const EQUALS: i32 = 0x3d;

/**
 * The value of the first cookie of that name in a `Cookie` header (RFC 6265 §4.2.1, read as §5.2 reads it: space
 * around names and values does not count, quotes are part of the value, names differ by case). `NONE` where there is
 * none; what has no `=` is no cookie.
 */
export function cookieValue(header: Slice, name: Slice): Slice {
  if (!isPresent(header) || !isPresent(name)) return NONE;
  const length = lengthOf(header);
  for (let start = 0; start < length;) {
    const semicolon = indexOf(header, SEMICOLON, start);
    const pair = sub(header, start, semicolon < 0 ? length : semicolon);
    const equals = indexOf(pair, EQUALS);
    if (equals >= 0 && equal(trimSpace(sub(pair, 0, equals)), name)) return trimSpace(sub(pair, equals + 1));
    start += lengthOf(pair) + 1;
  }
  return NONE;
}
