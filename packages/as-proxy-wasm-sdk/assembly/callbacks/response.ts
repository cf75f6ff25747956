import { findStream } from "../context/registry";
import { DataStatus, HeadersStatus, TrailersStatus } from "../context/stream-context";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

// A stream this module does not know (it came before its root did, or was refused) passes unchanged.

/** The response's headers are here; returns a `HeadersStatus`. */
export function proxy_on_response_headers(id: u32, count: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status =
    stream === null ? HeadersStatus.Continue : stream.onResponseHeaders(sizeFromHost(count), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** A piece of the response's body is here; returns a `DataStatus`. */
export function proxy_on_response_body(id: u32, size: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status = stream === null ? DataStatus.Continue : stream.onResponseBody(sizeFromHost(size), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** The response's trailers are here; returns a `TrailersStatus`. */
export function proxy_on_response_trailers(id: u32, count: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status = stream === null ? TrailersStatus.Continue : stream.onResponseTrailers(sizeFromHost(count));
  leaveCallback(before);
  return status;
}
