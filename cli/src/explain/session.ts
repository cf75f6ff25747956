import { type HttpCall, type JournalEntry, type Plugin, ProxyHost, type Stream } from "proxy-wasm-host";
import type { Answered, Answering } from "./answering.ts";
import { deliver } from "./call-outcome.ts";
import { type ClientRequest, requestHeaders } from "./client-request.ts";

/** The plugin's root_id; the filter takes any. */
const ROOT_ID = "signpost";

/** How close the clock may come to a call's time limit before the call is answered, in milliseconds. */
const CLOSE = 0.001;

const NANOSECONDS = 1_000_000;

/** What became of one request. */
export interface Passage {
  readonly request: ClientRequest;
  /** Everything that crossed the border between the proxy and the filter, in order. */
  readonly journal: readonly JournalEntry[];
  /** What became of each call, by the call's token. */
  readonly answers: ReadonlyMap<number, Answered>;
  /** The request as it left the filter, or its answer. */
  readonly stream: Stream;
  /** What the filter did that Envoy does not define. */
  readonly violations: readonly string[];
}

export interface SessionOptions {
  /** The filter's release module. */
  readonly module: Uint8Array;
  /** What the filter gets. */
  readonly configuration: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly answering: Answering;
}

/** A worker of a proxy with the filter in it, which gets one request after the other. */
export class Session {
  readonly #proxy: ProxyHost;
  readonly #plugin: Plugin;
  readonly #answering: Answering;
  /** When each call's time is up, by the proxy's clock. */
  readonly #dueTimes = new WeakMap<HttpCall, number>();

  private constructor(proxy: ProxyHost, plugin: Plugin, answering: Answering) {
    this.#proxy = proxy;
    this.#plugin = plugin;
    this.#answering = answering;
  }

  /** Starts the filter. It has to accept the configuration. */
  static async start(options: SessionOptions): Promise<Session> {
    const proxy = await ProxyHost.create({
      module: options.module,
      environment: options.environment,
      clusters: options.answering.knownClusters,
      logLevel: "trace",
      startTime: Date.now(),
    });
    const plugin = proxy.addPlugin({ rootId: ROOT_ID, configuration: options.configuration });
    if (!plugin.configured) {
      throw new Error(
        `the filter has refused the configuration:\n${proxy.logs.map(({ message }) => message).join("\n")}`,
      );
    }
    return new Session(proxy, plugin, options.answering);
  }

  /** Lets time pass, all at once. */
  wait(milliseconds: number): void {
    // A day has 864,000 ticks, and nobody reads about them.
    this.#proxy.recording = false;
    this.#proxy.clock.advance(milliseconds);
    this.#proxy.recording = true;
  }

  /** Sends a request and answers every call the filter makes for it, also those it makes after the request has gone on. */
  async send(request: ClientRequest): Promise<Passage> {
    const proxy = this.#proxy;
    proxy.takeJournal();
    const violationsBefore = proxy.violations.length;
    const answers = new Map<number, Answered>();
    const stream = this.#plugin
      .openStream()
      .sendRequestHeaders(requestHeaders(request), { endOfStream: request.body === undefined });
    if (request.body !== undefined) stream.sendRequestBody(request.body);
    for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) {
      answers.set(call.token, await this.#answer(call));
    }
    const trap = proxy.vm(0).trapped;
    if (trap !== undefined) throw new Error(`the filter has trapped: ${trap}`);
    if (stream.request.state === "paused") throw new Error("the filter holds the request and waits for nothing");
    const journal = proxy.takeJournal();
    if (stream.request.state === "forwarded") stream.respond({ status: 200 });
    return { request, journal, answers, stream, violations: proxy.violations.slice(violationsBefore) };
  }

  async #answer(call: HttpCall): Promise<Answered> {
    const answered = await this.#answering.answer(call);
    this.#pass(answered.outcome.milliseconds);
    deliver(call, answered.outcome);
    return answered;
  }

  /** Lets the time pass that a call took, but not so much that the proxy itself would end it or one that waits its turn. */
  #pass(milliseconds: number): void {
    const { calls, clock } = this.#proxy;
    const now = Number(clock.monotonicNanoseconds) / NANOSECONDS;
    let longest = milliseconds;
    for (const call of calls) {
      // Time has not moved since the call was made.
      const due = this.#dueTimes.get(call) ?? now + (call.timeoutMs > 0 ? call.timeoutMs : Infinity);
      this.#dueTimes.set(call, due);
      longest = Math.min(longest, due - now - CLOSE);
    }
    clock.advance(Math.max(0, longest));
  }
}
