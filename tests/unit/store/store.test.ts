import { beforeEach, describe, expect, it } from "vitest";
import { StoreModule, costOfEntry, costOfTable, type TestStore } from "../support/store.ts";

const MIB = 1 << 20;

const module = new StoreModule();
const entryCost = costOfEntry(module);

function held(store: TestStore, keys: string): string {
  return Array.from(keys)
    .filter((key) => store.find(key) !== null)
    .join("");
}

function fill(store: TestStore, keys: string): void {
  for (const key of keys) store.put(key, `value of ${key}`);
}

describe("a value", () => {
  let store: TestStore;

  beforeEach(() => {
    store = module.newStore(100, MIB);
  });

  it("is found under its key and no other", () => {
    fill(store, "ab");
    expect([store.find("a"), store.find("b"), store.find("c")]).toEqual(["value of a", "value of b", null]);
    expect([store.find("A"), store.find("a "), store.find("")]).toEqual([null, null, null]);
  });

  it("may be empty, and is not missing then", () => {
    expect(store.put("a", "")).toBe(true);
    expect(store.find("a")).toBe("");
  });

  it("may have an empty key", () => {
    expect(store.put("", "value")).toBe(true);
    expect(store.find("")).toBe("value");
    expect(store.remove("")).toBe(true);
    expect(store.find("")).toBeNull();
  });

  it("replaces the one before it, whether longer or shorter", () => {
    for (const value of ["first", "a longer second one", "3", ""]) {
      store.put("a", value);
      expect(store.find("a")).toBe(value);
      expect(store.entries).toBe(1);
      expect(store.bytes).toBe(costOfTable(module, 100, MIB) + entryCost + 1 + value.length);
    }
    expect(store.evictions).toBe(0);
  });

  it("may be written over where it is", () => {
    fill(store, "ab");
    store.overwrite("a", 0x7a);
    expect([store.find("a"), store.find("b")]).toEqual(["zzzzzzzzzz", "value of b"]);
  });

  it("is gone after remove, which says whether it was there", () => {
    fill(store, "ab");
    expect([store.remove("a"), store.remove("a"), store.remove("c")]).toEqual([true, false, false]);
    expect(held(store, "ab")).toBe("b");
  });
});

describe("a store that nothing was put into", () => {
  it("takes no memory, whatever it is asked", () => {
    const store = module.newStore(1_000_000, 512 * MIB);
    const pages = module.memoryPages();
    expect([store.find("a"), store.remove("a")]).toEqual([null, false]);
    store.resize(500_000, 256 * MIB);
    expect([store.entries, store.bytes, module.memoryPages()]).toEqual([0, 0, pages]);
  });
});

describe("a full store", () => {
  it("forgets the least recently used first", () => {
    const store = module.newStore(3, MIB);
    fill(store, "abcd");
    expect(held(store, "abcd")).toBe("bcd");
  });

  it("counts finding and replacing as use", () => {
    const store = module.newStore(3, MIB);
    fill(store, "abc");
    store.find("a");
    store.put("b", "again");
    fill(store, "d");
    expect(held(store, "abcd")).toBe("abd");
  });

  it("does not count looking for what is not there as use", () => {
    const store = module.newStore(2, MIB);
    fill(store, "ab");
    store.find("c");
    fill(store, "d");
    expect(held(store, "abcd")).toBe("bd");
  });

  it("forgets as many as a large value needs, and no more", () => {
    const room = costOfTable(module, 6, MIB) + 4 * (entryCost + 11);
    const store = module.newStore(6, room);
    fill(store, "abcd");
    expect(held(store, "abcd")).toBe("abcd");
    store.put("e", "x".repeat(10 + entryCost + 11));
    expect(held(store, "abcde")).toBe("cde");
    expect(store.bytes).toBe(room);
  });

  it("counts what had to go, and not what was replaced or removed", () => {
    const store = module.newStore(2, MIB);
    fill(store, "ab");
    fill(store, "ab");
    store.remove("a");
    expect(store.evictions).toBe(0);
    fill(store, "cde");
    expect(store.evictions).toBe(2);
  });
});

