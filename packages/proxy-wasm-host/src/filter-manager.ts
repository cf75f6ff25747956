import { HeadersStatus } from "./abi/types.ts";
import { Body } from "./body.ts";
import { toBytes } from "./bytes.ts";
import type { FilterDirection } from "./filter-direction.ts";
import { FilterPipeline, type PipelineEnd, type PipelineFilter } from "./filter-pipeline.ts";
import type { HeaderMap } from "./header-map.ts";
import { type LocalReply, prepareLocalReply } from "./local-reply.ts";
import { Message } from "./message.ts";
import { FILTER_STATE_PREFIX, type PropertyMap, type PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { Services } from "./services.ts";
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

  readonly #services: Services;
  readonly #contexts: StreamContext[] = [];
  readonly #attributes: StreamAttributes;
  readonly #filterState: Record<string, Uint8Array> = {};
  readonly #readOnlyState = new Set<string>();
  readonly #accessLoggers: readonly RootContext[];
  readonly #release: () => void;
  /** A test need not send them; but a filter must not remove them. */
  #hadPath = false;
  #hadMethod = false;
  #ended = false;
  /** Whose answer it was: the proxy's own ones have no filter. */
  readonly #answeredBy = new Set<StreamContext>();

  constructor(services: Services, { roots, accessLoggers, release }: StreamFilters, properties: PropertyMap) {
    this.#services = services;
    this.#accessLoggers = accessLoggers;
    this.#release = release;
    this.#attributes = new StreamAttributes(services.clock, properties);
    const filters = roots.map((root) => this.#filter(root));
    this.request = new FilterPipeline(
      filters.map((filter) => filter.request),
      this.#upstreamEnd(),
    );
    this.response = new FilterPipeline(filters.map((filter) => filter.response).reverse(), this.#clientEnd());
  }

  /** Whether the stream is over and its contexts are gone. */
  get ended(): boolean {
    return this.#ended;
  }

  receiveRequest(headers: HeaderMap, endOfStream: boolean): void {
    this.#hadPath = headers.has(":path");
    this.#hadMethod = headers.has(":method");
    this.request.sendHeaders(headers, endOfStream);
  }

  resume(pipeline: FilterPipeline, filter: FilterDirection): void {
    if (this.#ended || pipeline.aborted) return;
    // From within the callback of the request's headers, Envoy sends the request twice if that then returns Continue, and
    // never its body if it returns Pause.
    if (!pipeline.resume(filter)) this.#violation("continued although it was not paused");
  }

  /** `DownstreamFilterManager::sendLocalReply`: through the response filters, past them, or not at all. */
  sendLocalReply(reply: LocalReply, by?: StreamContext): void {
    if (this.#ended) {
      this.#violation("was answered after its end");
      return;
    }
    // One filter may put its answer in the place of another's or the router's, whose headers it is just shown.
    if (by !== undefined && this.#answeredBy.has(by)) this.#violation("was answered twice");
    if (by !== undefined) this.#answeredBy.add(by);
    this.localReply ??= reply;
    this.request.aborted = true;
    if (this.response.running && !this.request.running) this.response.aborted = true;
    const { headers, body } = prepareLocalReply(reply, this.request.headers);
    if (body.length > 0 && (reply.status === 204 || reply.status === 304)) {
      this.#violation(`was answered ${reply.status} with a body: it reaches the wire as the next response`);
    }
    if (this.response.headers === undefined) {
      this.#sendReply(this.response, headers, body);
    } else if (this.client === undefined) {
      // The filters have seen another response's headers: Envoy keeps this one from them.
      this.response.aborted = true;
      this.#sendReply(directTo(this.#clientEnd()), headers, body);
    } else {
      this.resetStream();
    }
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

  property(name: string): PropertyValue | undefined {
    if (name === "filter_state") return this.#filterState;
    const attribute = this.#attributes.find(
      name,
      this.request.headers,
      this.response.headers,
      this.localReply?.details,
    );
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
    if (this.response.headers === undefined) this.#routerReply(503, UPSTREAM_RESET_BODY, UPSTREAM_RESET_DETAILS);
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
        const refusal = this.#refusalOf(headers);
        if (refusal !== undefined) {
          this.#violation(`was to be forwarded: ${refusal.text}`);
          this.#routerReply(refusal.status, refusal.body);
          return;
        }
        this.upstream = new Message(headers.clone());
        this.upstream.complete = endOfStream;
      },
      takeData: (data, endOfStream) => {
        take(this.upstream, data, endOfStream);
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
        const sent = headers.clone();
        // How the upstream's message was framed is no client's business (`ConnectionManagerUtility::mutateResponseHeaders`).
        sent.remove("transfer-encoding");
        this.client = new Message(sent);
        this.client.complete = endOfStream;
        if (endOfStream) this.end();
      },
      takeData: (data, endOfStream) => {
        take(this.client, data, endOfStream);
        if (endOfStream) this.end();
      },
      takeTrailers: (trailers) => {
        takeTrailers(this.client, trailers);
        this.end();
      },
    };
  }

  /** What the router or the codec finds wrong with a request, and answers itself. */
  #refusalOf(headers: HeaderMap): { status: number; text: string; body: string } | undefined {
    if (this.#hadPath && !headers.has(":path")) return { status: 404, text: "no :path", body: "" };
    if (this.#hadMethod && !headers.has(":method")) {
      return { status: 503, text: "no :method", body: "missing required header: :method" };
    }
    const unsendable = headers.findUnsendable();
    if (unsendable === undefined) return undefined;
    const body = `invalid header value for: ${unsendable}`;
    return { status: 503, text: `CR, LF or NUL in ${unsendable}`, body };
  }

  #routerReply(status: number, body: string, details = "router"): void {
    this.sendLocalReply({ status, body: toBytes(body), headers: [], details, grpcStatus: -1 });
  }

  #violation(what: string): void {
    const id = this.#contexts[0]?.id ?? 0;
    this.#services.violations.push(`stream ${id} ${what}`);
  }
}

const UPSTREAM_RESET_BODY =
  "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
const UPSTREAM_RESET_DETAILS = "upstream_reset_before_response_started{connection_termination}";

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

function take(message: Message | undefined, data: Body, endOfStream: boolean): void {
  if (message === undefined) return;
  message.append(data.bytes);
  if (endOfStream) message.complete = true;
}

function takeTrailers(message: Message | undefined, trailers: HeaderMap): void {
  if (message === undefined) return;
  message.trailers = trailers.clone();
  message.complete = true;
}
