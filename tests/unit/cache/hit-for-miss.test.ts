import { beforeEach, describe, expect, it } from "vitest";
import { addHitForMiss, hasHitForMiss, newHitForMiss, removeHitForMiss } from "../support/cache-store.ts";

beforeEach(() => {
  newHitForMiss();
});

describe("a key whose response could not be shared", () => {
  it("is remembered for ten seconds from the last time", () => {
    addHitForMiss("a", 1000);
    expect([1000, 10_999, 11_000].map((now) => hasHitForMiss("a", now))).toEqual([true, true, false]);
    addHitForMiss("a", 5000);
    expect([11_000, 14_999, 15_000].map((now) => hasHitForMiss("a", now))).toEqual([true, true, false]);
    expect(hasHitForMiss("b", 1000)).toBe(false);
  });

  it("is forgotten once one may be", () => {
    addHitForMiss("a", 1000);
    removeHitForMiss("a");
    expect(hasHitForMiss("a", 1000)).toBe(false);
  });

  it("takes the place of the oldest where there are too many", () => {
    for (let i = 0; i < 10_000; i++) addHitForMiss(`key-${i}`, 1000);
    expect([hasHitForMiss("key-0", 1000), hasHitForMiss("key-9999", 1000)]).toEqual([false, true]);
  });
});
