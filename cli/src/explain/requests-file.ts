import { at, entriesAt, isObject, textAt } from "../doctor/admin/json.ts";
import { type ClientRequest, clientRequest } from "./client-request.ts";
import { isCredential } from "./secrets.ts";
import { UsageError } from "./usage-error.ts";

/** A request of a file, and what it should become of it where the file says so. */
export interface GivenRequest {
  readonly request: ClientRequest;
  readonly expected: Expectation | undefined;
}

/** What a file of requests has. */
export interface GivenRequests {
  readonly requests: readonly GivenRequest[];
  /** The lines of an access log that are about no request: what the client sent was none, and the proxy logged that. */
  readonly passedOver: readonly number[];
}

/** What the upstream should get, or the client. */
export interface Expectation {
  readonly path?: string;
  readonly host?: string;
  /** Null: the upstream should not get it. */
  readonly headers?: ReadonlyMap<string, string | null>;
  /** The answer's status; undefined: the request should go on. */
  readonly status?: number;
}

/** As in `GET https://shop.example.com/api/acme`. */
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s+(\S+)$/;

/** The names of an access log's fields; the first one that is there counts. */
const AUTHORITIES = ["authority", ":authority", "host"];
const PATHS = ["x_envoy_original_path", "path", ":path"];

/** A header's line stands in. */
const HEADER_LINE = /^\s+\S/;

/**
 * Reads requests: lines `METHOD URL`, each with lines `name: value` that stand in below it; or a JSON object a line, as access
 * logs have them. Empty lines, and those that begin with #, are passed over.
 *
 * @param headers for every request, before its own: `name: value` each
 * @throws UsageError
 */
export function parseRequests(text: string, file: string, headers: readonly string[]): GivenRequests {
  const lines = text.split(/\r?\n/);
  const requests: GivenRequest[] = [];
  const passedOver: number[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (line.trim() === "" || line.startsWith("#")) continue;
    const own: string[] = [];
    const number = index + 1;
    while (HEADER_LINE.test(lines[index + 1] ?? "")) own.push((lines[++index] ?? "").trim());
    const request = readAt(file, number, () => requestIn(line, [...headers, ...own]));
    if (request === undefined) passedOver.push(number);
    else requests.push(request);
  }
  if (requests.length === 0) {
    const needed = passedOver.length === 0 ? "" : ': its lines need "authority" and "path", or "url"';
    throw new UsageError(`--requests: ${file} has no requests${needed}`);
  }
  return { requests, passedOver };
}

/** The mistakes of one request, with its line. */
function readAt<T>(file: string, line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const reason = error.message.replace(/^--(?:url|header|method): /, "");
    throw new UsageError(`--requests: ${file}:${line}: ${reason}`, { cause: error });
  }
}

function requestIn(line: string, headers: readonly string[]): GivenRequest | undefined {
  if (line.startsWith("{")) return fromLog(line, headers);
  const [, method, url] = REQUEST_LINE.exec(line.trim()) ?? [];
  if (method === undefined || url === undefined) {
    throw new UsageError(`no request (use e.g. GET https://shop.example.com/api/acme, or a JSON object a line)`);
  }
  return { request: clientRequest({ url, method, headers }), expected: undefined };
}

/**
 * An entry of an access log in JSON, with the names of Istio's format (`authority`, `path`, …) or those of headers; undefined
 * where nothing is in them, as Envoy logs what was no HTTP: with null, "-" or (`omit_empty_values`) not at all.
 */
function fromLog(line: string, headers: readonly string[]): GivenRequest | undefined {
  const entry = parsed(line);
  const first = (...names: string[]): string | undefined =>
    names.map((name) => textAt(entry, name)).find((value) => value !== undefined && value !== "-");
  const [authority, path] = [first(...AUTHORITIES), first(...PATHS)];
  const scheme = first("scheme", ":scheme", "x_forwarded_proto") ?? "http";
  const url =
    first("url") ?? (authority === undefined || path === undefined ? undefined : `${scheme}://${authority}${path}`);
  if (url === undefined) return undefined;
  const own = [
    ...named("x-request-id", first("request_id", "x_request_id")),
    ...named("user-agent", first("user_agent")),
    ...entriesAt(entry, "headers").flatMap(([name, value]) => valuesOf(value).map((text) => `${name}: ${text}`)),
  ];
  const request = clientRequest({ url, method: first("method", ":method"), headers: [...headers, ...own] });
  return { request, expected: expectationOf(at(entry, "expect")) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`no JSON object in one line (jq -c . makes lines of them): ${reason}`, { cause: error });
  }
}

function named(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}: ${value}`];
}

function valuesOf(value: unknown): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map(String);
}

function expectationOf(expect: unknown): Expectation | undefined {
  if (expect === undefined) return undefined;
  if (!isObject(expect))
    throw new UsageError('"expect" is no object (use e.g. {"path": "/svc", "headers": {"x-cell": "7"}})');
  const unknown = Object.keys(expect).find((name) => !["path", "host", "headers", "status"].includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`"expect" has ${unknown} (known here: path, host, headers, status)`);
  }
  const [path, host] = [textAt(expect, "path"), textAt(expect, "host")];
  const { headers, status } = expect;
  return {
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
    ...(headers === undefined ? {} : { headers: new Map(entriesAt(headers).map(expectedHeader)) }),
    ...(status === undefined || status === null ? {} : { status: statusIn(status) }),
  };
}

/** A number, or the text of one, as access logs have it. */
function statusIn(status: unknown): number {
  const number = typeof status === "number" || typeof status === "string" ? Number(status) : Number.NaN;
  if (Number.isInteger(number) && number >= 100 && number <= 599) return number;
  throw new UsageError(`"expect" has a status that is none: ${JSON.stringify(status)} (use e.g. 404)`);
}

function expectedHeader([name, value]: readonly [string, unknown]): [string, string | null] {
  if (isCredential(name)) throw new UsageError(`"expect" has ${name}: credentials are not shown, and not compared`);
  if (value !== null && typeof value !== "string") throw new UsageError(`"expect" has ${name} as no text (or null)`);
  return [name.toLowerCase(), value];
}
