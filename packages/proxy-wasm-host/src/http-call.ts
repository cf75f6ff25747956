import { type Bytes, NO_BYTES, toBytes, toText } from "./bytes.ts";
import { HeaderMap, type HeadersInput } from "./header-map.ts";
import type { VmName } from "./journal.ts";
import type { Timer } from "./clock.ts";

/** What a cluster answers; `status` is short for a `:status` header. */
export interface HttpCallReply {
  status?: number;
  headers?: HeadersInput;
  body?: Bytes;
  trailers?: HeadersInput;
}

/** A reply as the module reads it; a reset has no headers at all. */
export interface HttpCallResponse {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap | undefined;
}

/** What the module asked for. */
export interface HttpCallRequest {
  readonly vm: VmName;
  readonly vmId: string;
  readonly token: number;
  readonly rootContextId: number;
  readonly callerContextId: number;
  readonly cluster: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
  readonly timeoutMs: number;
}

const REFUSED_BODY =
  "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";

/** An HTTP call in flight. It waits until a test answers it or its time is up. */
export class HttpCall {
  /** Worker whose VM made the call. */
  readonly worker: VmName;
  /** The id of that VM: which module, where there are several. */
  readonly vmId: string;
  readonly token: number;
  /** The context its callback is for: always a root, also when a stream made the call. */
  readonly contextId: number;
  /** The context that made the call: the effective one, if the module had set one. */
  readonly callerContextId: number;
  readonly cluster: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
  /** 0: no limit. */
  readonly timeoutMs: number;

  readonly #deliver: (response: HttpCallResponse | "reset" | "lost") => void;
  #state: "pending" | "answered" | "lost" | "cancelled" = "pending";
  #hasBegun = false;

  /** @param deliver gets what the call comes to; `lost` for nothing, ever */
  constructor(request: HttpCallRequest, deliver: (response: HttpCallResponse | "reset" | "lost") => void) {
    this.worker = request.vm;
    this.vmId = request.vmId;
    this.token = request.token;
    this.contextId = request.rootContextId;
    this.callerContextId = request.callerContextId;
    this.cluster = request.cluster;
    this.headers = request.headers;
    this.body = request.body;
    this.trailers = request.trailers;
    this.timeoutMs = request.timeoutMs;
    this.#deliver = deliver;
  }

  /** `pending` until it is answered or lost, or cancelled because its root or VM is gone. */
  get state(): "pending" | "answered" | "lost" | "cancelled" {
    return this.#state;
  }

  get path(): string {
    return this.headers.get(":path") ?? "";
  }

  get bodyText(): string {
    return toText(this.body);
  }

  /** The cluster answers. */
  reply(reply: HttpCallReply = {}): void {
    const headers = new HeaderMap(reply.headers);
    if (reply.status !== undefined) headers.set(":status", String(reply.status));
    if (!headers.has(":status")) headers.set(":status", "200");
    const body = reply.body === undefined ? NO_BYTES : toBytes(reply.body);
    this.#answer({ headers, body, trailers: reply.trailers === undefined ? undefined : new HeaderMap(reply.trailers) });
  }

  /** The reply's headers come, and its body does not yet. The module hears nothing of it. */
  begin(): void {
    this.#hasBegun = true;
  }

  /**
   * The time is up. To the module this is a reply like any other, but where a reply had begun: Envoy breaks that off, as
   * in `reset`.
   */
  timeOut(): void {
    this.#answer(this.#hasBegun ? "reset" : ownReply(504, "upstream request timeout"));
  }

  /** Nobody listens. To the module this, too, is a reply like any other. */
  refuse(): void {
    this.#answer(ownReply(503, REFUSED_BODY));
  }

  /** The connection breaks in the middle of the reply: a callback with no headers. */
  reset(): void {
    this.#answer("reset");
  }

  /** No callback ever comes, not even that of a timeout. Envoy does no such thing: modules had better not hang if it did. */
  lose(): void {
    this.#expectPending();
    this.#state = "lost";
    this.#deliver("lost");
  }

  /** The root or VM is gone: no callback. */
  cancel(): void {
    if (this.#state === "pending") this.#state = "cancelled";
  }

  #answer(response: HttpCallResponse | "reset"): void {
    this.#expectPending();
    this.#state = "answered";
    this.#deliver(response);
  }

  #expectPending(): void {
    if (this.#state !== "pending") {
      throw new Error(`HTTP call ${this.token} to ${this.cluster} (${this.path}) is already ${this.#state}`);
    }
  }
}

/** What Envoy's router says itself when the cluster does not. */
function ownReply(status: number, text: string): HttpCallResponse {
  const headers = new HeaderMap([
    [":status", String(status)],
    ["content-length", String(text.length)],
    ["content-type", "text/plain"],
  ]);
  return { headers, body: toBytes(text), trailers: undefined };
}

/** All calls in flight, of all VMs, oldest first. */
export class HttpCalls {
  readonly #timers = new Map<HttpCall, Timer | undefined>();

  get pending(): HttpCall[] {
    return [...this.#timers.keys()];
  }

  add(call: HttpCall, timer: Timer | undefined): void {
    this.#timers.set(call, timer);
  }

  remove(call: HttpCall): void {
    this.#timers.get(call)?.cancel();
    this.#timers.delete(call);
  }

  /** The calls are forgotten; their callbacks never come. */
  cancel(calls: Iterable<HttpCall>): void {
    for (const call of calls) {
      call.cancel();
      this.remove(call);
    }
  }
}
