import { HeaderMap, Status, headerPairs, lastStatus } from "as-proxy-wasm-sdk/assembly";
import { HeaderListWriter } from "../text/header-list";

/** Copies a message's headers, pseudo-headers included, as the proxy has them; false when it does not hand them over. */
export function copyHeaders(map: HeaderMap, into: HeaderListWriter): bool {
  const pairs = headerPairs(map);
  if (lastStatus() != Status.Ok) return false;
  for (let i = 0; i < pairs.count; i++) into.add(pairs.name(i), pairs.value(i));
  return true;
}
