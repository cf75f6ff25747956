/** Numbers that a seed decides: the same seed, the same choices. (xorshift128 of G. Marsaglia, 2003.) */
export class Random {
  #x: number;
  #y = 362_436_069;
  #z = 521_288_629;
  #w = 88_675_123;

  constructor(seed: number) {
    this.#x = (seed ^ 0x9e37_79b9) >>> 0;
    // Seeds that lie side by side begin alike.
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number {
    return this.#next() % end;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** Whether one of `times` times comes true. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined && values.length === 0) throw new RangeError("nothing to choose from");
    return value as T;
  }

  /** One of the values, as often as its weight says. */
  weighted<T>(values: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.below(values.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of values) {
      left -= weight;
      if (left < 0) return value;
    }
    throw new RangeError("nothing to choose from");
  }

  /** Each of the values, or not. */
  some<T>(values: readonly T[]): T[] {
    return values.filter(() => this.oneIn(2));
  }

  /** Bytes of which none is among those left out. */
  bytes(most: number, without: (byte: number) => boolean = () => false): Uint8Array {
    const bytes = Uint8Array.from({ length: this.below(most + 1) }, () => this.below(256));
    return bytes.map((byte) => (without(byte) ? 0x61 : byte));
  }

  #next(): number {
    const t = this.#x ^ (this.#x << 11);
    [this.#x, this.#y, this.#z] = [this.#y, this.#z, this.#w];
    this.#w = (this.#w ^ (this.#w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return this.#w;
  }
}
