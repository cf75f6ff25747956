/**
 * Draws from 1 … n with the probability of k in proportion to 1/k (Zipf's law with exponent 1), the same sequence for
 * the same seed.
 */
export class Zipf {
  readonly #cumulated: Float64Array;
  #state: number;

  constructor(n: number, seed: number) {
    this.#cumulated = new Float64Array(n);
    this.#state = seed;
    let sum = 0;
    for (let k = 1; k <= n; k++) {
      sum += 1 / k;
      this.#cumulated[k - 1] = sum;
    }
  }

  next(): number {
    const total = this.#cumulated[this.#cumulated.length - 1] ?? 0;
    const point = this.#uniform() * total;
    let [low, high] = [0, this.#cumulated.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cumulated[middle] ?? 0) > point) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  }

  /** At least 0 and below 1: Mulberry32, a small generator that is good enough for load. */
  #uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
