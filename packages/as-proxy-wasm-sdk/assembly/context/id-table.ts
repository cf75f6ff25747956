const FIRST_CAPACITY_BITS: u64 = 6;
const FIRST_CAPACITY: i32 = 1 << (<i32>FIRST_CAPACITY_BITS);

/**
 * Finds objects by the numbers the host knows them by. Open addressing with linear probing over two flat arrays, at
 * most half full, and deletion that moves the followers back instead of leaving tombstones: a look-up costs the same
 * after millions of streams have come and gone, and does not grow with the live ones.
 */
export class IdTable<T> {
  private keys: StaticArray<u64> = new StaticArray<u64>(FIRST_CAPACITY);
  private values: StaticArray<T | null> = new StaticArray<T | null>(FIRST_CAPACITY);
  private mask: i32 = FIRST_CAPACITY - 1;
  /** 64 less the number of bits in a position. */
  private shift: u64 = 64 - FIRST_CAPACITY_BITS;
  private used: i32 = 0;

  get size(): i32 {
    return this.used;
  }

  /** The object with this key, or null. */
  get(key: u64): T | null {
    return unchecked(this.values[this.position(key)]);
  }

  /** Adds an object; returns the one that had the key before. */
  put(key: u64, value: T): T | null {
    let at = this.position(key);
    const before = unchecked(this.values[at]);
    if (before === null) {
      if ((this.used + 1) << 1 > this.mask + 1) {
        this.grow();
        at = this.position(key);
      }
      this.used++;
    }
    unchecked((this.keys[at] = key));
    unchecked((this.values[at] = value));
    return before;
  }

  /** Removes and returns the object with this key, or null. */
  take(key: u64): T | null {
    let hole = this.position(key);
    const taken = unchecked(this.values[hole]);
    if (taken === null) return null;
    // A follower may move into the hole unless that would put it before its home.
    for (let at = (hole + 1) & this.mask; ; at = (at + 1) & this.mask) {
      const follower = unchecked(this.values[at]);
      if (follower === null) break;
      const followerKey = unchecked(this.keys[at]);
      if (((at - this.home(followerKey)) & this.mask) >= ((at - hole) & this.mask)) {
        unchecked((this.keys[hole] = followerKey));
        unchecked((this.values[hole] = follower));
        hole = at;
      }
    }
    unchecked((this.values[hole] = null));
    this.used--;
    return taken;
  }

  /** How many slots a look-up of this key reads. */
  probeLength(key: u64): i32 {
    return ((this.position(key) - this.home(key)) & this.mask) + 1;
  }

  /** Where the key is, or the free slot where it would go. */
  private position(key: u64): i32 {
    let at = this.home(key);
    while (unchecked(this.values[at]) !== null && unchecked(this.keys[at]) != key) at = (at + 1) & this.mask;
    return at;
  }

  /** Fibonacci hashing: the host's ids count up, and its top bits spread a run of them evenly over the table. */
  @inline
  private home(key: u64): i32 {
    return <i32>((key * 0x9e3779b97f4a7c15) >> this.shift);
  }

  private grow(): void {
    const keys = this.keys;
    const values = this.values;
    const capacity = values.length << 1;
    this.keys = new StaticArray<u64>(capacity);
    this.values = new StaticArray<T | null>(capacity);
    this.mask = capacity - 1;
    this.shift--;
    for (let i = 0; i < keys.length; i++) {
      const value = unchecked(values[i]);
      if (value === null) continue;
      const at = this.position(unchecked(keys[i]));
      unchecked((this.keys[at] = unchecked(keys[i])));
      unchecked((this.values[at] = value));
    }
  }
}
