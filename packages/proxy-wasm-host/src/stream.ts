import { Body } from "./body.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import { FilterManager, type StreamFilters } from "./filter-manager.ts";
import { HeaderMap, type HeadersInput } from "./header-map.ts";
import type { LocalReply } from "./local-reply.ts";
import type { Message } from "./message.ts";
import type { VmName } from "./journal.ts";
import type { PropertyMap } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { ProxyServices } from "./services.ts";

/** What the upstream answers; `status` is short for a `:status` header. */
export interface UpstreamResponse {
  status?: number;
  headers?: HeadersInput;
  /** The whole body: one chunk, then an empty last one, as HTTP/1.1 responses arrive in Envoy. */
  body?: Bytes;
  /** The body in chunks; the last one ends the stream. Takes precedence over `body`. */
  chunks?: readonly Bytes[];
  trailers?: HeadersInput;
}

/** A plugin, as far as one is asked for the root that logs. */
export interface AccessLogger {
  rootFor(worker: VmName): RootContext | undefined;
}

export interface StreamOptions {
  /** The worker whose VM sees the stream; 0 by default. */
  worker?: number;
  /** Plugins that are access loggers: their roots hear of the stream when it is over. */
  accessLoggers?: readonly AccessLogger[];
  /** Attributes beside those that follow from the headers: `{source: {address: "10.0.0.1:1234"}}`. */
  properties?: PropertyMap;
}

/**
 * Where a request is: `paused` by a filter; `forwarded`, at least its headers; `answered` by the proxy before that;
 * `reset`; `ended` when the client has left.
 */
export type RequestState = "not sent" | "paused" | "forwarded" | "answered" | "reset" | "ended";

/** One request and its response, on their way through the filters of one or more plugins. */
export class Stream {
  readonly worker: number;
  readonly #services: ProxyServices;
  readonly #open: () => StreamFilters;
  readonly #properties: PropertyMap;
  #manager: FilterManager | undefined;
  #clientGone = false;

  constructor(services: ProxyServices, open: () => StreamFilters, options: StreamOptions) {
    this.worker = options.worker ?? 0;
    this.#services = services;
    this.#open = open;
    this.#properties = options.properties ?? {};
  }

  /** The client's headers; by default they are the whole request. `:scheme`, `:method`, … are up to the test. */
  sendRequestHeaders(headers: HeadersInput, { endOfStream = true }: { endOfStream?: boolean } = {}): this {
    if (this.#manager !== undefined) throw new Error("the request's headers have been sent already");
    // Envoy makes a stream's filters when its headers are there, not before.
    const manager = new FilterManager(this.#services, this.#open(), this.#properties);
    this.#manager = manager;
    this.#run(() => {
      manager.receiveRequest(new HeaderMap(headers), endOfStream);
    });
    return this;
  }

