import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latestMark, listOfFloor, listWith } from "../support/cache-store.ts";

/** So many URIs are told apart in one list. */
const PLACES = 15;

describe("a list of invalidations", () => {
  it("says of each URI when it was invalidated last, and of others that they never were", () => {
    let list = listWith(null, 1, 100);
    list = listWith(list, 2, 200);
    list = listWith(list, 1, 300);
    expect([1, 2, 3].map((hash) => latestMark(list, hash))).toEqual([300, 200, 0]);
    expect(list).toHaveLength(8 + 2 * 16);
  });

  it("that is full makes of its oldest mark one for all URIs that it does not name", () => {
    let list: Uint8Array | null = null;
    for (let i = 0; i < PLACES; i++) list = listWith(list, i, 100 + i);
    expect(latestMark(list, 99)).toBe(0);
    list = listWith(list, 50, 500);
    expect([0, 1, 50, 99].map((hash) => latestMark(list, hash))).toEqual([100, 101, 500, 100]);
    expect(list).toHaveLength(8 + PLACES * 16);
  });

  it("of a floor alone says of every URI that it was invalidated then", () => {
    const list = listOfFloor(700);
    expect([1, 2].map((hash) => latestMark(list, hash))).toEqual([700, 700]);
    expect(latestMark(listWith(list, 1, 900), 2)).toBe(700);
    // A clock that was set back lets nothing live again.
    expect(latestMark(listWith(list, 1, 600), 1)).toBe(700);
  });

  it.each([0, 7, 9, 23, 8 + 16 * (PLACES + 1)])("of %i bytes is none, and as good as an empty one", (length) => {
    const bytes = new Uint8Array(length).fill(1);
    expect(latestMark(bytes, 1)).toBe(0);
    expect(latestMark(listWith(bytes, 1, 5), 1)).toBe(5);
  });

  it("never says that a URI was invalidated earlier than it was", () => {
    const mark = fc.tuple(fc.nat(40), fc.nat(10_000));
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 100 }), (marks) => {
        let list: Uint8Array | null = null;
        const last = new Map<number, number>();
        let time = 0;
        for (const [hash, step] of marks) {
          time += step;
          list = listWith(list, hash, time);
          last.set(hash, time);
        }
        for (const [hash, at] of last) expect(latestMark(list, hash)).toBeGreaterThanOrEqual(at);
        // And of the most recent ones it says it exactly.
        const [newest] = [...last].sort(([, a], [, b]) => b - a);
        if (newest !== undefined) expect(latestMark(list, newest[0])).toBe(newest[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it("of any bytes at all is read without a trap", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (bytes, hash) => {
        latestMark(bytes, hash);
        expect(listWith(bytes, hash, 5).length % 16).toBe(8);
      }),
      { numRuns: 2000 },
    );
  });
});
