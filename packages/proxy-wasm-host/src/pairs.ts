import { toBinaryString } from "./bytes.ts";

/** Pairs as the ABI passes them: header maps, trailers, property maps. */
export type Pair = readonly [name: Uint8Array, value: Uint8Array];

/** PROXY_WASM_HOST_PAIRS_MAX_COUNT and PROXY_WASM_HOST_PAIRS_MAX_BYTES of proxy-wasm-cpp-host. */
export const MAX_PAIRS = 1024;
export const MAX_PAIRS_BYTES = 1024 * 1024;

/** Count, then all lengths, then all names and values, each closed by a NUL (`PairsUtil::marshalPairs`). */
export function marshalPairs(pairs: readonly Pair[]): Uint8Array {
  let size = 4;
  for (const [name, value] of pairs) size += 8 + name.length + 1 + value.length + 1;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint32(0, pairs.length, true);
  let lengths = 4;
  let at = 4 + 8 * pairs.length;
  for (const [name, value] of pairs) {
    view.setUint32(lengths, name.length, true);
    view.setUint32(lengths + 4, value.length, true);
    lengths += 8;
    out.set(name, at);
    at += name.length + 1;
    out.set(value, at);
    at += value.length + 1;
  }
  return out;
}

/**
 * Reads pairs (`PairsUtil::toPairs`). Whatever is wrong with them (too many, too long, cut off, a NUL missing, bytes left
 * over), the host sees **no pairs at all** and no error: a call then fails for want of `:path`, a local reply loses its
 * headers.
 */
export function parsePairs(bytes: Uint8Array): Pair[] {
  if (bytes.length > MAX_PAIRS_BYTES || bytes.length < 4) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count > MAX_PAIRS || 4 + 8 * count > bytes.length) return [];
  const pairs: Pair[] = [];
  let at = 4 + 8 * count;
  for (let index = 0; index < count; index++) {
    const nameEnd = at + view.getUint32(4 + 8 * index, true);
    const valueEnd = nameEnd + 1 + view.getUint32(8 + 8 * index, true);
    if (valueEnd + 1 > bytes.length || bytes[nameEnd] !== 0 || bytes[valueEnd] !== 0) return [];
    pairs.push([bytes.slice(at, nameEnd), bytes.slice(nameEnd + 1, valueEnd)]);
    at = valueEnd + 1;
  }
  return at === bytes.length ? pairs : [];
}

/** Header names as text: one character per byte, as the ABI does not promise UTF-8. */
export function pairName(pair: Pair): string {
  return toBinaryString(pair[0]);
}
