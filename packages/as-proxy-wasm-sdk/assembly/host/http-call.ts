import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, clearOut } from "../memory/out-parameters";
import { PairsBuilder } from "./pairs-builder";
import { Status } from "./status";


@external("env", "proxy_http_call")
declare function proxy_http_call(
  cluster: usize,
  clusterSize: usize,
  headers: usize,
  headersSize: usize,
  body: usize,
  bodySize: usize,
  trailers: usize,
  trailersSize: usize,
  timeoutMilliseconds: u32,
  token: usize,
): Status;

/** Sends a call for the effective context; its token is at `OUT`. Filters use `HttpCall.dispatchFrom`. */
export function httpCall(
  cluster: Slice,
  headers: PairsBuilder,
  body: Slice,
  trailers: PairsBuilder | null,
  timeoutMs: u32,
): Status {
  clearOut();
  if (!headers.valid) return Status.BadArgument;
  let trailerPairs = NONE;
  if (trailers !== null) {
    if (!trailers.valid) return Status.BadArgument;
    trailerPairs = trailers.view();
  }
  const headerPairs = headers.view();
  return proxy_http_call(
    pointerOf(cluster),
    lengthOf(cluster),
    pointerOf(headerPairs),
    lengthOf(headerPairs),
    pointerOf(body),
    lengthOf(body),
    pointerOf(trailerPairs),
    lengthOf(trailerPairs),
    // Envoy reads a signed number and refuses a negative one: 24 days are enough for anybody.
    min<u32>(timeoutMs, i32.MAX_VALUE),
    OUT,
  );
}
