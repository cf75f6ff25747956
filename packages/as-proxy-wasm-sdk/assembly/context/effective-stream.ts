import { Slice } from "as-bytes/assembly";
import { findStream } from "./registry";
import { StreamContext } from "./stream-context";
import { localResponse } from "../host/local-response";
import { PairsBuilder } from "../host/pairs-builder";
import { StreamType, closeEffective, continueEffective } from "../host/streams";
import { Status } from "../host/status";
import { callbackSerial, effectiveContext } from "../memory/callback-scope";

/**
 * What a filter can do to the effective context's stream: that of the callback, unless `setEffectiveContext` chose another.
 * What Envoy would crash of is `BadArgument` here.
 */

/** Lets the held request go on (`proxy_continue_stream`). `BadArgument` from `onLog` on. */
export function continueRequest(): Status {
  const stream = findStream(effectiveContext());
  if (stream !== null && stream.ended) return Status.BadArgument;
  return continueEffective(StreamType.Request);
}

/** Lets the held response go on (`proxy_continue_stream`). `BadArgument` from `onLog` on and before there is a response. */
export function continueResponse(): Status {
  const stream = findStream(effectiveContext());
  if (stream !== null && (stream.ended || !stream.responseBegun)) return Status.BadArgument;
  return continueEffective(StreamType.Response);
}

/**
 * Resets the request towards the client (`proxy_close_stream`). `BadArgument` from `onLog` on, and when the stream has been
 * answered or closed in this callback.
 */
export function closeRequest(): Status {
  return close(StreamType.Request);
}

/** Resets the response (`proxy_close_stream`). `BadArgument` as for `closeRequest`. */
export function closeResponse(): Status {
  return close(StreamType.Response);
}

function close(type: StreamType): Status {
  const stream = findStream(effectiveContext());
  if (stream !== null && isFinished(stream)) return Status.BadArgument;
  return finished(stream, closeEffective(type));
}

/**
 * Answers the effective context's request from here (`proxy_send_local_response`). Then return a "stop" status, and
 * neither continue nor answer again. The response passes this filter's own response callbacks; Envoy drops
 * `content-type` for an empty body and makes it `text/plain` where it is missing, which can be put right there.
 *
 * `details` is for Envoy's access log (`%RESPONSE_CODE_DETAILS%`); `grpcStatus` -1 lets Envoy derive it from the
 * status.
 * Errors: `BadArgument` for a status outside 200–599, headers over the host's limits, a stream that is over (from `onLog` on) or has been
 * answered or closed in this callback,
 * where Envoy would crash. Under a root as effective
 * context Envoy says `Ok` and does nothing.
 */
export function sendLocalResponse(
  status: u32,
  details: Slice,
  body: Slice,
  headers: PairsBuilder | null,
  grpcStatus: i32 = -1,
): Status {
  const stream = findStream(effectiveContext());
  if (stream !== null && isFinished(stream)) return Status.BadArgument;
  return finished(stream, localResponse(status, details, body, headers, grpcStatus));
}

/** Whether nothing more can be done to the stream: for good, or as long as the callback runs. */
function isFinished(stream: StreamContext): bool {
  return stream.ended || stream.finishedIn == callbackSerial();
}

/** Notes that the stream was answered or closed. */
function finished(stream: StreamContext | null, status: Status): Status {
  if (stream !== null && status == Status.Ok) stream.finishedIn = callbackSerial();
  return status;
}
