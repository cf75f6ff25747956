/**
 * Does what the request header `x-do` says, once, and answers with what came of it: the way to look at single host
 * calls from a test. A missing value is written `missing`, others between brackets; the status follows.
 */
import {
  ByteBuffer,
  NONE,
  Slice,
  byteAt,
  empty,
  equal,
  isPresent,
  lengthOf,
  persist,
  startsWith,
  sub,
} from "as-bytes/assembly";
import {
  BufferType,
  DataStatus,
  HeaderMap,
  HeadersStatus,
  LogLevel,
  MetricType,
  PairsBuilder,
  RootContext,
  Status,
  StreamContext,
  TrailersStatus,
  addHeader,
  bufferSize,
  callForeignFunction,
  clearRouteCache,
  currentTimeNanoseconds,
  defineMetric,
  dequeueSharedQueue,
  enqueueSharedQueue,
  environmentVariable,
  getBuffer,
  getHeader,
  getProperty,
  getSharedData,
  headerPairs,
  lastCas,
  lastStatus,
  log,
  logEnabled,
  logError,
  monotonicTimeNanoseconds,
  randomU64,
  registerRoot,
  registerSharedQueue,
  removeHeader,
  replaceHeader,
  resolveSharedQueue,
  sendLocalResponse,
  setBuffer,
  setHeaders,
  setProperty,
  setSharedData,
} from "as-proxy-wasm-sdk/assembly";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_configure,
  proxy_on_queue_ready,
  proxy_on_request_headers,
  proxy_on_request_body,
  proxy_on_request_trailers,
  proxy_on_done,
  proxy_on_delete,
} from "as-proxy-wasm-sdk/assembly/exports";

const X_DO = persist("x-do");
const report = new ByteBuffer();
const headers = new PairsBuilder();
let messagesBuilt: i32 = 0;

function say(text: string): void {
  report.text(text).byte(0x20);
}

function show(value: Slice): void {
  if (isPresent(value)) report.byte(0x5b).bytes(value).byte(0x5d).byte(0x20);
  else say("missing");
}

function number(value: u64): void {
  report.decimal(value).byte(0x20);
}

function status(value: Status): void {
  report.text("status ").decimal(value).byte(0x20);
}

class ReporterRoot extends RootContext {
  onQueueReady(queueId: u32): void {
    log(LogLevel.Info, "queue ready");
  }

  createStream(id: u32): StreamContext {
    return new ReporterStream(this);
  }
}

class ReporterStream extends StreamContext {
  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    report.clear();
    const task = getHeader(HeaderMap.RequestHeaders, X_DO);
    if (equal(task, persist("body"))) return HeadersStatus.Continue;
    if (equal(task, persist("trap"))) {
      const none: Array<i32> = [];
      number(none[count]);
    }
    if (startsWith(task, persist("local:"))) {
      const answered = answerWith(sub(task, 6));
      if (answered == Status.Ok) return HeadersStatus.StopIteration;
      status(answered);
    }
    perform(task, count);
    return this.answer();
  }

  onRequestBody(size: i32, endOfStream: bool): DataStatus {
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    number(size);
    number(bufferSize(BufferType.HttpRequestBody));
    show(getBuffer(BufferType.HttpRequestBody, 0, i32.MAX_VALUE));
    show(getBuffer(BufferType.HttpRequestBody, 2, 3));
    show(getBuffer(BufferType.HttpRequestBody, 99, 3));
    show(getBuffer(BufferType.HttpRequestBody, -1, 3));
    status(lastStatus());
    status(setBuffer(BufferType.HttpRequestBody, 0, i32.MAX_VALUE, persist("replaced")));
    show(getBuffer(BufferType.HttpRequestBody, 0, i32.MAX_VALUE));
    this.answer();
    return DataStatus.StopIterationNoBuffer;
  }

  onRequestTrailers(count: i32): TrailersStatus {
    number(count);
    show(getHeader(HeaderMap.RequestTrailers, persist("x-checksum")));
    number(headerPairs(HeaderMap.RequestTrailers).count);
    status(lastStatus());
    this.answer();
    return TrailersStatus.StopIteration;
  }

  private answer(): HeadersStatus {
    headers.clear().add(persist("content-type"), persist("text/plain"));
    status(sendLocalResponse(200, persist("reported"), report.view(), headers));
    return HeadersStatus.StopIteration;
  }
}

function perform(task: Slice, count: i32): void {
  if (equal(task, persist("values"))) values(count);
  else if (equal(task, persist("pairs"))) pairs();
  else if (equal(task, persist("change"))) change();
  else if (equal(task, persist("limits"))) limits();
  else if (equal(task, persist("properties"))) properties();
  else if (equal(task, persist("metrics"))) metrics();
  else if (equal(task, persist("shared"))) shared();
  else if (equal(task, persist("queue"))) queue();
  else if (equal(task, persist("foreign"))) foreign();
  else if (equal(task, persist("clocks"))) clocks();
  else if (equal(task, persist("environment"))) environment();
  else if (equal(task, persist("log"))) logs();
}

