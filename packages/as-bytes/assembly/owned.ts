import { NONE, Slice, empty, lengthOf, pointerOf, slice } from "./slice";

/**
 * A copy of a slice that the collector frees when nobody refers to it any more: for what outlives a callback off the
 * hot path. `view()` is good as long as this object is.
 */
export class OwnedBytes {
  private block: StaticArray<u8>;
  private present: bool;

  constructor(source: Slice) {
    const length = lengthOf(source);
    const block = new StaticArray<u8>(length);
    // The collector does not move objects, so the block's address holds.
    memory.copy(changetype<usize>(block), pointerOf(source), <usize>length);
    this.block = block;
    this.present = source != NONE;
  }

  /** The bytes; `NONE` when the copied slice was. */
  view(): Slice {
    if (!this.present) return NONE;
    return this.block.length == 0 ? empty() : slice(changetype<usize>(this.block), this.block.length);
  }
}
