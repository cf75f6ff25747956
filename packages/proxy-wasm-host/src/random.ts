/** Random bytes that are the same in every run: xorshift32 with a fixed seed. */
export class DeterministicRandom {
  #state: number;

  constructor(seed: number) {
    // Zero is the one state xorshift never leaves.
    this.#state = seed >>> 0 === 0 ? 1 : seed >>> 0;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let index = 0; index < length; index++) out[index] = this.#next() >>> 24;
    return out;
  }

  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state;
  }
}
