import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { sipHash } from "../support/text.ts";
import {
  countedListsOfIndex,
  indexMerged,
  indexWith,
  isIndexOf,
  listsOfIndex,
  openIndex,
  secondaryKey,
  variantKey,
} from "../support/cache-keys.ts";

/** The index after responses with these lists of names, one after the other, at the times 1, 2, … or from `at` on. */
function indexAfter(lists: readonly string[], at = 1): Uint8Array {
  let bytes: Uint8Array | null = null;
  openIndex(null);
  for (const [i, list] of lists.entries()) {
    bytes = indexWith(list, at + i) ?? bytes;
    if (!openIndex(bytes)) throw new Error("what was written does not open");
  }
  return bytes ?? new Uint8Array(0);
}

beforeEach(() => {
  openIndex(null);
});

describe("the index of a URL's variants", () => {
  it("has the lists of names of its responses, the most recent first", () => {
    indexAfter(["accept", "origin", "accept,origin"]);
    expect(listsOfIndex()).toEqual(["accept,origin", "origin", "accept"]);
  });

  it("has responses that name nothing last, whenever they came", () => {
    indexAfter(["accept", "", "origin"]);
    expect(listsOfIndex()).toEqual(["origin", "accept", ""]);
    indexAfter(["accept", "origin", ""]);
    expect(listsOfIndex()).toEqual(["origin", "accept", ""]);
  });

  it("has each list once, where it stands now", () => {
    indexAfter(["accept", "origin", "accept"]);
    expect(listsOfIndex()).toEqual(["accept", "origin"]);
  });

  it("forgets the least recent list when there are too many", () => {
    indexAfter(["", "a", "b", "c", "d", "e"]);
    expect(listsOfIndex()).toEqual(["e", "d", "c", "b", ""]);
  });

  it("need not be stored when nothing has changed", () => {
    openIndex(indexAfter(["origin", "accept"]));
    expect(indexWith("accept", 8)).toBeNull();
    expect(indexWith("origin", 8)).not.toBeNull();
  });

  it("says of each list since when it counts: since it came in, and anew when it comes back", () => {
    indexAfter(["accept", "", "origin", "accept", ""], 10);
    expect(countedListsOfIndex()).toEqual([
      ["accept", 10],
      ["origin", 12],
      ["", 11],
    ]);
    indexAfter(["a", "b", "c", "d", "e", "a"], 10);
    expect(countedListsOfIndex()).toEqual([
      ["a", 15],
      ["e", 14],
      ["d", 13],
      ["c", 12],
    ]);
  });

  it("takes another one's lists before its own, and what is in both counts since the later time", () => {
    const other = indexAfter(["accept", "", "origin"], 20);
    openIndex(indexAfter(["origin", "cookie", ""], 10));
    openIndex(indexMerged(other, 30));
    expect(countedListsOfIndex()).toEqual([
      ["origin", 22],
      ["accept", 20],
      ["cookie", 11],
      ["", 21],
    ]);
    openIndex(null);
    openIndex(indexMerged(other, 30));
    expect(countedListsOfIndex()).toEqual([
      ["origin", 22],
      ["accept", 20],
      ["", 21],
    ]);
    openIndex(other);
    expect(indexMerged(other, 30)).toBeNull();
  });

  it("takes no time from another one that is yet to come", () => {
    const ahead = indexAfter(["a", "b", "c", "d", "e"], 100);
    const one = indexAfter(["f"], 10);
    openIndex(indexAfter(["e"], 10));
    const merged = indexMerged(ahead, 30);
    openIndex(merged);
    expect(countedListsOfIndex().map(([, since]) => since)).toEqual([30, 30, 30, 30]);
    // Nor that of what has had to go.
    openIndex(merged);
    openIndex(indexMerged(one, 31));
    expect(countedListsOfIndex()[0]).toEqual(["f", 30]);
  });

  it("takes a list that it has dropped from another one as of no earlier than that", () => {
    const other = indexAfter(["a"], 1);
    openIndex(indexAfter(["a", "b", "c", "d", "e"], 1));
    openIndex(indexMerged(other, 30));
    expect(countedListsOfIndex()).toEqual([
      ["a", 5],
      ["e", 5],
      ["d", 4],
      ["c", 3],
    ]);
  });
  it("says whose it is", () => {
    openIndex(indexAfter(["a"]));
    expect([isIndexOf("primary key"), isIndexOf("another key"), isIndexOf("")]).toEqual([true, false, false]);
    openIndex(null);
    expect(isIndexOf("primary key")).toBe(false);
  });
});

describe("bytes that are no index", () => {
  const bytes = indexAfter(["accept", "", "origin"]);

  it("are those that changed in one bit, wherever", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openIndex(changed), `bit ${bit}`).toBe(false);
    }
  });

  it("are those of any other length", () => {
    for (let length = 0; length < bytes.length; length++) expect(openIndex(bytes.subarray(0, length))).toBe(false);
    expect(openIndex(Buffer.concat([bytes, new Uint8Array(1)]))).toBe(false);
  });

  it("are those with more lists than are ever written, or with one behind the one without names", () => {
    const sealed = (lists: readonly string[]): Uint8Array => {
      const checked = Buffer.concat([
        Buffer.alloc(16),
        ...lists.map((list) => {
          const head = Buffer.alloc(12);
          head.writeUInt32LE(list.length, 8);
          return Buffer.concat([head, Buffer.from(list)]);
        }),
      ]);
      const checksum = Buffer.alloc(8);
      checksum.writeBigUInt64LE(BigInt.asUintN(64, sipHash(checked, 0x7369676e706f7374n, 0x76617269616e7473n)));
      return Buffer.concat([bytes.subarray(0, 8), checksum, checked]);
    };
    expect(openIndex(sealed(["a", "b", "c", "d", ""]))).toBe(true);
    expect(listsOfIndex()).toEqual(["a", "b", "c", "d", ""]);
    expect(openIndex(sealed(["a", "b", "c", "d", "e"]))).toBe(false);
    expect(openIndex(sealed(Array.from({ length: 10_000 }, (_, i) => `x-${i}`)))).toBe(false);
    expect(openIndex(sealed(["a", "", ""]))).toBe(false);
    expect(openIndex(sealed(["", "a"]))).toBe(false);
  });

  it("are nearly all, and none is read past its end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (any) => {
        expect(openIndex(Buffer.concat([bytes.subarray(0, 8), any]))).toBe(false);
        expect(listsOfIndex()).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a variant's key", () => {
  const accept = (value: string): Uint8Array => secondaryKey("accept", [["accept", value]]);
  const hex = (key: Uint8Array): string => Buffer.from(key).toString("hex");

  it("differs by the URL and by what the request asks for, and is the same everywhere", () => {
    const keys = [
      variantKey("pa", accept("x")),
      variantKey("pb", accept("x")),
      variantKey("pa", accept("y")),
      variantKey("pa", ""),
    ];
    expect(new Set(keys.map(hex)).size).toBe(keys.length);
    expect(hex(variantKey("pa", accept("x")))).toBe(hex(keys[0] ?? new Uint8Array(0)));
  });

  it("is never a primary key, which begins with another byte", () => {
    expect(variantKey("pa", "")[0]).not.toBe("p".charCodeAt(0));
  });

  it("has the same length for values of any length", () => {
    expect(variantKey("pa", accept("x".repeat(5000)))).toHaveLength(variantKey("pa", "").length);
  });
});
