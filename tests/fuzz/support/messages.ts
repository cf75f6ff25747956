import type { HeaderPair, UpstreamResponse } from "proxy-wasm-host";
import type { Random } from "./random.ts";

const HOSTS = ["shop.example.com", "SHOP.example.com:8080", "a", "[::1]:80", "", "x".repeat(300)];
const TENANTS = ["acme", "globex", "a%2Fb", "%", "..", "é", ""];
const METHODS = ["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PURGE", "X"];
const DATE = "Wed, 01 Jan 2025 00:00:00 GMT";

const REQUEST_FIELDS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["x-tenant", ["acme", "globex", "", "a,b"]],
  ["cookie", ["session=1", "a=b; session=2", "; =;", "session"]],
  ["authorization", ["Bearer abc", "Basic YTpi", ""]],
  ["cache-control", ["no-cache", "no-store", "only-if-cached", "max-age=0", "max-stale", "min-fresh=10", 'x="']],
  ["pragma", ["no-cache"]],
  ["if-none-match", ['"v1"', "*", 'W/"v1", "v2"', '"']],
  ["if-modified-since", [DATE, "yesterday"]],
  ["if-match", ['"v1"', "*"]],
  ["range", ["bytes=0-1", "bytes=-1", "bytes=5-", "bytes=0-0,2-3", "bytes=9-1", "x=1"]],
  ["if-range", ['"v1"', DATE]],
  ["accept-encoding", ["gzip", "br, gzip;q=0", ""]],
  ["accept-language", ["de", "en, de;q=0.5"]],
  ["origin", ["https://a.example"]],
  ["expect", ["100-continue"]],
  ["x-owned", ["forged"]],
  ["x-cell", ["forged"]],
  ["x-request-id", ["1", ""]],
  ["traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-01"]],
  ["content-type", ["text/plain", "application/grpc"]],
  ["x-forwarded-proto", ["https", "HTTPS"]],
];

const RESPONSE_FIELDS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["cache-control", ["max-age=60", "max-age=1, stale-while-revalidate=60", "max-age=1, stale-if-error=60", "public"]],
  [
    "cache-control",
    ["max-age=0", "no-store", "private", "no-cache", "must-revalidate", "s-maxage=2", 'private="a", x="'],
  ],
  ["etag", ['"v1"', 'W/"v1"', "v1", '"']],
  ["last-modified", [DATE, "never"]],
  ["vary", ["accept-encoding", "accept-language, x-tenant", "*", "cookie", ",,"]],
  ["date", [DATE, "now"]],
  ["age", ["0", "10", "-1", "1, 2"]],
  ["expires", [DATE, "0", "Thu, 01 Jan 2026 00:00:00 GMT"]],
  ["set-cookie", ["session=9"]],
  ["content-type", ["text/plain", "text/html; charset=utf-8"]],
  ["content-encoding", ["gzip"]],
  ["surrogate-key", ["a b", ""]],
  ["location", ["/elsewhere"]],
  ["connection", ["close, x-hop"]],
  ["trailer", ["x-checksum"]],
  ["accept-ranges", ["bytes"]],
  ["cdn-cache-control", ["max-age=10", "no-store"]],
];

/** No HTTP codec takes these in a value. */
function neverInValue(byte: number): boolean {
  return byte === 0 || byte === 0x0a || byte === 0x0d;
}

function neverInPath(byte: number): boolean {
  return byte <= 0x20 || byte === 0x7f;
}

function fields(
  random: Random,
  from: readonly (readonly [name: string, values: readonly string[]])[],
  most: number,
): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let count = random.below(most + 1); count > 0; count--) {
    const [name, values] = random.pick(from);
    pairs.push([name, random.oneIn(20) ? random.bytes(40, neverInValue) : random.pick(values)]);
  }
  // Many, or long.
  if (random.oneIn(200)) for (let i = 0; i < 90; i++) pairs.push([`x-many-${i}`, "x".repeat(random.below(300))]);
  return pairs;
}

function path(random: Random): string | Uint8Array {
  if (random.oneIn(30)) return Buffer.concat([Buffer.from("/api/"), random.bytes(60, neverInPath)]);
  const tenant = random.pick(TENANTS);
  const queries = ["", "?", `?tenant=${tenant}`, "?utm_source=x", "?a=1&a=2&tenant=%C3%A9", "?%zz"];
  const paths = [`/api/${tenant}`, `/api/${tenant}/orders`, "/a", "/", "/api/../a", "/api/%2e%2e/a", "*", "/a#b"];
  if (random.oneIn(100)) return `/api/${"x".repeat(random.below(5000))}`;
  return random.pick(paths) + random.pick(queries);
}

/** Paths that many ask for at the same time. */
const BUSY_PATHS = ["/api/acme/orders", "/a", "/api/globex"];

/** The headers of a request that Envoy lets through to its filters. */
export function requestHeaders(random: Random): HeaderPair[] {
  if (random.oneIn(2)) return busyRequest(random);
  return [
    [":method", random.pick(METHODS)],
    [":scheme", random.pick(["http", "https"])],
    [":authority", random.oneIn(3) ? random.pick(HOSTS) : "shop.example.com"],
    [":path", path(random)],
    ...fields(random, REQUEST_FIELDS, 5),
  ];
}

/** One of those that ask for the same: they share calls, responses and what is stored. */
function busyRequest(random: Random): HeaderPair[] {
  return [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "shop.example.com"],
    [":path", random.pick(BUSY_PATHS)],
    ...(random.oneIn(2) ? [] : fields(random, REQUEST_FIELDS, 1)),
  ];
}

/** The headers of an upstream's response. */
export function responseHeaders(random: Random): HeaderPair[] {
  const status = random.weighted([
    [12, "200"],
    [1, String(random.between(200, 599))],
    [1, random.pick(["204", "206", "301", "304", "404", "410", "416"])],
    [2, random.pick(["500", "502", "503", "504"])],
  ]);
  return [[":status", status], ...fields(random, RESPONSE_FIELDS, 6)];
}

/** Whether a response to such a request has no body, whatever its headers say. */
export function isBodiless(method: string, status: string): boolean {
  return method === "HEAD" || status === "204" || status === "304";
}

/** A part of a body. */
export function chunk(random: Random): Uint8Array {
  const size = random.weighted([
    [2, 0],
    [8, random.below(100)],
    [4, random.below(5_000)],
    [1, random.below(100_000)],
  ]);
  return Buffer.alloc(size, random.below(256));
}

export function trailers(random: Random): HeaderPair[] {
  return [["x-checksum", random.oneIn(5) ? random.bytes(20, neverInValue) : "1"]];
}

/** A response of one piece or several, that is complete. */
export function wholeResponse(random: Random, method: string): UpstreamResponse {
  const headers = responseHeaders(random);
  if (isBodiless(method, String(headers[0]?.[1]))) return { headers };
  const chunks = Array.from({ length: random.below(4) }, () => chunk(random));
  return { headers, chunks, ...(random.oneIn(10) ? { trailers: trailers(random) } : {}) };
}
