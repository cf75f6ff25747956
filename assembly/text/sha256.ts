import { ByteBuffer, Slice, lengthOf, pointerOf } from "as-bytes/assembly";

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
const ROUND_CONSTANTS: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

/** Those of the square roots of the first eight primes (§5.3.3): the state before the first block. */
const INITIAL_STATE: StaticArray<u32> = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const BLOCK: i32 = 64;
const STATE_WORDS: i32 = 8;
/** Behind the message a block has one byte 0x80 at least, and its length in bits in the last eight. */
const PADDING: i32 = 9;

const schedule: StaticArray<u32> = new StaticArray<u32>(BLOCK);
const state: StaticArray<u32> = new StaticArray<u32>(STATE_WORDS);
const lastBlocks: StaticArray<u8> = new StaticArray<u8>(2 * BLOCK);

/** Appends the SHA-256 digest of the bytes (FIPS 180-4 §6.2) in 64 lower-case hexadecimal digits. Allocates nothing. */
export function appendSha256Hex(into: ByteBuffer, bytes: Slice): void {
  memory.copy(changetype<usize>(state), changetype<usize>(INITIAL_STATE), <usize>(STATE_WORDS << 2));
  const length = lengthOf(bytes);
  const whole = length & ~(BLOCK - 1);
  for (let at = 0; at < whole; at += BLOCK) compress(pointerOf(bytes) + <usize>at);
  compressLast(pointerOf(bytes) + <usize>whole, length - whole, length);
  for (let i = 0; i < STATE_WORDS; i++) appendHex(into, unchecked(state[i]));
}

/** The bytes behind the last whole block, and the padding (§5.1.1): one block or two. */
function compressLast(from: usize, count: i32, messageLength: i32): void {
  const blocks = changetype<usize>(lastBlocks);
  const end = count + PADDING > BLOCK ? 2 * BLOCK : BLOCK;
  memory.fill(blocks, 0, <usize>end);
  memory.copy(blocks, from, <usize>count);
  store<u8>(blocks + <usize>count, 0x80);
  store<u64>(blocks + <usize>(end - 8), bswap((<u64>messageLength) << 3));
  for (let at = 0; at < end; at += BLOCK) compress(blocks + <usize>at);
}

/** Takes one block into the state (§6.2.2). */
function compress(block: usize): void {
  prepareSchedule(block);
  let a = unchecked(state[0]);
  let b = unchecked(state[1]);
  let c = unchecked(state[2]);
  let d = unchecked(state[3]);
  let e = unchecked(state[4]);
  let f = unchecked(state[5]);
  let g = unchecked(state[6]);
  let h = unchecked(state[7]);
  for (let t = 0; t < BLOCK; t++) {
    const sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = h + sum1 + choice + unchecked(ROUND_CONSTANTS[t]) + unchecked(schedule[t]);
    const sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + sum0 + majority;
  }
  unchecked((state[0] += a));
  unchecked((state[1] += b));
  unchecked((state[2] += c));
  unchecked((state[3] += d));
  unchecked((state[4] += e));
  unchecked((state[5] += f));
  unchecked((state[6] += g));
  unchecked((state[7] += h));
}

function prepareSchedule(block: usize): void {
  for (let t = 0; t < 16; t++) unchecked((schedule[t] = bswap(load<u32>(block + <usize>(t << 2)))));
  for (let t = 16; t < BLOCK; t++) {
    const w15 = unchecked(schedule[t - 15]);
    const w2 = unchecked(schedule[t - 2]);
    const sigma0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
    const sigma1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
    unchecked((schedule[t] = schedule[t - 16] + sigma0 + schedule[t - 7] + sigma1));
  }
}

function appendHex(into: ByteBuffer, word: u32): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (word >> shift) & 0xf;
    into.byte(<i32>(digit < 10 ? 0x30 + digit : 0x57 + digit));
  }
}
