import { Slice, byteAt, lengthOf } from "as-bytes/assembly";

/** How many names are told apart without comparing them. */
export const MARKS: i32 = 64;

/** One of `MARKS` numbers, the same for equal names. */
@inline
export function markOf(name: Slice): i32 {
  const length = lengthOf(name);
  return (length ^ (byteAt(name, 0) * 5) ^ (byteAt(name, length - 1) * 11)) & (MARKS - 1);
}

/** The bit of a mark in a set of them. */
@inline
export function bit(mark: i32): u64 {
  return u64(1) << u64(mark);
}
