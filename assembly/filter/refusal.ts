import { empty, persist } from "as-bytes/assembly";
import { Warning } from "../telemetry/warnings";
import { now } from "./clock";
import { vmWarnings } from "./vm";
import { Status, closeRequest, sendLocalResponse } from "as-proxy-wasm-sdk/assembly";

const SERVICE_UNAVAILABLE: u32 = 503;

/** For the access log: `%RESPONSE_CODE_DETAILS%`. */
const DETAILS = persist("signpost_host_failure");

/**
 * Answers 503 to the effective context's request, because the proxy did not do what makes it safe to let it go on. Where it does
 * not take that either, the stream is reset: a request that nobody answers and nobody lets go on would hang.
 */
export function refuseRequest(): void {
  vmWarnings().raise(Warning.HostFailure, "", "signpost_host_failure", now());
  if (sendLocalResponse(SERVICE_UNAVAILABLE, DETAILS, empty(), null) != Status.Ok) closeRequest();
}
