import { OwnedBytes, Slice, equal, sipHash } from "as-bytes/assembly";

/** One question that is out, which others with the same key share. */
export abstract class Flight {
  private ownedKey: OwnedBytes;

  constructor(
    key: Slice,
    /** The key's hash under the table's seeds. */
    readonly hash: u64,
  ) {
    this.ownedKey = new OwnedBytes(key);
  }

  /** What is asked for: its own copy, for the request that opened it may be gone before an answer comes. */
  get key(): Slice {
    return this.ownedKey.view();
  }
}

/** All questions of a kind that are out, by key. */
export class SingleFlight<F extends Flight> {
  private out: Map<u64, F> = new Map();

  /** `seed0` and `seed1` key the hash. */
  constructor(
    private seed0: u64,
    private seed1: u64,
  ) {}

  get size(): i32 {
    return this.out.size;
  }

  hashOf(key: Slice): u64 {
    return sipHash(key, this.seed0, this.seed1);
  }

  /** The one that is out for a key of that hash; null for none. */
  find(key: Slice, hash: u64): F | null {
    if (!this.out.has(hash)) return null;
    const flight = this.out.get(hash);
    // Two keys of one hash are as good as impossible, and then the second one just does not share.
    return equal(flight.key, key) ? flight : null;
  }

  add(flight: F): void {
    this.out.set(flight.hash, flight);
  }

  /** Nobody finds it any more. */
  remove(flight: F): void {
    if (this.out.has(flight.hash) && this.out.get(flight.hash) == flight) this.out.delete(flight.hash);
  }
}
