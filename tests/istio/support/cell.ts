import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** A request as a cell sees it. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a cell answers; 200 and no headers or body of their own when not given. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An upstream whose answers a test decides. */
export class Cell {
  /** All that it was asked, in their order. */
  readonly seen: Asked[] = [];
  readonly #server: Server;

  /** @param respond an answer that takes its time settles later */
  constructor(
    readonly name: string,
    respond: (asked: Asked) => Answer | Promise<Answer>,
  ) {
    this.#server = createServer((request, response) => {
      const { method = "", url: path = "", headers } = request;
      const asked = { method, path, headers };
      this.seen.push(asked);
      request.resume();
      void Promise.resolve(respond(asked)).then((answer) => {
        response.writeHead(answer.status ?? 200, { "x-served-by": name, ...answer.headers });
        response.end(answer.body);
      });
    });
  }

  /** The port it serves on; only after `start`. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How often it was asked for this path. */
  timesAsked(path: string): number {
    return this.seen.filter((asked) => asked.path === path).length;
  }

  async start(): Promise<void> {
    // Longer than any test takes: a connection that the server closes first could lose a request.
    this.#server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, LOOPBACK, resolve);
    });
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
