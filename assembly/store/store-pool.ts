import { Store } from "./store";

/** A store and how many configurations hold it. */
class Holding {
  holders: i32 = 0;

  constructor(readonly store: Store) {}
}

/**
 * The stores of one VM, by what they store. During an update the new configuration takes hold of a store before the old
 * one lets go, so what is stored outlives the configuration that stored it. A store that nobody holds is freed.
 */
export class StorePool {
  private holdings: Map<string, Holding> = new Map();

  /** `seed0` and `seed1` key the hashes of all stores; see `Store`. */
  constructor(
    private seed0: u64,
    private seed1: u64,
  ) {}

  /** The store for `identity`, with these bounds from now on: the newest configuration's count. */
  hold(identity: string, maxEntries: i32, maxBytes: i64): Store {
    if (!this.holdings.has(identity)) {
      this.holdings.set(identity, new Holding(new Store(maxEntries, maxBytes, this.seed0, this.seed1)));
    }
    const holding = this.holdings.get(identity);
    holding.holders++;
    holding.store.resize(maxEntries, maxBytes);
    return holding.store;
  }

  /** How many bytes all of them may hold together. */
  get bound(): i64 {
    const holdings = this.holdings.values();
    let bytes: i64 = 0;
    for (let i = 0; i < holdings.length; i++) bytes += holdings[i].store.bound;
    return bytes;
  }

  /** Undoes one `hold`. */
  letGo(identity: string): void {
    if (!this.holdings.has(identity)) return;
    const holding = this.holdings.get(identity);
    if (--holding.holders > 0) return;
    holding.store.clear();
    this.holdings.delete(identity);
  }
}