describe("a value that can never fit", () => {
  it("is refused, and only what was under its key is gone", () => {
    const store = module.newStore(3, 1000);
    fill(store, "ab");
    expect(store.put("a", "x".repeat(1000))).toBe(false);
    expect(held(store, "ab")).toBe("b");
    expect(store.evictions).toBe(0);
  });

  it("is one byte more than the bound allows", () => {
    const most = 1000 - costOfTable(module, 3, MIB) - entryCost - 1;
    const store = module.newStore(3, 1000);
    expect(store.put("a", "x".repeat(most))).toBe(true);
    expect(store.bytes).toBe(1000);
    expect(store.put("a", "x".repeat(most + 1))).toBe(false);
  });

  it.each([-1, -2147483648, (1 << 28) + 1, 2147483647])("may have the impossible length %i", (length) => {
    const store = module.newStore(3, 2 ** 40);
    fill(store, "ab");
    expect(store.reserve("a", length)).toBe(false);
    expect(held(store, "ab")).toBe("b");
  });

  it("is any value where the bound does not even hold the table", () => {
    const store = module.newStore(1000, costOfTable(module, 1, MIB) - 1);
    expect(store.put("", "")).toBe(false);
    expect([store.entries, store.bytes]).toEqual([0, 0]);
  });
});

describe("new bounds", () => {
  it("forget the least recently used until the rest fits", () => {
    const store = module.newStore(10, MIB);
    fill(store, "abcdef");
    store.find("a");
    store.resize(3, MIB);
    expect(held(store, "abcdef")).toBe("aef");
    store.resize(3, costOfTable(module, 3, MIB) + entryCost + 11);
    expect(store.entries).toBe(1);
  });

  it("keep everything where there is more room now", () => {
    const store = module.newStore(4, MIB);
    fill(store, "abcd");
    store.resize(100_000, 64 * MIB);
    fill(store, "efgh");
    expect(held(store, "abcdefgh")).toBe("abcdefgh");
  });

  it("keep the newest where the table of the old bounds would not fit the new ones", () => {
    const store = module.newStore(1000, MIB);
    fill(store, "abc");
    const room = costOfTable(module, 6, MIB) + 2 * (entryCost + 11);
    expect(costOfTable(module, 1000, MIB)).toBeGreaterThan(room);
    store.resize(6, room);
    expect(held(store, "abc")).toBe("bc");
  });

  it("keep the order of use", () => {
    const store = module.newStore(4, MIB);
    fill(store, "abcd");
    store.find("b");
    store.resize(1000, MIB);
    store.resize(4, MIB);
    fill(store, "ef");
    expect(held(store, "abcdef")).toBe("bdef");
  });

  it("count what they made go, in part or as a whole", () => {
    const store = module.newStore(10, MIB);
    fill(store, "abcdef");
    store.resize(4, MIB);
    expect(store.evictions).toBe(2);
    store.resize(4, 0);
    expect([store.entries, store.evictions]).toEqual([0, 6]);
  });
});

describe("bounds that not even a table fits into", () => {
  it.each([3, 10, 1000])("leave nothing of what was held (%i entries)", (maxEntries) => {
    const store = module.newStore(maxEntries, MIB);
    fill(store, "abc");
    store.resize(maxEntries, costOfTable(module, 1, MIB) - 1);
    expect([store.entries, store.bytes, held(store, "abc")]).toEqual([0, 0, ""]);
    store.resize(maxEntries, MIB);
    fill(store, "d");
    expect(store.find("d")).toBe("value of d");
  });
});

