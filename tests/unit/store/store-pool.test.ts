import { beforeEach, describe, expect, it } from "vitest";
import { StoreModule, type TestStorePool } from "../support/store.ts";

const MIB = 1 << 20;

const module = new StoreModule();

describe("a pool of stores", () => {
  let pool: TestStorePool;

  beforeEach(() => {
    pool = module.newPool();
  });

  it("has one store for an identity, and another one for another", () => {
    const first = pool.hold("route a", 10, MIB);
    expect(pool.hold("route a", 10, MIB).handle).toBe(first.handle);
    expect(pool.hold("route b", 10, MIB).handle).not.toBe(first.handle);
    expect(pool.hold("", 10, MIB).handle).not.toBe(first.handle);
  });

  it("keeps what is stored while a new holder comes before the old one goes", () => {
    pool.hold("route", 10, MIB).put("a", "1");
    const next = pool.hold("route", 10, MIB);
    pool.letGo("route");
    expect(next.find("a")).toBe("1");
    next.put("b", "2");
    expect(pool.hold("route", 10, MIB).find("b")).toBe("2");
  });

  it("frees a store once its last holder lets go", () => {
    const store = pool.hold("route", 10, MIB);
    pool.hold("route", 10, MIB);
    store.put("a", "1");
    pool.letGo("route");
    expect(store.entries).toBe(1);
    pool.letGo("route");
    expect([store.entries, store.bytes]).toEqual([0, 0]);
    expect(pool.hold("route", 10, MIB).find("a")).toBeNull();
  });

  it("frees only the store that was let go", () => {
    pool.hold("route a", 10, MIB).put("a", "1");
    pool.hold("route b", 10, MIB).put("b", "2");
    pool.letGo("route a");
    expect(pool.hold("route b", 10, MIB).find("b")).toBe("2");
  });

  it("gives a store the newest holder's bounds", () => {
    const store = pool.hold("route", 10, MIB);
    for (const key of "abcdef") store.put(key, key);
    pool.hold("route", 2, MIB);
    expect([store.entries, store.find("e"), store.find("f")]).toEqual([2, "e", "f"]);
    pool.hold("route", 10, MIB);
    for (const key of "abcd") store.put(key, key);
    expect(store.entries).toBe(6);
  });

  it("is not troubled by who lets go of what nobody holds", () => {
    pool.letGo("route");
    pool.hold("route", 10, MIB).put("a", "1");
    pool.letGo("other");
    expect(pool.hold("route", 10, MIB).find("a")).toBe("1");
    for (let i = 0; i < 4; i++) pool.letGo("route");
    expect(pool.hold("route", 10, MIB).find("a")).toBeNull();
  });
});
