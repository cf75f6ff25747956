import * as slices from "as-bytes/assembly";
import { ByteBuffer, NONE, OwnedBytes, Slice, isPresent, lengthOf, pointerOf, slice } from "as-bytes/assembly";

const PAGE_BITS: i32 = 16;

/** The last page of memory that `atMemoryEnd` made. */
let lastPage: i32 = 0;

let owned = new OwnedBytes(NONE);

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

/**
 * The bytes as the last ones of memory, good until the next call: who reads one byte too many traps. What does not fit
 * one page stays where it is.
 */
export function atMemoryEnd(array: Uint8Array): Slice {
  if (array.length > 1 << PAGE_BITS) return bytesOf(array);
  if (memory.size() != lastPage) {
    memory.grow(1);
    lastPage = memory.size();
  }
  const at = ((<usize>lastPage) << PAGE_BITS) - <usize>array.length;
  memory.copy(at, array.dataStart, <usize>array.length);
  return slice(at, array.length);
}

/** Takes so many pages of memory that nobody uses; false when there are not so many. */
export function memoryTake(pages: i32): bool {
  return memory.grow(pages) >= 0;
}

export function memoryLimitKept(bytes: u64): void {
  slices.limitKept(bytes);
}

export function memoryMayBeKept(size: u64): bool {
  return slices.mayBeKept(size);
}

export function memoryLeftFor(size: u64, headroom: u64): bool {
  return slices.memoryIsLeftFor(size, headroom);
}

/** The size of memory, in pages. */
export function memoryPages(): i32 {
  return memory.size();
}

export function sliceLength(s: Uint8Array | null): i32 {
  return lengthOf(optionalBytesOf(s));
}

export function slicePresent(s: Uint8Array | null): bool {
  return isPresent(optionalBytesOf(s));
}

/** What `slice` makes of no bytes at an address, and `empty()`. */
export function emptySlicesPresent(): bool {
  return isPresent(slice(0, 0)) && isPresent(slice(1 << 20, 0)) && isPresent(slices.empty());
}

export function sliceByteAt(s: Uint8Array | null, index: i32): i32 {
  return slices.byteAt(optionalBytesOf(s), index);
}

export function sliceSub(s: Uint8Array | null, start: i32, end: i32): Uint8Array | null {
  return optionalCopyOf(slices.sub(optionalBytesOf(s), start, end));
}

export function sliceFrom(s: Uint8Array | null, start: i32): Uint8Array | null {
  return optionalCopyOf(slices.sub(optionalBytesOf(s), start));
}

export function sliceEqual(a: Uint8Array | null, b: Uint8Array | null): bool {
  return slices.equal(optionalBytesOf(a), optionalBytesOf(b));
}

export function sliceEqualIgnoreCase(a: Uint8Array | null, b: Uint8Array | null): bool {
  return slices.equalIgnoreCase(optionalBytesOf(a), optionalBytesOf(b));
}

export function sliceStartsWith(s: Uint8Array | null, prefix: Uint8Array | null): bool {
  return slices.startsWith(optionalBytesOf(s), optionalBytesOf(prefix));
}

export function sliceEndsWith(s: Uint8Array | null, suffix: Uint8Array | null): bool {
  return slices.endsWith(optionalBytesOf(s), optionalBytesOf(suffix));
}

export function sliceIndexOf(s: Uint8Array | null, byte: i32, from: i32): i32 {
  return slices.indexOf(optionalBytesOf(s), byte, from);
}

export function byteLowerCase(byte: i32): i32 {
  return slices.lowerCase(byte);
}

/** The text of bytes at the end of memory. */
export function sliceText(s: Uint8Array | null): string {
  return slices.textOf(s ? atMemoryEnd(s) : NONE);
}

/** What a copy holds after its source has been written over. */
export function sliceCopy(s: Uint8Array | null): Uint8Array | null {
  const copied = slices.copy(optionalBytesOf(s));
  if (s) s.fill(0xee);
  const held = optionalCopyOf(copied);
  slices.release(copied);
  return held;
}

export function slicePersist(text: string): Uint8Array | null {
  const bytes = slices.persist(text);
  const held = optionalCopyOf(bytes);
  slices.release(bytes);
  return held;
}

/** Keeps a copy for `ownedView` and then writes over its source. */
export function ownedKeep(s: Uint8Array | null): void {
  owned = new OwnedBytes(optionalBytesOf(s));
  if (s) s.fill(0xee);
}

export function ownedView(): Uint8Array | null {
  return optionalCopyOf(owned.view());
}

export function newBuffer(): ByteBuffer {
  return new ByteBuffer();
}

export function bufferLength(buffer: ByteBuffer): i32 {
  return buffer.length;
}

export function bufferView(buffer: ByteBuffer): Uint8Array | null {
  return optionalCopyOf(buffer.view());
}

export function bufferClear(buffer: ByteBuffer): void {
  buffer.clear();
}

export function bufferTruncate(buffer: ByteBuffer, length: i32): void {
  buffer.truncate(length);
}

export function bufferByte(buffer: ByteBuffer, byte: i32): void {
  buffer.byte(byte);
}

export function bufferU32(buffer: ByteBuffer, value: u32): void {
  buffer.u32(value);
}

export function bufferBytes(buffer: ByteBuffer, bytes: Uint8Array | null): void {
  buffer.bytes(optionalBytesOf(bytes));
}

export function bufferText(buffer: ByteBuffer, text: string): void {
  buffer.text(text);
}

export function bufferDecimal(buffer: ByteBuffer, value: i64): void {
  buffer.decimal(value);
}

export function bufferToLowerCase(buffer: ByteBuffer): void {
  buffer.toLowerCase();
}

export function bufferShrink(buffer: ByteBuffer, most: i32): void {
  buffer.shrink(most);
}

export function bufferDispose(buffer: ByteBuffer): void {
  buffer.dispose();
}
