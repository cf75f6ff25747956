import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { PairsBuilder } from "./pairs-builder";
import { Status } from "./status";


@external("env", "proxy_send_local_response")
declare function proxy_send_local_response(
  status: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpcStatus: i32,
): Status;

/**
 * Answers the effective context's request from here (`proxy_send_local_response`). Then return a "stop" status, and
 * neither continue nor answer again. The response passes this filter's own response callbacks; Envoy drops
 * `content-type` for an empty body and makes it `text/plain` where it is missing, which can be put right there.
 *
 * `details` is for Envoy's access log (`%RESPONSE_CODE_DETAILS%`); `grpcStatus` -1 lets Envoy derive it from the
 * status.
 * Errors: `BadArgument` for a status outside 200–599 or headers over the host's limits. Under a root as effective
 * context Envoy says `Ok` and does nothing.
 */
export function sendLocalResponse(
  status: u32,
  details: Slice,
  body: Slice,
  headers: PairsBuilder | null,
  grpcStatus: i32 = -1,
): Status {
  // Envoy takes any number for a status; one it cannot put on the wire breaks the client's connection.
  if (status < 200 || status > 599) return Status.BadArgument;
  let pairs = NONE;
  if (headers !== null) {
    if (!headers.valid) return Status.BadArgument;
    pairs = headers.view();
  }
  // Envoy would write the body of these after all, and the client would read it as the next response.
  const sent = status == 204 || status == 304 ? NONE : body;
  return proxy_send_local_response(
    status,
    pointerOf(details),
    lengthOf(details),
    pointerOf(sent),
    lengthOf(sent),
    pointerOf(pairs),
    lengthOf(pairs),
    grpcStatus,
  );
}
