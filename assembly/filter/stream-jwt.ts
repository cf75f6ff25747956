import { lengthOf, persist } from "as-bytes/assembly";
import { getProperty, lastStatus } from "as-proxy-wasm-sdk/assembly";
import { StreamFact } from "../cache/stream-fact";
import { couldNot } from "./host-status";

/** What Envoy's JWT filter leaves of a token that it has verified; the token itself may be gone. */
const PROPERTY = persist("metadata\0filter_metadata\0envoy.filters.http.jwt_authn");

/** Whether a JWT of the effective context's request was verified: its header may be gone by now. */
export class StreamJwt extends StreamFact {
  protected ask(): bool {
    return lengthOf(getProperty(PROPERTY)) > 0 || couldNot(lastStatus());
  }
}
