import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { generationOf, indexWith, listsOfIndex, openIndex, secondaryKey, variantKey } from "../support/cache-keys.ts";

/** The index after responses with these lists of names, one after the other. */
function indexAfter(lists: readonly string[], generation = 7n): Uint8Array {
  let bytes: Uint8Array | null = null;
  openIndex(null);
  for (const list of lists) {
    bytes = indexWith(list, generation) ?? bytes;
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
    expect(indexWith("accept", 8n)).toBeNull();
    expect(indexWith("origin", 8n)).not.toBeNull();
  });

  it("keeps its generation for as long as it lives, and a new one has its own", () => {
    const bytes = indexAfter(["accept"], 7n);
    expect(generationOf()).toBe(7n);
    openIndex(indexWith("origin", 8n));
    expect(generationOf()).toBe(7n);
    openIndex(null);
    openIndex(indexWith("origin", 2n ** 64n - 1n));
    expect(generationOf()).toBe(2n ** 64n - 1n);
    expect(openIndex(bytes)).toBe(true);
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

  it("are nearly all, and none is read past its end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (any) => {
        expect(openIndex(Buffer.concat([bytes.subarray(0, 8), any]))).toBe(false);
        expect(listsOfIndex()).toEqual([]);
        expect(generationOf()).toBe(0n);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a variant's key", () => {
  const accept = (value: string): Uint8Array => secondaryKey("accept", [["accept", value]]);
  const hex = (key: Uint8Array): string => Buffer.from(key).toString("hex");

  it("differs by the URL, by what the request asks for, and by the generation", () => {
    const keys = [
      variantKey("pa", 1n, accept("x")),
      variantKey("pb", 1n, accept("x")),
      variantKey("pa", 2n, accept("x")),
      variantKey("pa", 1n, accept("y")),
      variantKey("pa", 1n, ""),
    ];
    expect(new Set(keys.map(hex)).size).toBe(keys.length);
    expect(hex(variantKey("pa", 1n, accept("x")))).toBe(hex(keys[0] ?? new Uint8Array(0)));
  });

  it("is never a primary key, which begins with another byte", () => {
    expect(variantKey("pa", 1n, "")[0]).not.toBe("p".charCodeAt(0));
  });

  it("has the same length for values of any length", () => {
    expect(variantKey("pa", 1n, accept("x".repeat(5000)))).toHaveLength(variantKey("pa", 1n, "").length);
  });
});
