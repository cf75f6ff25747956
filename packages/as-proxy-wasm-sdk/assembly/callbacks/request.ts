import { findStream } from "../context/registry";
import { DataStatus, HeadersStatus, TrailersStatus } from "../context/stream-context";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

// A stream this module does not know (it came before its root did, or was refused) passes unchanged.

/** The request's headers are here; returns a `HeadersStatus`. */
export function proxy_on_request_headers(id: u32, count: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status =
    stream === null ? HeadersStatus.Continue : stream.onRequestHeaders(sizeFromHost(count), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** A piece of the request's body is here; returns a `DataStatus`. */
export function proxy_on_request_body(id: u32, size: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status = stream === null ? DataStatus.Continue : stream.onRequestBody(sizeFromHost(size), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** The request's trailers are here; returns a `TrailersStatus`. */
export function proxy_on_request_trailers(id: u32, count: u32): u32 {
  const before = enterCallback(id);
  const stream = findStream(id);
  const status = stream === null ? TrailersStatus.Continue : stream.onRequestTrailers(sizeFromHost(count));
  leaveCallback(before);
  return status;
}
