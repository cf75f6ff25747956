import { HeadersStatus } from "./abi/types.ts";
import type { SeenHeaders } from "./access-log.ts";
import { Body } from "./body.ts";
import { toBytes } from "./bytes.ts";
import type { FilterDirection } from "./filter-direction.ts";
import { ForwardingCheck } from "./forwarding.ts";
import { FilterPipeline, type PipelineEnd, type PipelineFilter } from "./filter-pipeline.ts";
import type { HeaderMap } from "./header-map.ts";
import { type LocalReply, prepareLocalReply } from "./local-reply.ts";
import { Message } from "./message.ts";
import { FILTER_STATE_PREFIX, type PropertyMap, type PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { ProxyServices } from "./services.ts";
import { FAIL_STREAM_REPLY, type FilterHost, StreamContext } from "./stream-context.ts";
import { StreamAttributes } from "./stream-attributes.ts";

/** The filters of a stream, and who is to know when they are gone. */
export interface StreamFilters {
  /** In the order of the request; undefined for a plugin that could not be configured. */
  readonly roots: readonly (RootContext | undefined)[];
  readonly accessLoggers: readonly RootContext[];
  readonly release: () => void;
}

/** A stream's filters and what passes through them: `FilterManager` of Envoy, with the router and the codec at its ends. */
export class FilterManager implements FilterHost {
  readonly request: FilterPipeline;
  readonly response: FilterPipeline;

  /** What has reached the upstream, undefined until the request's headers have. */
  upstream: Message | undefined;
  /** What has reached the client, undefined until the response's headers have. */
  client: Message | undefined;
  /** The first answer of the proxy's own, as it was given. */
  localReply: LocalReply | undefined;
  routeCacheCleared = 0;
  reset = false;

  readonly #services: ProxyServices;
  readonly #contexts: StreamContext[] = [];
  readonly #attributes: StreamAttributes;
  readonly #filterState: Record<string, Uint8Array> = {};
  readonly #readOnlyState = new Set<string>();
  readonly #accessLoggers: readonly RootContext[];
  readonly #release: () => void;
  readonly #forwarding = new ForwardingCheck();
  #ended = false;
  #closed = false;
  /** An answer that waits until the request's callbacks are off the stack; the first one counts. */
  #prepared: LocalReply | undefined;
  /** Whose answer it was: the proxy's own ones have no filter. */
  readonly #answeredBy = new Set<StreamContext>();

  constructor(services: ProxyServices, { roots, accessLoggers, release }: StreamFilters, properties: PropertyMap) {
    this.#services = services;
    this.#accessLoggers = accessLoggers;
    this.#release = release;
    this.#attributes = new StreamAttributes(services.clock, properties);
    const filters = roots.map((root) => this.#filter(root));
    this.request = new FilterPipeline(
      filters.map((filter) => filter.request),
      this.#upstreamEnd(),
      () => {
        this.#sendPrepared();
      },
    );
    this.response = new FilterPipeline(filters.map((filter) => filter.response).reverse(), this.#clientEnd());
  }

  /** Whether the stream is over and its contexts are gone. */
  get ended(): boolean {
    return this.#ended;
  }

  receiveRequest(headers: HeaderMap, endOfStream: boolean): void {
    this.#forwarding.noteReceived(headers);
    this.request.sendHeaders(headers, endOfStream);
  }

  resume(pipeline: FilterPipeline, filter: FilterDirection): void {
    if (this.#ended || pipeline.aborted) return;
    if (pipeline.headers === undefined) this.#crash("continued before its headers were there");
    // From within the callback of the request's headers, Envoy sends the request twice if that then returns Continue, and
    // never its body if it returns Pause.
    if (!pipeline.resume(filter)) this.#violation("continued although it was not paused");
  }

  /** `DownstreamFilterManager::sendLocalReply`: through the response filters, past them, or not at all. */
  sendLocalReply(reply: LocalReply, by?: StreamContext): void {
    if (this.#ended) {
      // After a close Envoy has something left to answer with.
      if (!this.#closed && by !== undefined) this.#crash("was answered after its end");
      this.#violation("was answered after its end");
      return;
    }
    // One filter may put its answer in the place of another's or the router's, whose headers it is just shown.
    if (by !== undefined && this.#answeredBy.has(by)) this.#violation("was answered twice");
    if (by !== undefined) this.#answeredBy.add(by);
    this.localReply ??= reply;
    this.request.aborted = true;
    if (this.request.running) {
      this.#prepared ??= reply;
      return;
    }
    this.#reply(reply);
  }

  #sendPrepared(): void {
    const reply = this.#prepared;
    if (reply === undefined || this.#ended) return;
    this.#prepared = undefined;
    this.#reply(reply);
  }

  #reply(reply: LocalReply): void {
    if (this.response.running) this.response.aborted = true;
    const { headers, body } = prepareLocalReply(reply, this.request.headers);
    if (body.length > 0 && (reply.status === 204 || reply.status === 304)) {
      this.#violation(`was answered ${reply.status} with a body: it reaches the wire as the next response`);
    }
    if (this.response.headers === undefined) {
      this.#sendReply(this.response, headers, body);
    } else if (this.client === undefined) {
      // The filters have seen another response's headers: Envoy keeps this one from them.
      this.response.aborted = true;
      this.response.headers = headers;
      this.response.trailers = undefined;
      this.#sendReply(directTo(this.#clientEnd()), headers, body);
    } else {
      this.resetStream();
    }
  }

  /** A filter ends the stream without an answer. */
  closeStream(): void {
    if (this.#ended) this.#crash("was closed after its end");
    this.#closed = true;
    this.resetStream();
  }

  /** The client sees the connection or stream break. */
  resetStream(): void {
    if (this.#ended) return;
    this.reset = true;
    this.end();
  }

  clearRouteCache(): void {
    this.routeCacheCleared++;
  }

  property(name: string, seen: SeenHeaders): PropertyValue | undefined {
    if (name === "filter_state") return this.#filterState;
    const attribute = this.#attributes.find(name, seen, this.response.headers?.get(":status"));
    return attribute ?? this.#filterState[FILTER_STATE_PREFIX + name];
  }

  setFilterState(path: string, value: Uint8Array, readOnly: boolean): boolean {
    const name = FILTER_STATE_PREFIX + path;
    if (this.#readOnlyState.has(name)) return false;
    if (readOnly && this.#filterState[name] === undefined) this.#readOnlyState.add(name);
    this.#filterState[name] = value;
    return true;
  }

  /** The upstream's connection breaks. */
  upstreamReset(): void {
    if (this.response.headers === undefined) this.#routerReply(503, UPSTREAM_RESET_BODY);
    else this.resetStream();
  }

  /** The last of it: the access log, then the filters are destroyed. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.request.aborted = true;
    this.response.aborted = true;
    for (const context of this.#contexts) context.log();
    for (const logger of this.#accessLoggers) logger.logStream(this);
    for (const context of this.#contexts) context.destroy();
    this.#release();
  }

  #filter(root: RootContext | undefined): { request: PipelineFilter; response: PipelineFilter } {
    if (root === undefined || root.vm.failure !== undefined) return failClosed(this);
    const context = new StreamContext(root, this);
    this.#contexts.push(context);
    return context;
  }

  #sendReply(to: Pick<FilterPipeline, "sendHeaders" | "sendData">, headers: HeaderMap, body: Uint8Array): void {
    const headersOnly = body.length === 0 || this.request.headers?.get(":method") === "HEAD";
    to.sendHeaders(headers, headersOnly);
    if (!headersOnly && !this.#ended) to.sendData(new Body(body), true);
  }

  #upstreamEnd(): PipelineEnd {
    return {
      takeHeaders: (headers, endOfStream) => {
        const refusal = this.#forwarding.refusalOf(headers);
        if (refusal !== undefined) {
          this.#violation(`was to be forwarded: ${refusal.text}`);
          this.#routerReply(refusal.status, refusal.body);
          return;
        }
        this.upstream = new Message(headers.clone());
        this.upstream.complete = endOfStream;
      },
      takeData: (data, endOfStream) => {
        this.#take(this.upstream, this.request, data, endOfStream);
      },
      takeTrailers: (trailers) => {
        takeTrailers(this.upstream, trailers);
      },
    };
  }

  #clientEnd(): PipelineEnd {
    return {
      takeHeaders: (headers, endOfStream) => {
        if (!headers.has(":status")) {
          this.#violation("was to be answered without :status");
          this.#routerReply(502, "missing required header: :status");
          return;
        }
        const unsendable = headers.findUnsendable();
        // Envoy 1.40 writes it as it is: a client's HTTP/1.1 connection then reads a header, or a response, too many.
        if (unsendable !== undefined) this.#violation(`was answered with CR, LF or NUL in ${unsendable}`);
        const invalid = headers.findInvalidName();
        if (invalid !== undefined) this.#violation(`was answered with a header named ${JSON.stringify(invalid)}`);
        const sent = headers.clone();
        // How the upstream's message was framed is no client's business (`ConnectionManagerUtility::mutateResponseHeaders`).
        sent.remove("transfer-encoding");
        this.client = new Message(sent);
        this.client.complete = endOfStream;
        if (endOfStream) this.end();
      },
      takeData: (data, endOfStream) => {
        this.#take(this.client, this.response, data, endOfStream);
        if (endOfStream) this.end();
      },
      takeTrailers: (trailers) => {
        takeTrailers(this.client, trailers);
        this.end();
      },
    };
  }

  /** A body that filters have changed under an old content-length: the peer waits for more, or reads too much. */
  #take(message: Message | undefined, pipeline: FilterPipeline, data: Body, endOfStream: boolean): void {
    if (message === undefined) return;
    message.append(data.bytes);
    if (!endOfStream) return;
    message.complete = true;
    const declared = message.headers.get("content-length");
    const { length } = message.body;
    if (declared === undefined || length === pipeline.received || length === Number(declared)) return;
    this.#violation(`has a body of ${length} bytes under a content-length of ${declared}`);
    if (length < Number(declared)) message.complete = false;
  }

  #routerReply(status: number, body: string): void {
    this.sendLocalReply({ status, body: toBytes(body), headers: [], details: "router", grpcStatus: -1 });
  }

  #violation(what: string): void {
    this.#services.violations.push(`stream ${this.#id} ${what}`);
  }

  /** Envoy's end, and this proxy's. */
  #crash(what: string): never {
    this.#violation(`${what}: Envoy crashes`);
    this.#services.dispatcher.crash(`Envoy would have crashed: stream ${this.#id} ${what}`);
  }

  get #id(): number {
    return this.#contexts[0]?.id ?? 0;
  }
}

const UPSTREAM_RESET_BODY =
  "upstream connect error or disconnect/reset before headers. reset reason: connection termination";

/** In place of a filter whose plugin or VM has failed (FAIL_CLOSED). */
function failClosed(host: FilterHost): { request: PipelineFilter; response: PipelineFilter } {
  const request: PipelineFilter = {
    onHeaders: () => {
      host.sendLocalReply(FAIL_STREAM_REPLY);
      return HeadersStatus.StopAllIterationAndWatermark;
    },
    onData: () => 0,
    onTrailers: () => 0,
  };
  return { request, response: { onHeaders: () => 0, onData: () => 0, onTrailers: () => 0 } };
}

function directTo(end: PipelineEnd): Pick<FilterPipeline, "sendHeaders" | "sendData"> {
  return {
    sendHeaders: (headers, endOfStream) => {
      end.takeHeaders(headers, endOfStream);
    },
    sendData: (data, endOfStream) => {
      end.takeData(data, endOfStream);
    },
  };
}

function takeTrailers(message: Message | undefined, trailers: HeaderMap): void {
  if (message === undefined) return;
  message.trailers = trailers.clone();
  message.complete = true;
}
