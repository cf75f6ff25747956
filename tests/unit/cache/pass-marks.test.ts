import { beforeEach, describe, expect, it } from "vitest";
import { addPassMark, hasPassMark, newPassMarks, removePassMark } from "../support/cache-store.ts";

beforeEach(() => {
  newPassMarks();
});

describe("a key whose response could not be shared", () => {
  it("is remembered for ten seconds from the last time", () => {
    addPassMark("a", 1000);
    expect([1000, 10_999, 11_000].map((now) => hasPassMark("a", now))).toEqual([true, true, false]);
    addPassMark("a", 5000);
    expect([11_000, 14_999, 15_000].map((now) => hasPassMark("a", now))).toEqual([true, true, false]);
    expect(hasPassMark("b", 1000)).toBe(false);
  });

  it("is forgotten once one may be", () => {
    addPassMark("a", 1000);
    removePassMark("a");
    expect(hasPassMark("a", 1000)).toBe(false);
  });

  it("takes the place of the oldest where there are too many", () => {
    for (let i = 0; i < 10_000; i++) addPassMark(`key-${i}`, 1000);
    expect([hasPassMark("key-0", 1000), hasPassMark("key-9999", 1000)]).toEqual([false, true]);
  });
});
