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

/** Answers the effective context's request. Filters use `sendLocalResponse`, which knows whether that is possible. */
export function localResponse(
  status: u32,
  details: Slice,
  body: Slice,
  headers: PairsBuilder | null,
  grpcStatus: i32,
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
