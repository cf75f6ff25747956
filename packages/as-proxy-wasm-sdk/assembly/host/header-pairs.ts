import { NONE, Slice, equalIgnoreCase, lengthOf, pointerOf, slice } from "as-bytes/assembly";
import { arenaAllocate, arenaEpoch, isLiveEpoch } from "../memory/arena";

/**
 * Reads a list of headers in the ABI's serialisation: the count, then each pair's two lengths, then each pair's name
 * and value with a NUL after each. Everything is checked when it is parsed; bytes that are not exactly such a list are
 * an empty one. Good until the callback returns, after which it is empty.
 */
export class HeaderPairs {
  private pairs: i32 = 0;
  private lengths: usize = 0;
  /** Where each pair's name begins: lengths alone would make reading all headers quadratic. */
  private starts: usize = 0;
  private epoch: u32 = 0;

  /** How many headers there are; a repeated header counts each time. */
  get count(): i32 {
    return isLiveEpoch(this.epoch) ? this.pairs : 0;
  }

  /** Whether what is read lies outside of the innermost `ArenaMark`, and outlives it. */
  get isOfOuterMark(): bool {
    return this.epoch != arenaEpoch() && isLiveEpoch(this.epoch);
  }

  /** The name of header `index`, in lower case as Envoy gives it; `NONE` outside the list. */
  name(index: i32): Slice {
    if (<u32>index >= <u32>this.count) return NONE;
    return slice(this.start(index), this.nameSize(index));
  }

  /** The value of header `index`; `NONE` outside the list. */
  value(index: i32): Slice {
    if (<u32>index >= <u32>this.count) return NONE;
    return slice(this.start(index) + <usize>this.nameSize(index) + 1, this.valueSize(index));
  }

  /** The first header with this name at or after `from`, or -1: how to see all values of a repeated header. */
  indexOf(name: Slice, from: i32 = 0): i32 {
    for (let i = max(from, 0); i < this.count; i++) {
      if (equalIgnoreCase(this.name(i), name)) return i;
    }
    return -1;
  }

  /** Reads a list; false when it is malformed. No bytes, and fewer than a count has, are an empty list. */
  parse(bytes: Slice): bool {
    this.pairs = 0;
    this.epoch = arenaEpoch();
    const size = <u64>lengthOf(bytes);
    // The specification lets an empty map be nothing at all or a single 0 byte.
    if (size < 4) return size == 0 || load<u8>(pointerOf(bytes)) == 0;
    const count = <u64>load<u32>(pointerOf(bytes));
    let at = 4 + count * 8;
    if (at > size) return false;
    const starts = arenaAllocate(<usize>count * 4);
    if (starts == 0) return false;
    this.lengths = pointerOf(bytes) + 4;
    this.starts = starts;
    for (let i = 0; i < <i32>count; i++) {
      store<u32>(starts + ((<usize>i) << 2), <u32>(pointerOf(bytes) + <usize>at));
      at = endOfText(bytes, at, <u64>this.nameSize(i));
      if (at == 0) return false;
      at = endOfText(bytes, at, <u64>this.valueSize(i));
      if (at == 0) return false;
    }
    if (at != size) return false;
    this.pairs = <i32>count;
    return true;
  }


  @inline
  private start(index: i32): usize {
    return <usize>load<u32>(this.starts + ((<usize>index) << 2));
  }


  @inline
  private nameSize(index: i32): u32 {
    return load<u32>(this.lengths + ((<usize>index) << 3));
  }


  @inline
  private valueSize(index: i32): u32 {
    return load<u32>(this.lengths + ((<usize>index) << 3), 4);
  }
}

/** Where what follows a text of `size` bytes and its NUL begins; 0 when it does not fit or has no NUL. */
function endOfText(bytes: Slice, at: u64, size: u64): u64 {
  const end = at + size;
  if (end >= <u64>lengthOf(bytes)) return 0;
  return load<u8>(pointerOf(bytes) + <usize>end) == 0 ? end + 1 : 0;
}