  sendRequestBody(bytes: Bytes, endOfStream = true): this {
    const { request } = this.#sentManager();
    // What comes after an answer is dropped.
    if (!request.aborted) {
      this.#run(() => {
        request.sendData(new Body(toBytes(bytes)), endOfStream);
      });
    }
    return this;
  }

  sendRequestTrailers(trailers: HeadersInput): this {
    const { request } = this.#sentManager();
    if (!request.aborted) {
      this.#run(() => {
        request.sendTrailers(new HeaderMap(trailers));
      });
    }
    return this;
  }

  /** Where the request is, and what the upstream has or would get of it. */
  get request(): { state: RequestState; headers: HeaderMap; body: Uint8Array; trailers: HeaderMap | undefined } {
    const upstream = this.#manager?.upstream;
    const pipeline = this.#manager?.request;
    return {
      state: this.#requestState(),
      headers: upstream?.headers ?? pipeline?.headers ?? new HeaderMap(),
      body: upstream?.body ?? pipeline?.buffered?.bytes ?? new Uint8Array(0),
      trailers: upstream?.trailers ?? pipeline?.trailers,
    };
  }

  /** The upstream answers, all at once. */
  respond(response: UpstreamResponse = {}): this {
    const chunks = response.chunks ?? (response.body === undefined ? [] : [response.body, ""]);
    const trailers = response.trailers;
    const headers = new HeaderMap(response.headers);
    if (response.status !== undefined) headers.set(":status", String(response.status));
    if (!headers.has(":status")) headers.set(":status", "200");
    this.respondHeaders(headers, chunks.length === 0 && trailers === undefined);
    chunks.forEach((chunk, index) => {
      this.respondBody(chunk, trailers === undefined && index === chunks.length - 1);
    });
    if (trailers !== undefined) this.respondTrailers(trailers);
    return this;
  }

  /** The upstream's headers arrive. */
  respondHeaders(headers: HeadersInput | HeaderMap, endOfStream = false): this {
    const manager = this.#sentManager();
    if (manager.upstream === undefined) {
      throw new Error(`no upstream has got this request: it is ${this.#requestState()}`);
    }
    if (manager.response.headers !== undefined) throw new Error("the response's headers have been sent already");
    const map = headers instanceof HeaderMap ? headers : new HeaderMap(headers);
    this.#run(() => {
      if (!manager.ended) manager.response.sendHeaders(map, endOfStream);
    });
    return this;
  }

  /** A chunk of the upstream's body arrives. */
  respondBody(chunk: Bytes, endOfStream = false): this {
    const { response } = this.#sentManager();
    // When a filter has answered in the upstream's place, the upstream's stream is reset: nothing more comes.
    if (!response.aborted) {
      this.#run(() => {
        response.sendData(new Body(toBytes(chunk)), endOfStream);
      });
    }
    return this;
  }

  respondTrailers(trailers: HeadersInput): this {
    const { response } = this.#sentManager();
    if (!response.aborted) {
      this.#run(() => {
        response.sendTrailers(new HeaderMap(trailers));
      });
    }
    return this;
  }

  /** The upstream's connection breaks: a 503 before its headers have come, a reset after. */
  breakUpstream(): this {
    const manager = this.#sentManager();
    this.#run(() => {
      if (!manager.ended) manager.upstreamReset();
    });
    return this;
  }

  /** What the client has got so far, undefined until it has got headers. */
  get response(): Message | undefined {
    return this.#manager?.client;
  }

  /** Whether a filter holds back the response, or a part of it. */
  get responsePaused(): boolean {
    return this.#manager !== undefined && !this.#manager.ended && this.#manager.response.paused;
  }

  /** The answer the proxy gave itself, as given by the filter or the host; `response` has what became of it. */
  get localReply(): LocalReply | undefined {
    return this.#manager?.localReply;
  }

  /** Whether the client has seen the stream break. */
  get reset(): boolean {
    return this.#manager?.reset ?? false;
  }

  /** How often the filters have made Envoy choose the route anew. */
  get routeCacheCleared(): number {
    return this.#manager?.routeCacheCleared ?? 0;
  }

  /** Whether the stream is over and its contexts are gone. A complete response ends it. */
  get ended(): boolean {
    return this.#manager?.ended ?? this.#clientGone;
  }

  /** The client leaves. */
  disconnect(): void {
    if (this.ended) return;
    this.#clientGone = true;
    const manager = this.#manager;
    if (manager !== undefined) {
      this.#run(() => {
        manager.end();
      });
    }
  }

  /** Makes sure that the stream is over: nothing after a complete response, a disconnect before. */
  end(): void {
    this.disconnect();
  }

  #requestState(): RequestState {
    const manager = this.#manager;
    if (manager === undefined) return this.#clientGone ? "ended" : "not sent";
    if (manager.upstream !== undefined) return "forwarded";
    if (manager.localReply !== undefined) return "answered";
    if (manager.reset) return "reset";
    return manager.ended ? "ended" : "paused";
  }

  #sentManager(): FilterManager {
    if (this.#manager === undefined) throw new Error("the request's headers have not been sent yet");
    return this.#manager;
  }

  #run(event: () => void): void {
    this.#services.dispatcher.run(event);
  }
}
