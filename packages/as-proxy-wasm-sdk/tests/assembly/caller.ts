/**
 * Holds requests until a call answers. `x-call` says whose call it is: `stream` (ends with the stream), `root`
 * (survives it), `cancelled` (forgotten at once; the request goes on), `both`, or `nowhere` (an unknown cluster). The
 * body of the reply goes upstream as `x-reply`. Streams and calls are used again, so that a finished request leaves
 * nothing behind.
 */
import { NONE, Slice, equal, persist } from "as-bytes/assembly";
import {
  BufferType,
  Context,
  HeaderMap,
  HeadersStatus,
  HttpCall,
  PairsBuilder,
  RootContext,
  Status,
  StreamContext,
  callsInFlight,
  effectiveContext,
  findStream,
  getBuffer,
  getHeader,
  logInfo,
  registerRoot,
  replaceHeader,
  setEffectiveContext,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_configure,
  proxy_on_http_call_response,
  proxy_on_request_headers,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

const X_CALL = persist("x-call");
const BY_ROOT = persist("root");
const BY_BOTH = persist("both");
const CANCELLED = persist("cancelled");
const TO_NOWHERE = persist("nowhere");
const X_REPLY = persist("x-reply");
const X_STATUS = persist("x-status");
const BACKEND = persist("backend");
const GET = persist("GET");
const LOOKUP = persist("/lookup");
const METHOD = persist(":method");
const PATH = persist(":path");
const AUTHORITY = persist(":authority");
const STATUS = persist(":status");
const RESET = persist("reset");

class CallerRoot extends RootContext {
  freeStreams: Array<CallerStream> = [];
  freeCalls: Array<Resume> = [];

  createStream(id: u32): StreamContext {
    return this.freeStreams.length > 0 ? this.freeStreams.pop() : new CallerStream(this);
  }

  call(): Resume {
    return this.freeCalls.length > 0 ? this.freeCalls.pop() : new Resume(this);
  }
}

class CallerStream extends StreamContext {
  constructor(readonly caller: CallerRoot) {
    super(caller);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const how = getHeader(HeaderMap.RequestHeaders, X_CALL);
    if (equal(how, TO_NOWHERE)) {
      const status = this.send(this, TO_NOWHERE);
      return status == Status.BadArgument ? HeadersStatus.Continue : HeadersStatus.StopIteration;
    }
    if (equal(how, CANCELLED)) {
      const call = this.caller.call();
      call.send(this, this.caller, BACKEND);
      call.cancel();
      logInfo("calls in flight: " + callsInFlight().toString());
      return HeadersStatus.Continue;
    }
    if (equal(how, BY_BOTH)) this.send(this.caller, BACKEND);
    this.send(equal(how, BY_ROOT) ? this.caller : this, BACKEND);
    // Whoever the call was made for, the rest of this callback acts on this stream again.
    if (effectiveContext() != this.id) return HeadersStatus.Continue;
    replaceHeader(HeaderMap.RequestHeaders, X_CALL, how);
    return HeadersStatus.StopIteration;
  }

  onDelete(): void {
    this.caller.freeStreams.push(this);
  }

  private send(context: Context, cluster: Slice): Status {
    return this.caller.call().send(this, context, cluster);
  }
}

class Resume extends HttpCall {
  private streamId: u32 = 0;
  private ofRoot: bool = false;
  private headers: PairsBuilder = new PairsBuilder();

  constructor(readonly caller: CallerRoot) {
    super();
  }

  send(stream: CallerStream, context: Context, cluster: Slice): Status {
    this.streamId = stream.id;
    this.ofRoot = context != stream;
    this.headers.clear().add(METHOD, GET).add(PATH, LOOKUP).add(AUTHORITY, BACKEND);
    const status = this.dispatchFrom(context, cluster, this.headers, NONE, null, 50);
    if (status != Status.Ok) this.caller.freeCalls.push(this);
    return status;
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const status = headerCount == 0 ? RESET : getHeader(HeaderMap.HttpCallResponseHeaders, STATUS);
    const body = getBuffer(BufferType.HttpCallResponseBody, 0, bodySize);
    const stream = findStream(this.streamId);
    logInfo("reply for a stream that is " + (stream === null ? "gone" : "here"));
    if (stream !== null) {
      if (this.ofRoot) setEffectiveContext(stream.id);
      replaceHeader(HeaderMap.RequestHeaders, X_STATUS, status);
      replaceHeader(HeaderMap.RequestHeaders, X_REPLY, body);
      stream.continueRequest();
    }
    this.caller.freeCalls.push(this);
  }

  onDropped(): void {
    logInfo("call dropped; in flight: " + callsInFlight().toString());
    this.caller.freeCalls.push(this);
  }
}

registerRoot((contextId: u32) => new CallerRoot());
