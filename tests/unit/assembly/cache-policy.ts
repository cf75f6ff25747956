import { NONE, Slice, byteAt, indexOf, lengthOf, startsWith, sub } from "as-bytes/assembly";
import { Directives } from "../../../assembly/cache/directives";
import { Exchange } from "../../../assembly/cache/exchange";
import { ReusePolicy, mayForward } from "../../../assembly/cache/reuse-policy";
import { StoragePolicy, nameOfStorability } from "../../../assembly/cache/storage-policy";
import { VerifiedJwt } from "../../../assembly/cache/verified-jwt";
import { ResponseCacheConfig } from "../../../assembly/config/response-cache-config";
import { HeaderSource } from "../../../assembly/request/client-request";
import { bytesOf } from "./bytes";

const TAB: i32 = 0x09;
const NEW_LINE: i32 = 0x0a;

/** Headers as a test gives them: lines of a name, a tab and a value. */
class LineHeaders extends HeaderSource {
  private lines: Uint8Array = new Uint8Array(0);

  set(lines: Uint8Array): void {
    this.lines = lines;
  }

  get(name: Slice): Slice {
    const lines = bytesOf(this.lines);
    for (let start = 0; start < lengthOf(lines);) {
      const end = indexOf(lines, NEW_LINE, start);
      const line = sub(lines, start, end);
      if (startsWith(line, name) && byteAt(line, lengthOf(name)) == TAB) return sub(line, lengthOf(name) + 1);
      start = end + 1;
    }
    return NONE;
  }
}

class GivenJwt extends VerifiedJwt {
  isVerified: bool = false;

  protected ask(): bool {
    return this.isVerified;
  }
}

const jwt = new GivenJwt();
const requestHeaders = new LineHeaders();
const responseHeaders = new LineHeaders();
const exchange = new Exchange(requestHeaders, responseHeaders, jwt);
const requestDirectives = new Directives();
const storage = new StoragePolicy();
const reuse = new ReusePolicy();
const config = new ResponseCacheConfig();

export function policyConfigure(heuristic: f64, defaultTtl: i64, whileRevalidate: i64, ifError: i64): void {
  config.heuristic = heuristic;
  config.defaultTtl = defaultTtl;
  config.staleWhileRevalidate = whileRevalidate;
  config.staleIfError = ifError;
}

/** `flags`: 1 for a request body, 2 a verified JWT, 4 trailers, 8 too large, 16 incomplete. The answer is a name. */
export function policyStorability(
  request: Uint8Array,
  response: Uint8Array,
  status: i32,
  requestTime: i64,
  responseTime: i64,
  flags: i32,
): string {
  requestHeaders.set(request);
  responseHeaders.set(response);
  exchange.status = status;
  exchange.requestTime = requestTime;
  exchange.responseTime = responseTime;
  exchange.hasRequestBody = (flags & 1) != 0;
  jwt.begin();
  jwt.isVerified = (flags & 2) != 0;
  exchange.hasTrailers = (flags & 4) != 0;
  exchange.isTooLarge = (flags & 8) != 0;
  exchange.isIncomplete = (flags & 16) != 0;
  requestDirectives.readRequest(requestHeaders);
  return nameOfStorability(storage.decide(exchange, requestDirectives, config));
}

export function policyLifetime(): i64 {
  return storage.terms.lifetime;
}

export function policyLifetimeSource(): i32 {
  return <i32>storage.freshness.source;
}

export function policyStaleWhileRevalidate(): i64 {
  return storage.terms.staleWhileRevalidate;
}

export function policyStaleIfError(): i64 {
  return storage.terms.staleIfError;
}

export function policyUsableFor(): i64 {
  return storage.terms.usableFor;
}

export function policyAgeAt(now: i64): i64 {
  return storage.terms.ageAt(now);
}

export function policyWithholds(name: Uint8Array): bool {
  return storage.withholds(bytesOf(name));
}

/** What to do with a request for the response that was stored last. */
export function policyReuse(request: Uint8Array, now: i64): i32 {
  requestHeaders.set(request);
  requestDirectives.readRequest(requestHeaders);
  return <i32>reuse.decide(storage.terms, requestDirectives, now);
}

export function policyUsableOnErrorFor(): i64 {
  return reuse.usableOnErrorFor;
}

export function policyMayForward(request: Uint8Array): bool {
  requestHeaders.set(request);
  requestDirectives.readRequest(requestHeaders);
  return mayForward(requestDirectives);
}

/** The directives of a request or response, in the order of the class, those that are not there left out. */
export function directivesOf(headers: Uint8Array, isRequest: bool): string {
  const directives = new Directives();
  responseHeaders.set(headers);
  if (isRequest) directives.readRequest(responseHeaders);
  else directives.readResponse(responseHeaders);
  let text = "";
  if (directives.maxAge >= 0) text += " max-age=" + directives.maxAge.toString();
  if (directives.sMaxAge >= 0) text += " s-maxage=" + directives.sMaxAge.toString();
  if (directives.maxStale >= 0) text += " max-stale=" + directives.maxStale.toString();
  if (directives.minFresh >= 0) text += " min-fresh=" + directives.minFresh.toString();
  if (directives.staleWhileRevalidate >= 0) {
    text += " stale-while-revalidate=" + directives.staleWhileRevalidate.toString();
  }
  if (directives.staleIfError >= 0) text += " stale-if-error=" + directives.staleIfError.toString();
  if (directives.noCache) text += " no-cache";
  if (directives.noStore) text += " no-store";
  if (directives.noTransform) text += " no-transform";
  if (directives.onlyIfCached) text += " only-if-cached";
  if (directives.mustRevalidate) text += " must-revalidate";
  if (directives.proxyRevalidate) text += " proxy-revalidate";
  if (directives.mustUnderstand) text += " must-understand";
  if (directives.isPrivate) text += " private";
  if (directives.isPublic) text += " public";
  if (directives.isTargeted) text += " targeted";
  return text.trim();
}
