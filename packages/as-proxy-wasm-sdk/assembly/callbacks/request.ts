import { streamOrRefusal } from "../context/registry";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

/** The request's headers are here; returns a `HeadersStatus`. */
export function proxy_on_request_headers(id: u32, count: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const status = streamOrRefusal(id).onRequestHeaders(sizeFromHost(count), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** A piece of the request's body is here; returns a `DataStatus`. */
export function proxy_on_request_body(id: u32, size: u32, endOfStream: u32): u32 {
  const before = enterCallback(id);
  const status = streamOrRefusal(id).onRequestBody(sizeFromHost(size), endOfStream != 0);
  leaveCallback(before);
  return status;
}

/** The request's trailers are here; returns a `TrailersStatus`. */
export function proxy_on_request_trailers(id: u32, count: u32): u32 {
  const before = enterCallback(id);
  const status = streamOrRefusal(id).onRequestTrailers(sizeFromHost(count));
  leaveCallback(before);
  return status;
}
