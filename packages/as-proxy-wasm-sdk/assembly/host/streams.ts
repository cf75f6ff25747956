import { switchContext, switchContextBack } from "./contexts";
import { Status } from "./status";

/** `proxy_stream_type_t`, as far as HTTP goes. */
export const enum StreamType {
  Request = 0,
  Response = 1,
}


@external("env", "proxy_continue_stream")
declare function proxy_continue_stream(type: u32): Status;

/** Lets one half of the effective context's stream go on. */
@inline
export function continueEffective(type: StreamType): Status {
  return proxy_continue_stream(type);
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

/** Resets the effective context's stream, by one half or the other. */
@inline
export function closeEffective(type: StreamType): Status {
  return proxy_close_stream(type);
}
