import { switchContext, switchContextBack } from "./contexts";
import { Status } from "./status";

/** `proxy_stream_type_t`, as far as HTTP goes. */
export const enum StreamType {
  Request = 0,
  Response = 1,
}


@external("env", "proxy_continue_stream")
declare function proxy_continue_stream(type: u32): Status;

/** Lets the held request of the effective context go on (`proxy_continue_stream`). */
export function continueRequest(): Status {
  return proxy_continue_stream(StreamType.Request);
}

/** Lets the held response of the effective context go on (`proxy_continue_stream`). */
export function continueResponse(): Status {
  return proxy_continue_stream(StreamType.Response);
}

/** Lets one half of any live stream go on. `BadArgument` when it is gone. */
export function continueStreamOf(streamId: u32, type: StreamType): Status {
  if (streamId == 0) return Status.BadArgument;
  const before = switchContext(streamId);
  if (before < 0) return Status.BadArgument;
  const status = proxy_continue_stream(type);
  switchContextBack(before);
  return status;
}


@external("env", "proxy_close_stream")
declare function proxy_close_stream(type: u32): Status;

/** Resets the effective context's request towards the client (`proxy_close_stream`). */
export function closeRequest(): Status {
  return proxy_close_stream(StreamType.Request);
}

/** Resets the effective context's response (`proxy_close_stream`). */
export function closeResponse(): Status {
  return proxy_close_stream(StreamType.Response);
}
