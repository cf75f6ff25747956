import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { chunk, isBodiless, requestHeaders, responseHeaders, trailers } from "./messages.ts";
import type { Random } from "./random.ts";

/** What may happen next to a stream, in words for the trail. */
type Step = readonly [what: string, happen: () => void];

/** A stream of which client and upstream do what they may in Envoy, in any order that Envoy allows. */
export class FuzzedStream {
  readonly stream: Stream;
  readonly #random: Random;
  readonly #method: string;
  #sending: boolean;
  #answering: "not yet" | "body" | "over" = "not yet";

  constructor(proxy: ProxyHost, plugins: readonly Plugin[], random: Random) {
    this.#random = random;
    const workers = proxy.workers.map(({ name }) => name).filter((name) => name !== "main");
    this.stream = proxy.openStream(plugins, { worker: random.pick(workers) });
    const headers = requestHeaders(random);
    this.#method = String(headers[0]?.[1]);
    this.#sending = random.oneIn(4);
    this.stream.sendRequestHeaders(headers, { endOfStream: !this.#sending });
  }

  get over(): boolean {
    return this.stream.ended;
  }

  /** Whether only the filter can bring it on: the client has sent all, and no upstream has anything to say. */
  get waits(): boolean {
    return !this.over && !this.#sending && !this.#upstreamMaySpeak;
  }

  /** Something happens to it, if anything can; gives what. */
  happen(): string {
    const steps: Step[] = [
      ...(this.#sending ? this.#clientSteps() : []),
      ...(this.#upstreamMaySpeak ? this.#upstreamSteps() : []),
      ...(this.#random.oneIn(12) ? [this.#leave()] : []),
    ];
    if (this.over || steps.length === 0) return "";
    const [what, happen] = this.#random.pick(steps);
    happen();
    return what;
  }

  /** Client and upstream do all that is left for them to do. */
  finish(): void {
    if (this.#sending && !this.over) {
      this.#sending = false;
      this.stream.sendRequestBody("", true);
    }
    if (this.#upstreamMaySpeak && this.#answering === "not yet") {
      this.#answering = "over";
      this.stream.respondHeaders({ ":status": "200" }, true);
    } else if (this.#upstreamMaySpeak) {
      this.#answering = "over";
      this.stream.respondBody("", true);
    }
  }

  /** An upstream has the request, and no answer of the proxy's own has taken the place of its response. */
  get #upstreamMaySpeak(): boolean {
    const { stream } = this;
    if (this.over || this.#answering === "over" || stream.localReply !== undefined) return false;
    return stream.request.state === "forwarded";
  }

  #clientSteps(): Step[] {
    const { stream } = this;
    const part: Step = ["request body", () => stream.sendRequestBody(chunk(this.#random), false)];
    const end: Step = [
      "end of request",
      () => {
        this.#sending = false;
        stream.sendRequestBody(chunk(this.#random), true);
      },
    ];
    const last: Step = [
      "request trailers",
      () => {
        this.#sending = false;
        stream.sendRequestTrailers(trailers(this.#random));
      },
    ];
    return [part, end, last];
  }

  #upstreamSteps(): Step[] {
    const { stream } = this;
    const breaks: Step = [
      "upstream breaks",
      () => {
        this.#answering = "over";
        stream.breakUpstream();
      },
    ];
    if (this.#answering === "not yet") return [["response headers", () => this.#answer()], ...this.#rarely(breaks)];
    return [
      ["response body", () => stream.respondBody(chunk(this.#random))],
      [
        "end of response",
        () => {
          this.#answering = "over";
          stream.respondBody(chunk(this.#random), true);
        },
      ],
      [
        "response trailers",
        () => {
          this.#answering = "over";
          stream.respondTrailers(trailers(this.#random));
        },
      ],
      ...this.#rarely(breaks),
    ];
  }

  #answer(): void {
    const headers = responseHeaders(this.#random);
    const ends = isBodiless(this.#method, String(headers[0]?.[1])) || this.#random.oneIn(5);
    this.#answering = ends ? "over" : "body";
    this.stream.respondHeaders(headers, ends);
  }

  #rarely(step: Step): Step[] {
    return this.#random.oneIn(4) ? [step] : [];
  }

  #leave(): Step {
    return ["client leaves", () => this.stream.disconnect()];
  }
}
