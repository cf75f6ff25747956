import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_PAIRS, MAX_PAIRS_BYTES, type Pair, marshalPairs, parsePairs } from "../src/pairs.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const pair = (name: string, value: string): Pair => [text(name), text(value)];

describe("pairs", () => {
  it("are a count, all lengths, then names and values closed by NUL", () => {
    expect(marshalPairs([pair("a", "bc")])).toEqual(
      Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0x61, 0, 0x62, 0x63, 0),
    );
  });

  it("come back as they went in", () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes), { maxLength: 30 }), (pairs) => {
        expect(parsePairs(marshalPairs(pairs))).toEqual(pairs);
      }),
    );
  });

  it("are none at all when anything is wrong with them", () => {
    const good = marshalPairs([pair("a", "b"), pair("c", "d")]);
    expect(parsePairs(good.subarray(0, good.length - 1))).toEqual([]);
    expect(parsePairs(Uint8Array.of(...good, 0))).toEqual([]);
    const unclosed = good.slice();
    unclosed[unclosed.length - 1] = 1;
    expect(parsePairs(unclosed)).toEqual([]);
    const overlong = good.slice();
    overlong.fill(0xff, 4, 8);
    expect(parsePairs(overlong)).toEqual([]);
  });

  it("never fail, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(Array.isArray(parsePairs(bytes))).toBe(true);
      }),
    );
  });

  it("are none at all above the host's limits", () => {
    const many = (count: number): Pair[] => Array.from({ length: count }, () => pair("a", "b"));
    expect(parsePairs(marshalPairs(many(MAX_PAIRS)))).toHaveLength(MAX_PAIRS);
    expect(parsePairs(marshalPairs(many(MAX_PAIRS + 1)))).toEqual([]);
    expect(parsePairs(marshalPairs([pair("a", "b".repeat(MAX_PAIRS_BYTES - 15))]))).toHaveLength(1);
    expect(parsePairs(marshalPairs([pair("a", "b".repeat(MAX_PAIRS_BYTES))]))).toEqual([]);
  });
});
