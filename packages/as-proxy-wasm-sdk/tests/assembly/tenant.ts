/**
 * Tells which root a stream belongs to: every response carries its root's configuration. A configuration `refused` is
 * refused, and a root configured as `lingers` says at its end that it is not done yet.
 */
import { NONE, Slice, copy, equal, persist, textOf } from "as-bytes/assembly";
import {
  HeaderMap,
  HeadersStatus,
  HttpCall,
  PairsBuilder,
  RootContext,
  Status,
  StreamContext,
  logInfo,
  registerRoot,
  replaceHeader,
  setTickPeriod,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_vm_start,
  proxy_on_configure,
  proxy_on_tick,
  proxy_on_http_call_response,
  proxy_on_request_headers,
  proxy_on_response_headers,
  proxy_on_log,
  proxy_on_done,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

const REFUSED = persist("refused");
const LINGERS = persist("lingers");
const X_TENANT = persist("x-tenant");

class TenantRoot extends RootContext {
  tenant: Slice = NONE;
  farewell: Farewell = new Farewell(this);

  onVmStart(configurationSize: i32): bool {
    logInfo("vm started with '" + textOf(this.vmConfiguration()) + "'");
    return true;
  }

  onConfigure(configurationSize: i32): bool {
    this.tenant = copy(this.configuration());
    return !equal(this.tenant, REFUSED);
  }

  onTick(): void {
    logInfo("tick of " + textOf(this.tenant));
    logInfo("done says " + this.done().toString());
  }

  onDone(): bool {
    logInfo("done: " + textOf(this.tenant));
    if (!equal(this.tenant, LINGERS)) return true;
    logInfo("too early a done says " + this.done().toString());
    setTickPeriod(100);
    return false;
  }

  onDelete(): void {
    logInfo("deleted: " + textOf(this.tenant));
    logInfo("a last call says " + this.farewell.send().toString());
  }

  createStream(id: u32): StreamContext {
    return new TenantStream(this);
  }
}

class TenantStream extends StreamContext {
  constructor(readonly tenantRoot: TenantRoot) {
    super(tenantRoot);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    replaceHeader(HeaderMap.RequestHeaders, X_TENANT, this.tenantRoot.tenant);
    return HeadersStatus.Continue;
  }

  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    replaceHeader(HeaderMap.ResponseHeaders, X_TENANT, this.tenantRoot.tenant);
    return HeadersStatus.Continue;
  }

  onLog(): void {
    logInfo("logged for " + textOf(this.tenantRoot.tenant));
  }
}

class Farewell extends HttpCall {
  private headers: PairsBuilder = new PairsBuilder();

  constructor(readonly root: TenantRoot) {
    super();
  }

  send(): Status {
    this.headers
      .clear()
      .add(persist(":method"), persist("POST"))
      .add(persist(":path"), persist("/farewell"))
      .add(persist(":authority"), persist("backend"));
    return this.dispatchFrom(this.root, persist("backend"), this.headers, NONE, null, 1000);
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    logInfo("unexpected reply");
  }
}

registerRoot((contextId: u32) => new TenantRoot());
