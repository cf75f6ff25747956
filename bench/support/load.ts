import { createConnection, type Socket } from "node:net";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";

const END_OF_HEADERS = "\r\n\r\n";

/** What is sent, one request after the other, and what must come back. */
export interface Traffic {
  readonly count: number;
  /** The `index`-th request, as it goes over the wire. */
  readonly request: (index: number) => string;
  /** What is wrong with the head of the answer (status line and headers); undefined when nothing is. */
  readonly fault: (index: number, head: string) => string | undefined;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** From a request's first byte to its answer's last, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly seconds: number;
}

/**
 * Sends all of the traffic over `connections` kept-alive connections, each waiting for an answer before its next request,
 * and looks at every answer. Throws at the first wrong one, and when a connection breaks.
 *
 * HTTP/1.1 by hand: `node:http` would use more processor time than the proxy it measures.
 */
export async function load(port: number, connections: number, traffic: Traffic): Promise<LoadResult> {
  const latencies = new Float64Array(traffic.count);
  const started = performance.now();
  let next = 0;
  const take = (): number => next++;
  await Promise.all(
    Array.from({ length: connections }, async () => new Connection(port, traffic, take, latencies).finished),
  );
  const seconds = (performance.now() - started) / 1000;
  latencies.sort();
  const quantile = (q: number): number => latencies[Math.floor(q * (latencies.length - 1))] ?? NaN;
  return { requestsPerSecond: traffic.count / seconds, p50: quantile(0.5), p99: quantile(0.99), seconds };
}

class Connection {
  readonly finished: Promise<void>;
  readonly #socket: Socket;
  readonly #traffic: Traffic;
  readonly #take: () => number;
  readonly #latencies: Float64Array;
  #finish: (error?: Error) => void = () => undefined;
  #index = -1;
  #sentAt = 0;
  #received = "";

  constructor(port: number, traffic: Traffic, take: () => number, latencies: Float64Array) {
    this.#traffic = traffic;
    this.#take = take;
    this.#latencies = latencies;
    this.#socket = createConnection({ port, host: LOOPBACK, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.finished = new Promise((resolve, reject) => {
      this.#finish = (error) => {
        this.#socket.destroy();
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    this.#socket.on("connect", () => this.#sendNext());
    this.#socket.on("error", (error) => this.#finish(error));
    this.#socket.on("close", () => this.#finish(new Error("the connection was closed")));
    this.#socket.on("data", (chunk: string) => this.#receive(chunk));
  }

  #sendNext(): void {
    this.#index = this.#take();
    if (this.#index >= this.#traffic.count) {
      this.#finish();
      return;
    }
    this.#received = "";
    this.#sentAt = performance.now();
    this.#socket.write(this.#traffic.request(this.#index));
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf(END_OF_HEADERS);
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + END_OF_HEADERS.length + length) return;
    this.#latencies[this.#index] = performance.now() - this.#sentAt;
    const fault = this.#traffic.fault(this.#index, head);
    if (fault === undefined) this.#sendNext();
    else this.#finish(new Error(`request ${this.#index}: ${fault}`));
  }
}