describe("the table", () => {
  it.each([
    [6, MIB],
    [10_000, 8 * MIB],
    [100_000, 64 * MIB],
    [1_000_000, 64 * 1024],
    [1_000_000, MIB],
    [2_147_483_647, MIB],
  ])("of %i entries and %i bytes has a place for each that fits, and not many more", (maxEntries, maxBytes) => {
    const most = Math.min(maxEntries, maxBytes / entryCost);
    const places = costOfTable(module, maxEntries, maxBytes) / 4;
    expect(places).toBeGreaterThan(most);
    expect(places).toBeLessThan(3 * most + 8);
  });
});

describe("a VM without much memory left", () => {
  it("takes no more values, and keeps what it has", () => {
    const poor = new StoreModule();
    const store = poor.newStore(10, MIB);
    fill(store, "ab");
    const other = poor.newStore(10, MIB);
    // Envoy gives a module a GiB, and stores leave the last of it to others.
    expect(poor.takeMemory(15_900)).toBe(true);
    expect([store.put("c", "value"), other.put("a", "value")]).toEqual([false, false]);
    expect(held(store, "abc")).toBe("ab");
    expect([other.entries, other.bytes]).toEqual([0, 0]);
    expect(store.put("a", "x".repeat(100))).toBe(false);
    expect(held(store, "abc")).toBe("b");
  });
});

describe("all stores of a VM together", () => {
  const VALUE = 1024 * 1024;

  it("hold 384 MiB at most: one that wants more gives up its own oldest", () => {
    const vm = new StoreModule();
    const first = vm.newStore(1000, 300 * MIB);
    const second = vm.newStore(1000, 300 * MIB);
    first.fill(250, VALUE);
    second.fill(250, VALUE);
    expect(first.entries).toBe(250);
    expect(second.entries).toBeGreaterThan(100);
    expect(first.bytes + second.bytes).toBeLessThanOrEqual(384 * MIB);
  });

  it("store again what others have given back", () => {
    const vm = new StoreModule();
    const first = vm.newStore(1000, 380 * MIB);
    const second = vm.newStore(1000, 300 * MIB);
    first.fill(350, VALUE);
    first.clear();
    second.fill(250, VALUE);
    expect(second.entries).toBe(250);
  });
});

describe("clear", () => {
  it("forgets everything and leaves a store that may be used again", () => {
    const store = module.newStore(3, MIB);
    fill(store, "abc");
    store.clear();
    expect([store.entries, store.bytes, held(store, "abc")]).toEqual([0, 0, ""]);
    store.clear();
    fill(store, "abcd");
    expect(held(store, "abcd")).toBe("bcd");
  });

  it("gives the memory back", () => {
    const store = module.newStore(10_000, 8 * MIB);
    const round = (): number => {
      store.fill(5000, 1000);
      store.clear();
      return module.memoryPages();
    };
    const pages = round();
    for (let i = 0; i < 50; i++) round();
    expect(round()).toBe(pages);
  });
});

describe("a hundred thousand entries", () => {
  const COUNT = 100_000;

  it("stay reachable as long as the bounds hold, and the next one pushes out just one", () => {
    const store = module.newStore(COUNT, 64 * MIB);
    for (let i = 0; i < COUNT; i++) store.put(`key ${i}`, `value ${i}`);
    expect([store.entries, store.evictions]).toEqual([COUNT, 0]);
    const lost: number[] = [];
    for (let i = 0; i < COUNT; i++) if (store.find(`key ${i}`) !== `value ${i}`) lost.push(i);
    expect(lost).toEqual([]);
    store.put("one more", "");
    expect([store.find("key 0"), store.find("key 1"), store.entries, store.evictions]).toEqual([
      null,
      "value 1",
      COUNT,
      1,
    ]);
    store.clear();
  });
});

describe("the bytes that a store counts", () => {
  it("are at least those that its blocks take", () => {
    const short: object[] = [];
    for (let length = 0; length < 64; length++) {
      // A heap of its own, so that blocks of one size lie side by side.
      const store = new StoreModule().newStore(6, MIB);
      const taken = store.distance("a", "b", length);
      const counted = entryCost + 1 + length;
      if (taken > counted) short.push({ length, taken, counted });
    }
    expect(short).toEqual([]);
  });
});
