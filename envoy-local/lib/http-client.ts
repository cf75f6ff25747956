import { request as httpRequest, type Agent, type IncomingHttpHeaders } from "node:http";
import { LOOPBACK } from "./ports.ts";

/** A request to a port of the loopback address. */
export interface HttpRequest {
  readonly port: number;
  /** Sent as it is, dot segments and bad escapes included. */
  readonly path: string;
  readonly method?: string;
  /** As pairs they go out one by one, repeated names and cookies too; `host` must then be among them. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  /** To send several requests over one connection. */
  readonly agent?: Agent;
  /** Milliseconds until the request fails; two minutes when not given. */
  readonly timeout?: number;
}

/** A whole response. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All values of each header, in order. */
  readonly distinct: NodeJS.Dict<string[]>;
  readonly body: Buffer;
  /** From sending the request to the last byte of the response. */
  readonly milliseconds: number;
}

/**
 * Sends one request and reads the whole response; `fetch` would normalise the path and refuse a Host header.
 *
 * Rejects when the connection fails or is cut, and when the time is up.
 */
export async function send(request: HttpRequest): Promise<HttpReply> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: LOOPBACK,
      port: request.port,
      path: request.path,
      method: request.method ?? "GET",
      headers: headersFor(request),
      signal: AbortSignal.timeout(request.timeout ?? 120_000),
      ...(request.agent === undefined ? {} : { agent: request.agent }),
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          distinct: response.headersDistinct,
          body: Buffer.concat(chunks),
          milliseconds: performance.now() - started,
        });
      });
    });
    outgoing.end(request.body);
  });
}

/** Node joins the cookies of an object of headers, and takes a flat list of names and values as it is. */
function headersFor({ headers = {}, body }: HttpRequest): Record<string, string | string[]> | string[] {
  if (!isPairs(headers)) return { ...headers } as Record<string, string | string[]>;
  const length = body === undefined ? [] : ["content-length", String(Buffer.byteLength(body))];
  return [...headers.flat(), ...length];
}

function isPairs(headers: NonNullable<HttpRequest["headers"]>): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

/** The body of a response, read as JSON; an error that shows it when it is not. */
export function json(reply: HttpReply): unknown {
  const text = reply.body.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`status ${reply.status}, expected JSON, got: ${text.slice(0, 500)}`, { cause: error });
  }
}