function values(count: i32): void {
  number(count);
  show(getHeader(HeaderMap.RequestHeaders, persist("x-full")));
  status(lastStatus());
  show(getHeader(HeaderMap.RequestHeaders, persist("x-empty")));
  status(lastStatus());
  show(getHeader(HeaderMap.RequestHeaders, persist("x-missing")));
  status(lastStatus());
  show(getHeader(HeaderMap.ResponseHeaders, persist("x-full")));
  status(lastStatus());
}

function pairs(): void {
  const all = headerPairs(HeaderMap.RequestHeaders);
  status(lastStatus());
  number(all.count);
  const name = persist("X-Full");
  for (let i = all.indexOf(name); i >= 0; i = all.indexOf(name, i + 1)) show(all.value(i));
  show(all.value(-1));
  show(all.name(all.count));
}

function change(): void {
  const name = persist("x-new");
  status(addHeader(HeaderMap.RequestHeaders, name, persist("1")));
  status(replaceHeader(HeaderMap.RequestHeaders, name, persist("2")));
  show(getHeader(HeaderMap.RequestHeaders, name));
  status(replaceHeader(HeaderMap.RequestHeaders, name, NONE));
  status(replaceHeader(HeaderMap.RequestHeaders, name, empty()));
  show(getHeader(HeaderMap.RequestHeaders, name));
  status(removeHeader(HeaderMap.RequestHeaders, name));
  show(getHeader(HeaderMap.RequestHeaders, name));
  headers.clear().add(persist(":method"), persist("GET")).add(persist("x-only"), persist("one"));
  status(setHeaders(HeaderMap.RequestHeaders, headers));
  number(headerPairs(HeaderMap.RequestHeaders).count);
}

function limits(): void {
  const name = persist("x-many");
  headers.clear();
  for (let i = 0; i < 1024; i++) headers.add(name, empty());
  status(setHeaders(HeaderMap.RequestHeaders, headers));
  status(setHeaders(HeaderMap.RequestHeaders, headers.add(name, empty())));
  status(setHeaders(HeaderMap.RequestHeaders, headers.clear().add(name, NONE)));
  number(headerPairs(HeaderMap.RequestHeaders).count);
}

function properties(): void {
  show(getProperty(persist("plugin_root_id")));
  show(getProperty(persist("no\0such\0thing")));
  status(lastStatus());
  status(setProperty(persist("test.outcome"), persist("routed")));
  show(getProperty(persist("test.outcome")));
}

function metrics(): void {
  const counter = defineMetric(MetricType.Counter, persist("test.counter"));
  status(counter.increment(3));
  status(counter.increment(0));
  status(counter.increment(-1));
  number(counter.value());
  const gauge = defineMetric(MetricType.Gauge, persist("test.gauge"));
  gauge.record(7);
  gauge.increment(-2);
  number(gauge.value());
  const histogram = defineMetric(MetricType.Histogram, persist("test.histogram"));
  status(histogram.record(12));
  number(histogram.value());
  status(lastStatus());
}

function shared(): void {
  const key = persist("key");
  show(getSharedData(key));
  status(lastStatus());
  status(setSharedData(key, persist("first")));
  show(getSharedData(key));
  const cas = lastCas();
  status(setSharedData(key, persist("second"), cas));
  status(setSharedData(key, persist("third"), cas));
  show(getSharedData(key));
}

function queue(): void {
  const opened = registerSharedQueue(persist("work"));
  show(dequeueSharedQueue(opened));
  status(lastStatus());
  status(enqueueSharedQueue(opened, persist("item")));
  show(dequeueSharedQueue(opened));
  number(resolveSharedQueue(empty(), persist("work")) == opened ? 1 : 0);
  number(resolveSharedQueue(empty(), persist("play")));
  status(enqueueSharedQueue(9999, persist("item")));
  enqueueSharedQueue(opened, persist("left"));
}

function foreign(): void {
  status(clearRouteCache());
  show(callForeignFunction(persist("no_such_function"), empty()));
  status(lastStatus());
}

function clocks(): void {
  number(currentTimeNanoseconds());
  number(monotonicTimeNanoseconds());
  number(randomU64() != randomU64() ? 1 : 0);
}

function environment(): void {
  const home = environmentVariable("PLACE");
  say(home === null ? "null" : home);
  const prefixOnly = environmentVariable("PLA");
  say(prefixOnly === null ? "null" : prefixOnly);
}

function logs(): void {
  if (logEnabled(LogLevel.Debug)) {
    messagesBuilt++;
    log(LogLevel.Debug, "details no. " + messagesBuilt.toString());
  }
  number(messagesBuilt);
  logError("always seen");
}

/** Answers with the status behind `local:` and a body. */
function answerWith(digits: Slice): Status {
  let code: u32 = 0;
  for (let i = 0; i < lengthOf(digits); i++) code = code * 10 + byteAt(digits, i) - 0x30;
  return sendLocalResponse(code, persist("asked"), persist("a body"), null);
}

registerRoot((contextId: u32) => new ReporterRoot());
