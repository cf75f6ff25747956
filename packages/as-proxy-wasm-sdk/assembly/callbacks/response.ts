import { findStream } from "../context/registry";
import { DataStatus, HeadersStatus, StreamContext, TrailersStatus } from "../context/stream-context";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

// The response to a stream that the module was never told of passes: it may be the answer that has refused its request.

/** The response's headers are here; returns a `HeadersStatus`. */
export function proxy_on_response_headers(id: u32, count: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = respondingStream(id);
  const status =
    stream === null ? HeadersStatus.Continue : stream.onResponseHeaders(sizeFromHost(count), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** A piece of the response's body is here; returns a `DataStatus`. */
export function proxy_on_response_body(id: u32, size: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = respondingStream(id);
  const status = stream === null ? DataStatus.Continue : stream.onResponseBody(sizeFromHost(size), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** The response's trailers are here; returns a `TrailersStatus`. */
export function proxy_on_response_trailers(id: u32, count: u32): u32 {
  const before = enterCallback(id);
  const stream = respondingStream(id);
  const status = stream === null ? TrailersStatus.Continue : stream.onResponseTrailers(sizeFromHost(count));
  leaveCallback(before);
  return status;
}

/** The stream, a response to which has come as far as this filter. It may not export the callback that came first. */
@inline
function respondingStream(id: u32): StreamContext | null {
  const stream = findStream(id);
  if (stream !== null) stream.responseBegun = true;
  return stream;
}
