import { NONE, Slice, isPresent, lengthOf, pointerOf, slice } from "as-bytes/assembly";

/** The bytes of an array that the caller keeps. */
export function bytesOf(array: Uint8Array): Slice {
  return slice(array.dataStart, array.length);
}

/** As `bytesOf`; null is the missing value. */
export function optionalBytesOf(array: Uint8Array | null): Slice {
  return array ? bytesOf(array) : NONE;
}

/** A copy for JavaScript. */
export function copyOf(s: Slice): Uint8Array {
  const copy = new Uint8Array(lengthOf(s));
  memory.copy(copy.dataStart, pointerOf(s), <usize>lengthOf(s));
  return copy;
}

/** A copy for JavaScript; null for the missing value. */
export function optionalCopyOf(s: Slice): Uint8Array | null {
  return isPresent(s) ? copyOf(s) : null;
}
