import { Slice, equal, isPresent, persist, startsWith } from "as-bytes/assembly";
import { getProperty, lastStatus } from "as-proxy-wasm-sdk/assembly";
import { StreamFact } from "../cache/stream-fact";
import { DETAILS } from "./cached-answer";
import { couldNot } from "./host-status";

/** How a response came about, in Envoy's words: `route_not_found`, `no_healthy_upstream`, `direct_response`, `lua_response`, … */
const PROPERTY = persist("response\0code_details");

const VIA_UPSTREAM = persist("via_upstream");

/** Envoy's own cache filter, behind this one: what it has is an upstream's. */
const FROM_CACHE = persist("cache.");

/** Whether the effective context's response is no upstream's. */
export class StreamLocalReply extends StreamFact {
  protected ask(): bool {
    const details = getProperty(PROPERTY);
    if (couldNot(lastStatus())) return true;
    // A proxy that does not know the property cannot tell.
    return isPresent(details) && !isOfUpstream(details);
  }
}

function isOfUpstream(details: Slice): bool {
  // Another instance of this filter may stand behind this one.
  return equal(details, VIA_UPSTREAM) || equal(details, DETAILS) || startsWith(details, FROM_CACHE);
}
