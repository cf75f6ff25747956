import { Slice, lengthOf, pointerOf } from "./slice";

/**
 * SipHash-1-3 of the bytes under a 128-bit key (Aumasson and Bernstein, "SipHash: a fast short-input PRF"). `key0` is
 * the key's first eight bytes, the least significant first. With a key nobody outside knows, nobody outside can find
 * keys that collide in a table.
 */
export function sipHash(s: Slice, key0: u64, key1: u64): u64 {
  let v0 = key0 ^ 0x736f6d6570736575;
  let v1 = key1 ^ 0x646f72616e646f6d;
  let v2 = key0 ^ 0x6c7967656e657261;
  let v3 = key1 ^ 0x7465646279746573;
  const length = <u32>lengthOf(s);
  let at = pointerOf(s);
  const tailAt = at + (length & ~7);
  // The last word: the bytes left over, and the length in its highest byte.
  let tail = (<u64>length) << 56;
  for (let i: u32 = 0; i < (length & 7); i++) tail |= (<u64>load<u8>(tailAt + i)) << (i << 3);
  // Rounds: one for each word, then (with v2 changed before them) three; the last word is the one at `tailAt`.
  let finishing = 0;
  while (true) {
    let word: u64 = 0;
    if (at < tailAt) word = load<u64>(at);
    else if (finishing == 0) word = tail;
    if (finishing == 1) v2 ^= 0xff;
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32) + v3;
    v2 += v1;
    v3 = rotl(v3, 21) ^ v0;
    v1 = rotl(v1, 17) ^ v2;
    v2 = rotl(v2, 32);
    v0 ^= word;
    if (at < tailAt) at += 8;
    else if (++finishing > 3) return v0 ^ v1 ^ v2 ^ v3;
  }
}
