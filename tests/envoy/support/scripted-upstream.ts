import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";

/** As they go over the wire: a name may come more than once. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** Answers a request; `call` counts those for its path, from 1. It may take its time. */
export type Script = (request: IncomingMessage, response: ServerResponse, call: number) => void | Promise<void>;

/** Takes a connection over after an upgrade or a CONNECT. */
export type Takeover = (request: IncomingMessage, socket: Duplex) => void;

/** As large a header block as Envoy takes, and more. */
const MOST_HEADER_BYTES = 128 * 1024;

/** An upstream whose every path has a script, and which keeps what it was asked. One connection serves many requests. */
export class ScriptedUpstream {
  readonly #server: Server = createServer({ maxHeaderSize: MOST_HEADER_BYTES, keepAliveTimeout: 0 });
  readonly #scripts = new Map<string, Script>();
  readonly #asked = new Map<string, IncomingMessage[]>();

  constructor() {
    this.#server.on("request", (request, response) => {
      void this.#serve(request, response);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @param port the one it had before it was stopped; any free one when not given */
  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, LOOPBACK, resolve);
    });
  }

  /** Ends all connections: who asks then is refused. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** Says what a path, query included, is answered with from now on. */
  on(path: string, script: Script): void {
    this.#scripts.set(path, script);
  }

  /** Says what becomes of connections that change their protocol. */
  onTakeover(event: "upgrade" | "connect", takeover: Takeover): void {
    this.#server.on(event, takeover);
  }

  /** What was asked of a path so far, without bodies. */
  asked(path: string): readonly IncomingMessage[] {
    return this.#asked.get(path) ?? [];
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.asked(path).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const asked = this.#asked.get(path) ?? [];
    asked.push(request);
    this.#asked.set(path, asked);
    // Connections are for the next request only when this one has been read.
    request.resume();
    const script = this.#scripts.get(path);
    if (script === undefined) {
      response.writeHead(500, { "cache-control": "no-store" }).end(`no script for ${path}`);
      return;
    }
    try {
      await script(request, response, asked.length);
    } catch (error) {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Answers with this status, these fields and this body, each of its parts in a chunk of its own when it has several. */
export function answer(status: number, fields: Fields, ...body: readonly (string | Uint8Array)[]): Script {
  return (_, response) => {
    response.writeHead(status, fields.flat());
    const last = body.at(-1);
    for (const part of body.slice(0, -1)) response.write(part);
    if (last === undefined) response.end();
    else response.end(last);
  };
}

/** One script for the first request, the next for the second, and so on; the last one for all that follow. */
export function inTurn(...scripts: readonly Script[]): Script {
  return (request, response, call) => scripts[Math.min(call, scripts.length) - 1]?.(request, response, call);
}
