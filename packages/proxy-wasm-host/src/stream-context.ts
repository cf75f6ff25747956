import { Status } from "./abi/status.ts";
import { BufferType, HeaderMapType, StreamType } from "./abi/types.ts";
import { type SeenHeaders, loggedHeaderMap, seenByLogger } from "./access-log.ts";
import { NO_BYTES } from "./bytes.ts";
import { Context } from "./context.ts";
import { FilterDirection, type FilterOutcome } from "./filter-direction.ts";
import type { FilterPipeline } from "./filter-pipeline.ts";
import type { GuestBuffer } from "./guest-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import type { LocalReply } from "./local-reply.ts";
import type { PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";

/** The stream a filter is part of: what Envoy's filter callbacks offer. */
export interface FilterHost {
  readonly request: FilterPipeline;
  readonly response: FilterPipeline;
  resume(pipeline: FilterPipeline, filter: FilterDirection): void;
  /** `by`: the filter whose answer it is; none where the proxy itself answers. */
  sendLocalReply(reply: LocalReply, by?: StreamContext): void;
  closeStream(): void;
  clearRouteCache(): void;
  property(name: string, seen: SeenHeaders): PropertyValue | undefined;
  /** False where it has been set read-only; whether it is follows from who sets it first. */
  setFilterState(path: string, value: Uint8Array, readOnly: boolean): boolean;
}

/** What clients get for a VM that has trapped, under the failure policy FAIL_CLOSED. */
export const FAIL_STREAM_REPLY: LocalReply = {
  status: 503,
  body: NO_BYTES,
  headers: [],
  details: "wasm_fail_stream",
  grpcStatus: 14,
};

/** One stream in one plugin: `Context` of Envoy, as an HTTP filter. */
export class StreamContext extends Context {
  readonly root: RootContext;
  readonly request: FilterDirection;
  readonly response: FilterDirection;

  readonly #host: FilterHost;
  #failed = false;
  #logging = false;

  constructor(root: RootContext, host: FilterHost) {
    super(root.vm, root.vm.allocateContextId());
    this.root = root;
    this.#host = host;
    this.request = new FilterDirection(this, {
      headers: "proxy_on_request_headers",
      body: "proxy_on_request_body",
      trailers: "proxy_on_request_trailers",
    });
    this.response = new FilterDirection(this, {
      headers: "proxy_on_response_headers",
      body: "proxy_on_response_body",
      trailers: "proxy_on_response_trailers",
    });
  }

  /** Whether the module is to hear of what comes in this direction. The first thing a stream has makes its context. */
  enters(direction: FilterDirection): boolean {
    if (direction === this.request) {
      this.#create();
      return true;
    }
    // A response may come (from another filter) before this filter has seen the request; and a failed filter stays silent.
    return this.createdInVm && !this.#failed;
  }

  callFilter(name: string, args: readonly number[]): FilterOutcome {
    if (this.vm.failed) {
      this.#failStream();
      return "failed";
    }
    if (!this.vm.exportsFunction(name)) return "not exported";
    const { result, stopped, failed } = this.vm.callback(name, this, args, {
      onFailure: () => {
        this.#failStream();
      },
    });
    if (failed) return "failed";
    return stopped ? "stopped" : (result ?? 0);
  }

  pipelineOf(direction: FilterDirection): FilterPipeline {
    return direction === this.request ? this.#host.request : this.#host.response;
  }

  /** The stream is over: its line in the access log is written, … */
  log(): void {
    this.#create();
    this.#logging = true;
    this.vm.callback("proxy_on_log", this, []);
    this.#logging = false;
  }

  /** … and the filter is destroyed. What `proxy_on_done` returns counts for roots only. */
  destroy(): void {
    if (this.createdInVm) {
      this.vm.callback("proxy_on_done", this, []);
      this.vm.callback("proxy_on_delete", this, []);
    }
    this.release();
  }

  get logging(): boolean {
    return this.#logging;
  }

  headerMap(type: number): HeaderMap | undefined {
    if (this.#logging) {
      const logged = loggedHeaderMap(this.#host, type);
      if (logged !== undefined) return logged;
    } else {
      if (type === HeaderMapType.RequestHeaders) return this.request.headers;
      if (type === HeaderMapType.RequestTrailers) return this.request.trailers;
      if (type === HeaderMapType.ResponseHeaders) return this.response.headers;
      if (type === HeaderMapType.ResponseTrailers) return this.response.trailers;
    }
    // A reply to a call can be read under the stream, too: it is the root's that has just arrived.
    return this.root.headerMap(type);
  }

  writableHeaderMap(type: number): HeaderMap | undefined {
    switch (type) {
      case HeaderMapType.RequestHeaders:
        return this.request.headers;
      case HeaderMapType.RequestTrailers:
        return this.request.writableTrailers();
      case HeaderMapType.ResponseHeaders:
        return this.response.headers;
      case HeaderMapType.ResponseTrailers:
        return this.response.writableTrailers();
      default:
        return undefined;
    }
  }

  buffer(type: number): GuestBuffer | undefined {
    switch (type) {
      case BufferType.HttpRequestBody:
        return this.request.buffer();
      case BufferType.HttpResponseBody:
        return this.response.buffer();
      case BufferType.HttpCallResponseBody:
        return this.root.buffer(type);
      default:
        return this.vmBuffer(type);
    }
  }

  continueStream(type: number): Status {
    if (type === StreamType.Upstream) return Status.Unimplemented;
    if (type === StreamType.Downstream) return Status.Ok;
    const direction = type === StreamType.Request ? this.request : this.response;
    this.vm.afterCallback(() => {
      this.#host.resume(this.pipelineOf(direction), direction);
    });
    // Also when it is the response that goes on.
    this.request.forget();
    return Status.Ok;
  }

  closeStream(type: number): Status {
    if (type === StreamType.Request || type === StreamType.Response) {
      this.vm.afterCallback(() => {
        this.#host.closeStream();
      });
    }
    return Status.Ok;
  }

  sendLocalReply(reply: LocalReply): void {
    this.vm.afterCallback(() => {
      this.#host.sendLocalReply(reply, this);
    });
  }

  clearRouteCache(): void {
    this.#host.clearRouteCache();
  }

  property(name: string): PropertyValue | undefined {
    if (this.#logging) return this.#host.property(name, seenByLogger(this.#host));
    return this.#host.property(name, { request: this.request.headers, response: this.response.headers });
  }

  setProperty(path: string, value: Uint8Array): Status {
    return this.#host.setFilterState(path, value, this.root.hasReadOnlyProperty(path)) ? Status.Ok : Status.BadArgument;
  }

  #create(): void {
    if (this.createdInVm) return;
    this.vm.callback("proxy_on_context_create", this, [this.root.id]);
    this.createdInVm = true;
  }

  #failStream(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#host.sendLocalReply(FAIL_STREAM_REPLY);
  }
}
