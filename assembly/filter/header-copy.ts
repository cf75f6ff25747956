import { lengthOf, memoryIsLeftFor } from "as-bytes/assembly";
import { HeaderMap, HeaderPairs, Status, headerPairs, lastStatus } from "as-proxy-wasm-sdk/assembly";
import { HeaderListWriter } from "../text/header-list";

/** What a buffer needs that grows to hold them, and what is worked out of them, for each byte. */
const ROOM: u64 = 6;

/**
 * Copies a message's headers, pseudo-headers included, as the proxy has them; false when it does not hand them over, or there
 * is not room for them with `headroom` bytes left for others.
 */
export function copyHeaders(map: HeaderMap, into: HeaderListWriter, headroom: u64 = 0): bool {
  const pairs = headerPairs(map);
  if (lastStatus() != Status.Ok || !memoryIsLeftFor(ROOM * sizeOf(pairs), headroom)) return false;
  for (let i = 0; i < pairs.count; i++) into.add(pairs.name(i), pairs.value(i));
  return true;
}

function sizeOf(pairs: HeaderPairs): u64 {
  let size: u64 = 0;
  for (let i = 0; i < pairs.count; i++) size += <u64>lengthOf(pairs.name(i)) + <u64>lengthOf(pairs.value(i));
  return size;
}
