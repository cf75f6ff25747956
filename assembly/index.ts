import { registerRoot } from "as-proxy-wasm-sdk/assembly";
import { Plugin } from "./filter/plugin";

// Every exported callback is called for every stream and costs about 0.3 µs, empty or not: export what is needed.
export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_configure,
  proxy_on_tick,
  proxy_on_queue_ready,
  proxy_on_request_headers,
  proxy_on_http_call_response,
  proxy_on_response_headers,
  proxy_on_response_body,
  proxy_on_response_trailers,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

registerRoot((contextId: u32) => new Plugin());
