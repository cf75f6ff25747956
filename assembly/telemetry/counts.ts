/** Counts what happens between two times that somebody takes the counts. */
export class Counts {
  private counts: StaticArray<u32>;

  /** `size` is how many counts there are, numbered from 0. */
  constructor(size: i32) {
    this.counts = new StaticArray<u32>(size);
  }

  /** One more. */
  add(count: i32): void {
    if (<u32>count < <u32>this.counts.length) unchecked((this.counts[count] += 1));
  }

  /** How many there were since the last time, and starts over. */
  take(count: i32): u32 {
    if (<u32>count >= <u32>this.counts.length) return 0;
    const value = unchecked(this.counts[count]);
    unchecked((this.counts[count] = 0));
    return value;
  }
}
