import { NONE, Slice, byteAt, indexOf, isPresent, lengthOf, sub } from "as-bytes/assembly";
import { equalDecoded } from "./percent-encoding";

const AMPERSAND: i32 = 0x26;
const SLASH: i32 = 0x2f;
const EQUALS: i32 = 0x3d;
const QUESTION_MARK: i32 = 0x3f;

/** The path of a request target (`:path`), without its query. */
export function pathOf(target: Slice): Slice {
  const mark = indexOf(target, QUESTION_MARK);
  return mark < 0 ? target : sub(target, 0, mark);
}

/** The query of a request target, without its question mark; `NONE` when there is no question mark. */
export function queryOf(target: Slice): Slice {
  const mark = indexOf(target, QUESTION_MARK);
  return mark < 0 ? NONE : sub(target, mark + 1);
}

/**
 * The path's segment of that index, as received: `/api/acme` has the segments `api` (0) and `acme` (1), `/api/` has
 * `api` and an empty one, `/` an empty one. `NONE` where there is none.
 */
export function pathSegment(path: Slice, index: i32): Slice {
  const start = segmentStart(path, index);
  if (start < 0) return NONE;
  const end = indexOf(path, SLASH, start);
  return sub(path, start, end < 0 ? lengthOf(path) : end);
}

/** The path from its segment of that index on, as received: `/api/acme/x/y` from 2 is `x/y`. `NONE` where there is none. */
export function pathFromSegment(path: Slice, index: i32): Slice {
  const start = segmentStart(path, index);
  return start < 0 ? NONE : sub(path, start);
}

/**
 * The value, as received, of the first query parameter of that name; names are compared decoded. A parameter without
 * `=` has an empty value. `NONE` where there is none. `+` is a plus: only HTML forms mean a space by it.
 */
export function queryParameter(query: Slice, name: Slice): Slice {
  if (!isPresent(query) || !isPresent(name)) return NONE;
  const length = lengthOf(query);
  for (let start = 0; start < length;) {
    const ampersand = indexOf(query, AMPERSAND, start);
    const parameter = sub(query, start, ampersand < 0 ? length : ampersand);
    const equals = indexOf(parameter, EQUALS);
    const value = equals < 0 ? lengthOf(parameter) : equals;
    // Nothing between two ampersands is no parameter, not one without a name.
    if (lengthOf(parameter) > 0 && equalDecoded(sub(parameter, 0, value), name)) return sub(parameter, value + 1);
    start += lengthOf(parameter) + 1;
  }
  return NONE;
}

/** Where the segment of that index begins; -1 where there is none. */
function segmentStart(path: Slice, index: i32): i32 {
  if (index < 0 || lengthOf(path) == 0) return -1;
  let start = byteAt(path, 0) == SLASH ? 1 : 0;
  for (let i = 0; i < index; i++) {
    const slash = indexOf(path, SLASH, start);
    if (slash < 0) return -1;
    start = slash + 1;
  }
  return start;
}
