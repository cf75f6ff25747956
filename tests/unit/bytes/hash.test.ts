import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sipHash } from "../support/text.ts";

const KEY = [0x0706050403020100n, 0x0f0e0d0c0b0a0908n] as const;

/** Of the reference implementation: bytes 0, 1, … up to the length, under the key 00 … 0f; as bytes in hexadecimal. */
const VECTORS = new Map([
  [0, "dcc40f055801acab"],
  [1, "93ca577df39bf4c9"],
  [2, "4dd4c74d029bcb82"],
  [3, "fbf7dde7b80af88b"],
  [4, "2883d388605775cf"],
  [5, "673b53492fd5f9de"],
  [6, "a7229fc5502b0dc5"],
  [7, "4011b19b987d92d3"],
  [8, "8e9a298d11959036"],
  [9, "e43d066cb38ea425"],
  [15, "5699512a6dd820d3"],
  [16, "668b907d1add4fcc"],
  [31, "bcd1218c1fdd7023"],
  [63, "a8b3bbb76290199d"],
]);

/** SipHash-c-d as the paper writes it down, in exact arithmetic. */
function reference(bytes: Uint8Array, [key0, key1]: readonly [bigint, bigint], c: number, d: number): bigint {
  const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
  const rotl = (x: bigint, by: bigint): bigint => wrap((x << by) | (x >> (64n - by)));
  let [v0, v1] = [key0 ^ 0x736f6d6570736575n, key1 ^ 0x646f72616e646f6dn];
  let [v2, v3] = [key0 ^ 0x6c7967656e657261n, key1 ^ 0x7465646279746573n];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v0 = wrap(v0 + v1);
      v1 = rotl(v1, 13n) ^ v0;
      v0 = rotl(v0, 32n);
      v2 = wrap(v2 + v3);
      v3 = rotl(v3, 16n) ^ v2;
      v0 = wrap(v0 + v3);
      v3 = rotl(v3, 21n) ^ v0;
      v2 = wrap(v2 + v1);
      v1 = rotl(v1, 17n) ^ v2;
      v2 = rotl(v2, 32n);
    }
  };
  const padded = Buffer.alloc((Math.floor(bytes.length / 8) + 1) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    rounds(c);
    v0 ^= word;
  }
  v2 ^= 0xffn;
  rounds(d);
  return v0 ^ v1 ^ v2 ^ v3;
}

describe("SipHash-1-3", () => {
  it.each([...VECTORS])("of %i bytes is the reference implementation's", (length, hex) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    expect(sipHash(bytes, ...KEY)).toBe(Buffer.from(hex, "hex").readBigUInt64LE());
  });

  it("is what the paper says, for any bytes and key", () => {
    // The reference itself, on the vector of the paper's appendix A.
    const fifteen = Uint8Array.from({ length: 15 }, (_, i) => i);
    expect(reference(fifteen, KEY, 2, 4)).toBe(0xa129ca6149be45e5n);
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), word, word, (bytes, key0, key1) => {
        expect(sipHash(bytes, key0, key1)).toBe(reference(bytes, [key0, key1], 1, 3));
      }),
      { numRuns: 1000 },
    );
  });
});
