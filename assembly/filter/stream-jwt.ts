import { lengthOf, persist } from "as-bytes/assembly";
import { getProperty, lastStatus } from "as-proxy-wasm-sdk/assembly";
import { VerifiedJwt } from "../cache/verified-jwt";
import { couldNot } from "./host-status";

/** What Envoy's JWT filter leaves of a token that it has verified; the token itself may be gone. */
const PROPERTY = persist("metadata\0filter_metadata\0envoy.filters.http.jwt_authn");

/** The effective context's. */
export class StreamJwt extends VerifiedJwt {
  protected ask(): bool {
    return lengthOf(getProperty(PROPERTY)) > 0 || couldNot(lastStatus());
  }
}
