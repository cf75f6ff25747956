import { ByteBuffer, NONE, Slice, copyBytes, empty, lengthOf, pointerOf, sub } from "as-bytes/assembly";

/** Limits of proxy-wasm-cpp-host (its limits.h): what is over them it reads as an empty map. */
const MOST_PAIRS: i32 = 1024;
const MOST_BYTES: u64 = 1024 * 1024;

/** The count, then each pair's two lengths, then each pair's name and value with a NUL after each. */
const COUNT_SIZE: i32 = 4;
const LENGTHS_SIZE: i32 = 8;

/**
 * Builds a list of headers in the ABI's serialisation. Made to be kept and used again after `clear`: once its buffers
 * have grown, building allocates nothing.
 */
export class PairsBuilder {
  /** The count, which `view` writes, and the lengths. */
  private lengths: ByteBuffer = new ByteBuffer();
  private texts: ByteBuffer = new ByteBuffer();
  private whole: ByteBuffer = new ByteBuffer();
  private pairs: i32 = 0;
  private refused: bool = false;

  get count(): i32 {
    return this.pairs;
  }

  /** Whether everything that was added is in. */
  get valid(): bool {
    return !this.refused;
  }

  clear(): PairsBuilder {
    this.lengths.clear();
    this.texts.clear();
    this.pairs = 0;
    this.refused = false;
    return this;
  }

  /**
   * Adds a header; a name may come more than once. A `NONE`, or what the host's limits (1,024 pairs, 1 MiB) have no
   * room for, is left out and makes the builder invalid: every call that is given it then says `BadArgument`.
   */
  add(name: Slice, value: Slice): PairsBuilder {
    const nameSize = lengthOf(name);
    const valueSize = lengthOf(value);
    const size =
      <u64>COUNT_SIZE +
      <u64>(this.pairs + 1) * LENGTHS_SIZE +
      <u64>this.texts.length +
      <u64>nameSize +
      <u64>valueSize +
      2;
    if (name == NONE || value == NONE || this.pairs == MOST_PAIRS || size > MOST_BYTES) {
      this.refused = true;
      return this;
    }
    if (this.pairs == 0) this.lengths.clear().u32(0);
    store<u64>(this.lengths.room(LENGTHS_SIZE), ((<u64>valueSize) << 32) | (<u64>nameSize));
    const at = this.texts.room(nameSize + valueSize + 2);
    const valueAt = at + <usize>nameSize + 1;
    copyBytes(at, pointerOf(name), nameSize);
    store<u8>(at + <usize>nameSize, 0);
    copyBytes(valueAt, pointerOf(value), valueSize);
    store<u8>(valueAt + <usize>valueSize, 0);
    this.pairs++;
    return this;
  }

  /** Adds all headers of another one, as `add` does. */
  addAll(other: PairsBuilder): PairsBuilder {
    const size = <u64>this.lengths.length + other.lengths.length + this.texts.length + other.texts.length;
    if (other.refused || this.pairs + other.pairs > MOST_PAIRS || size > MOST_BYTES) {
      this.refused = true;
      return this;
    }
    if (other.pairs == 0) return this;
    if (this.pairs == 0) this.lengths.clear().u32(0);
    this.lengths.bytes(sub(other.lengths.view(), COUNT_SIZE));
    this.texts.bytes(other.texts.view());
    this.pairs += other.pairs;
    return this;
  }

  /** The serialised pairs, good until the builder is touched again. No pairs are an empty slice. */
  view(): Slice {
    if (this.pairs == 0) return empty();
    const lengths = this.lengths.view();
    store<u32>(pointerOf(lengths), this.pairs);
    return this.whole.clear().bytes(lengths).bytes(this.texts.view()).view();
  }
}
