import { Agent, request as httpRequest } from "node:http";
import { connect, type ClientHttp2Session } from "node:http2";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import type { Fields } from "./scripted-upstream.ts";

export const PROTOCOLS = ["HTTP/1.1", "HTTP/2"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** How long a response may take, in milliseconds. */
const LIMIT = 180_000;

/** Envoy takes 60 kB of headers by default. */
const MOST_HEADER_BYTES = 128 * 1024;

export interface CacheRequest {
  readonly method?: string;
  readonly headers?: Fields;
  readonly body?: string;
  /** Where there are several. */
  readonly host?: string;
}

/** A whole response, as it came. */
export interface CacheReply {
  readonly status: number;
  /** All values of each field, in their order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, readonly string[]>>;
}

/** Sends requests over one connection, and so to one worker. */
export interface CacheClient {
  /** Rejects when the response is cut off. */
  send(path: string, request?: CacheRequest): Promise<CacheReply>;
  close(): void;
}

export function cacheClient(protocol: Protocol, port: number): CacheClient {
  return protocol === "HTTP/2" ? new Http2Client(port) : new Http1Client(port);
}

export class Http1Client implements CacheClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly port: number) {}

  async send(
    path: string,
    { method = "GET", headers = [], body, host = HOST }: CacheRequest = {},
  ): Promise<CacheReply> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? [] : ["content-length", String(Buffer.byteLength(body))];
      const outgoing = httpRequest({
        host: LOOPBACK,
        port: this.port,
        path,
        method,
        headers: ["host", host, ...headers.flat(), ...length],
        agent: this.#agent,
        timeout: LIMIT,
        maxHeaderSize: MOST_HEADER_BYTES,
      });
      outgoing.once("error", reject);
      outgoing.once("timeout", () => outgoing.destroy(new Error(`no answer for ${path} in time`)));
      outgoing.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: collect(response.rawHeaders),
            body: Buffer.concat(chunks),
            trailers: collect(response.rawTrailers),
          });
        });
      });
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export class Http2Client implements CacheClient {
  readonly #session: ClientHttp2Session;

  constructor(port: number) {
    this.#session = connect(`http://${LOOPBACK}:${port}`, { maxHeaderListPairs: 2_000, maxSendHeaderBlockLength: 1e6 });
    this.#session.on("error", () => undefined);
  }

  async send(
    path: string,
    { method = "GET", headers = [], body, host = HOST }: CacheRequest = {},
  ): Promise<CacheReply> {
    return new Promise((resolve, reject) => {
      const pseudo = { ":method": method, ":scheme": "http", ":authority": host, ":path": path };
      const stream = this.#session.request(
        { ...collect(headers.flat()), ...pseudo },
        { endStream: body === undefined },
      );
      const chunks: Buffer[] = [];
      let fields: string[] = [];
      let trailers: string[] = [];
      // Node's third argument, which its types do not have: the fields one by one.
      stream.on("response", (...args: unknown[]) => (fields = args[2] as string[]));
      stream.on("trailers", (...args: unknown[]) => (trailers = args[2] as string[]));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.setTimeout(LIMIT, () => stream.destroy(new Error(`no answer for ${path} in time`)));
      stream.once("error", reject);
      stream.once("close", () => {
        const { ":status": [status] = ["0"], ...rest } = collect(fields);
        const whole = Buffer.concat(chunks);
        const length = method === "HEAD" ? undefined : rest["content-length"]?.[0];
        // What came before a reset is no whole response; some resets come with the code of no error.
        if (stream.rstCode !== 0) reject(new Error(`the stream was reset with ${stream.rstCode}`));
        else if (length !== undefined && Number(length) !== whole.length) reject(new Error("the response was cut off"));
        else resolve({ status: Number(status), headers: rest, body: whole, trailers: collect(trailers) });
      });
      if (body !== undefined) stream.end(body);
    });
  }

  close(): void {
    this.#session.destroy();
  }
}

export const HOST = "shop.example.com";

/** By name, from names and values in turn. */
function collect(flat: readonly string[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (let i = 0; i < flat.length; i += 2) (fields[(flat[i] ?? "").toLowerCase()] ??= []).push(flat[i + 1] ?? "");
  return fields;
}

/** Differs between a response and the same one from the store: how it travels, and what is told of this one exchange. */
const OF_THE_EXCHANGE = new Set([
  ...["age", "cache-status", "connection", "content-length", "transfer-encoding", "x-envoy-upstream-service-time"],
  ...["keep-alive", "trailer"],
]);

/** What has to be the same of a response and of the stored one. */
export function essence({ status, headers, body }: CacheReply): unknown {
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_EXCHANGE.has(name));
  return { status, headers: Object.fromEntries(kept), body: body.toString("latin1") };
}

/** What the cache says of a reply. */
export function cacheStatus({ headers }: CacheReply): string {
  return headers["cache-status"]?.join(", ") ?? "";
}

/** Whether it came from the store, without the upstream. */
export function isHit(reply: CacheReply): boolean {
  return /(?:^|, )signpost; hit/.test(cacheStatus(reply));
}
