import type { HeaderPair } from "proxy-wasm-host";
import { UsageError } from "./usage-error.ts";

/** A request as a client sends it: nothing of it is normalised. */
export interface ClientRequest {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  /** In order; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
}

/** A request as people give it on the command line. */
export interface RequestOptions {
  readonly url: string;
  /** GET when not given, POST when there is a body. */
  readonly method?: string | undefined;
  /** `name: value` each. */
  readonly headers: readonly string[];
  readonly body?: Uint8Array | undefined;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Not `URL`, which would resolve dot segments and encode what a client may well send as it is. */
const ADDRESS = /^(https?):\/\/([^/?#@\s]+)(?=[/?#]|$)([^#]*)/i;

/** Reads the request that is to be explained; a `UsageError` when it is none. */
export function clientRequest(options: RequestOptions): ClientRequest {
  const [, scheme = "", authority = "", rest = ""] = ADDRESS.exec(options.url) ?? [];
  if (scheme === "") {
    throw new UsageError(`--url: "${options.url}" is no address (use e.g. https://shop.example.com/api/acme)`);
  }
  if (/[\s\0]/.test(options.url)) throw new UsageError("--url: an address has no white space (use %20)");
  const method = options.method ?? (options.body === undefined ? "GET" : "POST");
  if (!TOKEN.test(method)) throw new UsageError(`--method: "${method}" is no method`);
  const headers = options.headers.map(headerOf);
  return {
    method,
    scheme: scheme.toLowerCase(),
    authority: headers.findLast(([name]) => name === "host")?.[1] ?? authority,
    path: rest.startsWith("/") ? rest : `/${rest}`,
    headers: headers.filter(([name]) => name !== "host"),
    body: options.body,
  };
}

/** The request's headers as the filter gets them, pseudo-headers first. */
export function requestHeaders(request: ClientRequest): HeaderPair[] {
  const hasLength = request.headers.some(([name]) => name === "content-length" || name === "transfer-encoding");
  return [
    [":authority", request.authority],
    [":path", request.path],
    [":method", request.method],
    [":scheme", request.scheme],
    ...request.headers,
    ...(request.body === undefined || hasLength ? [] : [["content-length", String(request.body.length)] as const]),
  ];
}

function headerOf(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
  if (!TOKEN.test(name)) {
    throw new UsageError(`--header: "${text}" is no header (use e.g. 'x-tenant: acme')`);
  }
  const value = text.slice(colon + 1).trim();
  if (/[\r\n\0]/.test(value)) throw new UsageError(`--header: the value of "${name}" has a line break or NUL in it`);
  return [name, value];
}
