import { UnitModule } from "./unit-module.ts";

/** A store of the module, with texts for keys and values. */
export interface TestStore {
  /** The object in the module: equal for one store. */
  readonly handle: number;
  put(key: string, value: string): boolean;
  reserve(key: string, length: number): boolean;
  find(key: string): string | null;
  overwrite(key: string, byte: number): void;
  remove(key: string): boolean;
  resize(maxEntries: number, maxBytes: number): void;
  clear(): void;
  /** Puts two values of that length; from the place in memory of the one to that of the other. */
  distance(first: string, second: string, length: number): number;
  /** Puts so many entries of that length, at most 65536. */
  fill(count: number, length: number): void;
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
}

export interface TestStorePool {
  hold(identity: string, maxEntries: number, maxBytes: number): TestStore;
  letGo(identity: string): void;
}

/** The stores of one module, whose memory nothing else takes. */
export class StoreModule {
  private readonly unit = new UnitModule();
  readonly memoryPages = this.unit.function("memoryPages", [], "i32");
  readonly takeMemory = this.unit.function("memoryTake", ["i32"], "bool");
  private readonly make = this.unit.function("newStore", ["i32", "i64"], "object");
  private readonly makePool = this.unit.function("newStorePool", [], "object");
  private readonly hold = this.unit.function("poolHold", ["object", "text", "i32", "i64"], "object");
  private readonly letGo = this.unit.function("poolLetGo", ["object", "text"], "void");
  private readonly put = this.unit.function("storePut", ["object", "bytes", "bytes"], "bool");
  private readonly reserve = this.unit.function("storeReserve", ["object", "bytes", "i32"], "bool");
  private readonly find = this.unit.function("storeFind", ["object", "bytes"], "optionalBytes");
  private readonly overwrite = this.unit.function("storeOverwrite", ["object", "bytes", "i32"], "void");
  private readonly remove = this.unit.function("storeRemove", ["object", "bytes"], "bool");
  private readonly resize = this.unit.function("storeResize", ["object", "i32", "i64"], "void");
  private readonly clear = this.unit.function("storeClear", ["object"], "void");
  private readonly distance = this.unit.function("storeDistance", ["object", "bytes", "bytes", "i32"], "i32");
  private readonly fill = this.unit.function("storeFill", ["object", "i32", "i32"], "void");
  private readonly entries = this.unit.function("storeEntries", ["object"], "i32");
  private readonly bytes = this.unit.function("storeBytes", ["object"], "i64");
  private readonly evictions = this.unit.function("storeEvictions", ["object"], "u64");

  newStore(maxEntries: number, maxBytes: number): TestStore {
    return this.wrap(this.make(maxEntries, BigInt(maxBytes)));
  }

  newPool(): TestStorePool {
    const pool = this.makePool();
    return {
      hold: (identity, maxEntries, maxBytes) => this.wrap(this.hold(pool, identity, maxEntries, BigInt(maxBytes))),
      letGo: (identity) => this.letGo(pool, identity),
    };
  }

  private wrap(handle: number): TestStore {
    const { entries, bytes, evictions } = this;
    return {
      handle,
      put: (key, value) => this.put(handle, key, value),
      reserve: (key, length) => this.reserve(handle, key, length),
      find: (key) => {
        const value = this.find(handle, key);
        return value && Buffer.from(value).toString();
      },
      overwrite: (key, byte) => this.overwrite(handle, key, byte),
      remove: (key) => this.remove(handle, key),
      resize: (maxEntries, maxBytes) => this.resize(handle, maxEntries, BigInt(maxBytes)),
      clear: () => this.clear(handle),
      distance: (first, second, length) => this.distance(handle, first, second, length),
      fill: (count, length) => this.fill(handle, count, length),
      get entries() {
        return entries(handle);
      },
      get bytes() {
        return Number(bytes(handle));
      },
      get evictions() {
        return Number(evictions(handle));
      },
    };
  }
}

/** What an entry takes beside its key and value, as the store counts it. */
export function costOfEntry(module: StoreModule): number {
  const store = module.newStore(6, 1 << 20);
  store.put("a", "");
  const first = store.bytes;
  store.put("b", "");
  const cost = store.bytes - first - 1;
  store.clear();
  return cost;
}

/** What the table of a store with these bounds takes, as the store counts it; 0 where they do not allow one. */
export function costOfTable(module: StoreModule, maxEntries: number, maxBytes: number): number {
  const store = module.newStore(maxEntries, maxBytes);
  store.put("", "");
  store.remove("");
  const cost = store.bytes;
  store.clear();
  return cost;
}
