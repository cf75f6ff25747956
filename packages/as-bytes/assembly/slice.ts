import { equalBytes } from "./memory";

/**
 * A slice is a run of bytes in linear memory that somebody else owns: pointer and length packed into one u64, so that
 * reading a request allocates nothing. Everything that comes from outside is bytes until somebody needs text: two
 * different header values that are not UTF-8 decode to the same String, and decoding costs four times the scan.
 *
 * A missing value is `NONE`; an empty value is a slice of length 0 that is not `NONE`. No function here reads outside
 * the slice it is given.
 *
 * To the language a slice is a number, and any other number would pass for one. `transform.js` makes it a type of its own
 * while a program is compiled, without a trace in the module.
 */
export type Slice = u64;

/** The missing value. It has length 0 and equals no other slice, the empty one included. */
export const NONE: Slice = <Slice>0;

/** An address for slices of length 0, so that they differ from `NONE`. */
const EMPTY_AT: usize = 1;

/** The slice of `length` bytes at `pointer`. Never `NONE`, even when empty. */
@inline
export function slice(pointer: usize, length: i32): Slice {
  return <Slice>(((<u64>(pointer == 0 ? EMPTY_AT : pointer)) << 32) | (<u64>(<u32>length)));
}

/** The present but empty value. */
@inline
export function empty(): Slice {
  return slice(EMPTY_AT, 0);
}


@inline
export function pointerOf(s: Slice): usize {
  return <usize>((<u64>s) >> 32);
}

/** The number of bytes; 0 for `NONE`. */
@inline
export function lengthOf(s: Slice): i32 {
  return <i32>(<u32>s);
}


@inline
export function isPresent(s: Slice): bool {
  return s != NONE;
}

/** The byte at `index`, or -1 outside the slice. */
@inline
export function byteAt(s: Slice, index: i32): i32 {
  return <u32>index < <u32>lengthOf(s) ? <i32>load<u8>(pointerOf(s) + <usize>index) : -1;
}

/** The bytes from `start` up to `end` (exclusive), both clamped to the slice. */
export function sub(s: Slice, start: i32, end: i32 = i32.MAX_VALUE): Slice {
  const length = lengthOf(s);
  const from = max(0, min(start, length));
  const to = max(from, min(end, length));
  return slice(pointerOf(s) + <usize>from, to - from);
}

/** Whether both are present and hold the same bytes. */
export function equal(a: Slice, b: Slice): bool {
  if (a == NONE || b == NONE || lengthOf(a) != lengthOf(b)) return false;
  return equalBytes(pointerOf(a), pointerOf(b), lengthOf(a));
}

/** Whether both are present and equal but for the case of ASCII letters. */
export function equalIgnoreCase(a: Slice, b: Slice): bool {
  const length = lengthOf(a);
  if (a == NONE || b == NONE || length != lengthOf(b)) return false;
  for (let i = 0; i < length; i++) {
    if (lowerCase(byteAt(a, i)) != lowerCase(byteAt(b, i))) return false;
  }
  return true;
}

export function startsWith(s: Slice, prefix: Slice): bool {
  return (
    isPresent(s) && isPresent(prefix) && lengthOf(s) >= lengthOf(prefix) && equal(sub(s, 0, lengthOf(prefix)), prefix)
  );
}

export function endsWith(s: Slice, suffix: Slice): bool {
  const at = lengthOf(s) - lengthOf(suffix);
  return isPresent(s) && isPresent(suffix) && at >= 0 && equal(sub(s, at), suffix);
}

/** The first position of `byte` at or after `from`, or -1. */
export function indexOf(s: Slice, byte: i32, from: i32 = 0): i32 {
  const length = lengthOf(s);
  for (let i = max(0, from); i < length; i++) {
    if (byteAt(s, i) == byte) return i;
  }
  return -1;
}

/** An ASCII letter's lower case; any other byte (and -1) as it is. */
@inline
export function lowerCase(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** The slice, which is UTF-8, as text; what is not becomes some other text. For messages and configuration only. */
export function textOf(s: Slice): string {
  return String.UTF8.decodeUnsafe(pointerOf(s), <usize>lengthOf(s));
}

/**
 * The UTF-8 bytes of a text that lives as long as the module or a configuration: the copy is never freed by the
 * collector, the caller keeps it or gives it to `release`.
 */
export function persist(text: string): Slice {
  const length = String.UTF8.byteLength(text);
  if (length == 0) return empty();
  const pointer = heap.alloc(<usize>length);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, pointer);
  return slice(pointer, length);
}

/** A copy of the bytes outside the collector; the caller keeps it or gives it to `release`. `NONE` stays `NONE`. */
export function copy(s: Slice): Slice {
  const length = lengthOf(s);
  if (length == 0) return s == NONE ? NONE : empty();
  const pointer = heap.alloc(<usize>length);
  memory.copy(pointer, pointerOf(s), <usize>length);
  return slice(pointer, length);
}

/** Frees what `persist` or `copy` gave. `NONE` and empty slices own nothing. */
export function release(s: Slice): void {
  if (lengthOf(s) > 0) heap.free(pointerOf(s));
}
