import { copyBytes } from "./memory";
import { Slice, slice, pointerOf, lengthOf, lowerCase } from "./slice";

/** What a `ByteBuffer` holds before it grows for the first time. */
const FIRST_CAPACITY: i32 = 256;

/**
 * A growable run of bytes, written front to back and used again after `clear`: keys, paths and command URLs are built in
 * a few of them that live as long as their owner, so that building one allocates nothing. A slice of it is good until
 * the next write. What is written must not be a slice of the same buffer.
 */
export class ByteBuffer {
  /** The collector's block, so that a buffer is freed with its owner; null before the first write. */
  private block: StaticArray<u8> | null = null;
  /** Where the block is: the collector does not move objects. */
  private pointer: usize = 0;
  private capacity: i32 = 0;
  private used: i32 = 0;

  get length(): i32 {
    return this.used;
  }

  clear(): ByteBuffer {
    this.used = 0;
    return this;
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: i32): void {
    if (length >= 0 && length < this.used) this.used = length;
  }

  /** Adds `length` bytes that the caller writes, all of them and before anything else; returns where they go. */
  room(length: i32): usize {
    this.reserve(length);
    const at = this.pointer + <usize>this.used;
    this.used += length;
    return at;
  }

  /** Everything written; good until the next write. */
  view(): Slice {
    return slice(this.pointer, this.used);
  }

  byte(value: i32): ByteBuffer {
    this.reserve(1);
    store<u8>(this.pointer + <usize>this.used, <u8>value);
    this.used++;
    return this;
  }

  /** Four bytes, the least significant first. */
  u32(value: u32): ByteBuffer {
    this.reserve(4);
    store<u32>(this.pointer + <usize>this.used, value);
    this.used += 4;
    return this;
  }

  bytes(s: Slice): ByteBuffer {
    const length = lengthOf(s);
    if (length > 0) copyBytes(this.room(length), pointerOf(s), length);
    return this;
  }

  /** A text's UTF-8 bytes. */
  text(value: string): ByteBuffer {
    const length = String.UTF8.byteLength(value);
    this.reserve(length);
    String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, this.pointer + <usize>this.used);
    this.used += length;
    return this;
  }

  /** An integer in decimal digits. */
  decimal(value: i64): ByteBuffer {
    if (value < 0) {
      this.byte(0x2d);
      // The magnitude of i64.MIN_VALUE has no i64: unsigned arithmetic has it.
      return this.digits(0 - <u64>value);
    }
    return this.digits(<u64>value);
  }

  /** Turns what was written to lower case, as far as it is ASCII. */
  toLowerCase(): ByteBuffer {
    for (let i = 0; i < this.used; i++) {
      const at = this.pointer + <usize>i;
      store<u8>(at, <u8>lowerCase(<i32>load<u8>(at)));
    }
    return this;
  }

  /** Clears the buffer, and gives its memory back when it is more than `most` bytes: for what one request made large. */
  shrink(most: i32): void {
    if (this.capacity > most) this.dispose();
    else this.clear();
  }

  /** Gives the memory back; the buffer may be written again. */
  dispose(): void {
    this.block = null;
    this.pointer = 0;
    this.capacity = 0;
    this.used = 0;
  }

  private digits(value: u64): ByteBuffer {
    this.reserve(20);
    let count = 1;
    for (let rest = value / 10; rest > 0; rest /= 10) count++;
    for (let i = count - 1, rest = value; i >= 0; i--, rest /= 10) {
      store<u8>(this.pointer + <usize>(this.used + i), <u8>(0x30 + (rest % 10)));
    }
    this.used += count;
    return this;
  }


  @inline
  private reserve(extra: i32): void {
    if (this.used + extra > this.capacity) this.grow(this.used + extra);
  }

  private grow(needed: i32): void {
    const capacity = max(max(FIRST_CAPACITY, needed), this.capacity + (this.capacity >> 1));
    const block = new StaticArray<u8>(capacity);
    memory.copy(changetype<usize>(block), this.pointer, <usize>this.used);
    this.block = block;
    this.pointer = changetype<usize>(block);
    this.capacity = capacity;
  }
}
