/**
 * Looks at a header before and after a host call during which the host calls back, and logs what it sees; the callback
 * in between reads a header of its own.
 */
import { persist } from "as-bytes/assembly";
import {
  HeaderMap,
  HeadersStatus,
  LogLevel,
  RootContext,
  StreamContext,
  effectiveContext,
  getHeader,
  logBytes,
  logInfo,
  registerRoot,
  sendLocalResponse,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_request_headers,
  proxy_on_response_headers,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

class NestedRoot extends RootContext {
  createStream(id: u32): StreamContext {
    return new NestedStream(this);
  }
}

class NestedStream extends StreamContext {
  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const name = getHeader(HeaderMap.RequestHeaders, persist("x-name"));
    sendLocalResponse(200, name, name, null);
    // Takes the place of `name` if that was given free.
    getHeader(HeaderMap.ResponseHeaders, persist("x-name"));
    logBytes(LogLevel.Info, name);
    logInfo("acting on " + effectiveContext().toString());
    return HeadersStatus.StopIteration;
  }

  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    logBytes(LogLevel.Info, getHeader(HeaderMap.ResponseHeaders, persist("x-name")));
    return HeadersStatus.Continue;
  }
}

registerRoot((contextId: u32) => new NestedRoot());
