/**
 * Tries in every callback what can be done to a stream, as its configuration says, and logs what came of it. With `log only` it
 * is an access logger.
 */
import { NONE, equal, persist, textOf } from "as-bytes/assembly";
import {
  DataStatus,
  HeaderMap,
  HeadersStatus,
  RootContext,
  Status,
  StreamContext,
  closeRequest,
  closeResponse,
  continueRequest,
  continueResponse,
  getHeader,
  getProperty,
  headerPairs,
  lastStatus,
  logInfo,
  registerRoot,
  sendLocalResponse,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_configure,
  proxy_on_request_headers,
  proxy_on_response_headers,
  proxy_on_response_body,
  proxy_on_log,
  proxy_on_done,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

const PATH = persist(":path");
const STATUS = persist(":status");
const CODE = persist("response\0code");

class PhasesRoot extends RootContext {
  task: string = "";
  private first: PhasesStream | null = null;

  override onConfigure(size: i32): bool {
    this.task = textOf(this.configuration());
    return true;
  }

  override createStream(id: u32): StreamContext {
    const first = this.first;
    if (this.task == "one object" && first !== null) return first;
    const stream = new PhasesStream(this, this);
    this.first = stream;
    return stream;
  }

  override onLog(): void {
    const path = textOf(getHeader(HeaderMap.RequestHeaders, PATH));
    const status = textOf(getHeader(HeaderMap.ResponseHeaders, STATUS));
    const hasCode = getProperty(CODE) != NONE;
    logInfo("request logged: " + path + " " + status + (hasCode ? " with its code" : ""));
  }
}

class PhasesStream extends StreamContext {
  constructor(
    root: RootContext,
    private phases: PhasesRoot,
  ) {
    super(root);
  }

  override onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    if (this.phases.task == "maps") this.readMaps();
    this.attempt("request");
    return HeadersStatus.Continue;
  }

  override onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    return this.finishTwice() ? HeadersStatus.StopIteration : HeadersStatus.Continue;
  }

  override onResponseBody(size: i32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }

  override onLog(): void {
    this.attempt("log");
  }

  override onDone(): bool {
    this.attempt("done");
    return true;
  }

  override onDelete(): void {
    this.attempt("delete");
  }

  /** Does two things in one callback that each end the stream. */
  private finishTwice(): bool {
    const task = this.phases.task;
    const at = task.indexOf(" then ");
    if (at < 0) return false;
    this.finish(task.substring(0, at));
    this.finish(task.substring(at + 6));
    return true;
  }

  private finish(how: string): void {
    if (how == "close request") this.report(how, closeRequest());
    else if (how == "close response") this.report(how, closeResponse());
    else this.report(how, sendLocalResponse(403, NONE, NONE, null));
  }

  private attempt(phase: string): void {
    const task = this.phases.task;
    if (task == "continue response") this.report(phase, continueResponse());
    if (task == "continue its response") this.report(phase, this.continueResponse());
    if (phase == "request") return;
    if (task == "continue request") this.report(phase, continueRequest());
    if (task == "continue its request") this.report(phase, this.continueRequest());
    if (task == "close request") this.report(phase, closeRequest());
    if (task == "close response") this.report(phase, closeResponse());
    if (task == "answer") this.report(phase, sendLocalResponse(403, NONE, NONE, null));
  }

  private report(phase: string, status: Status): void {
    logInfo(phase + ": " + (<i32>status).toString());
  }

  /** Maps that do not exist, beside one that does. */
  private readMaps(): void {
    const headers = headerPairs(HeaderMap.RequestHeaders);
    const numbers: i32[] = [-1, i32.MIN_VALUE, 8, i32.MAX_VALUE];
    for (let i = 0; i < numbers.length; i++) {
      const none = headerPairs(<HeaderMap>numbers[i]);
      const known = headers.indexOf(PATH) >= 0 && equal(headers.value(headers.indexOf(PATH)), persist("/"));
      logInfo(
        none.count.toString() + " of none, status " + (<i32>lastStatus()).toString() + (known ? "" : ", and lost"),
      );
    }
  }
}

registerRoot((contextId: u32) => new PhasesRoot());
