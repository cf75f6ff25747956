import { Slice, byteAt, equal, isPresent, persist, startsWith } from "as-bytes/assembly";
import { ResponseCacheConfig } from "../config/response-cache-config";
import { ABSENT, Directives } from "./directives";
import { Exchange } from "./exchange";
import { FieldNames } from "./field-names";
import { Freshness, LifetimeSource, expiresOf } from "./freshness";
import { ReuseTerms } from "./reuse-terms";
import { answersUnkeyedField, isHeuristicallyCacheable, isStorableStatus, isUnderstood } from "./status";
import { VaryNames } from "./vary";

const AUTHORIZATION = persist("authorization");
const CONNECTION = persist("connection");
const DATE = persist("date");
const GET = persist("GET");
const METHOD = persist(":method");
const SET_COOKIE = persist("set-cookie");
const VARY = persist("vary");

/** What the names of Envoy's own response fields begin with, such as the time that the upstream took. */
const OF_THE_PROXY = persist("x-envoy-");

const COLON: i32 = 0x3a;

const OK: i32 = 200;

/** Whether a response may be stored, or the first reason why not. Those before `Status` are the request's or the proxy's. */
export enum Storability {
  Storable,
  Method,
  RequestBody,
  RequestNoStore,
  VerifiedJwt,
  LocalReply,
  UnkeyedField,
  Status,
  NotUnderstood,
  NoStore,
  Private,
  Authorization,
  SetCookie,
  VaryAny,
  NothingAllows,
  Trailers,
  TooLarge,
  Incomplete,
  NoUse,
}

/** By `Storability`. */
const NAMES: StaticArray<string> = [
  "storable",
  "method",
  "request-body",
  "request-no-store",
  "verified-jwt",
  "local-reply",
  "status",
  "status",
  "not-understood",
  "no-store",
  "private",
  "authorization",
  "set-cookie",
  "vary-any",
  "nothing-allows",
  "trailers",
  "too-large",
  "incomplete",
  "no-use",
];

/** Whether it is for what this one client asked, and how, or what the proxy lacks, that its response is not stored: others' may be. */
export function isOfRequest(storability: Storability): bool {
  return (
    storability > Storability.Storable && (storability < Storability.Status || storability == Storability.Authorization)
  );
}

/** A short token for `Cache-Status`, metrics and logs. */
export function nameOfStorability(storability: Storability): string {
  return storability >= 0 && storability < NAMES.length ? unchecked(NAMES[storability]) : "";
}

/**
 * What no stored response has beside what it withholds itself: the fields of one connection (RFC 9110 §7.6.1) and those
 * "that are specific to the proxy that a cache uses when forwarding a request" (RFC 9111 §3.1). Cookies are not, either.
 */
const OF_ONE_HOP: StaticArray<Slice> = [
  CONNECTION,
  persist("keep-alive"),
  persist("proxy-connection"),
  persist("te"),
  persist("trailer"),
  persist("transfer-encoding"),
  persist("upgrade"),
  persist("proxy-authenticate"),
  persist("proxy-authentication-info"),
  persist("proxy-authorization"),
];

/** Decides whether a shared cache stores a response (RFC 9111 §3), and on which terms it is used again. */
export class StoragePolicy {
  /** The response's directives, after `decide`. */
  readonly directives: Directives = new Directives();
  /** After `decide`, when it said `Storable`. */
  readonly terms: ReuseTerms = new ReuseTerms();
  /** Where the lifetime in `terms` comes from. */
  readonly freshness: Freshness = new Freshness();

  /** What the response's `Vary` lists, after `decide`, when it said `Storable`. */
  readonly varyNames: VaryNames = new VaryNames();

  private connectionFields: FieldNames = new FieldNames();

  /** `request` has the directives of the exchange's request. */
  decide(exchange: Exchange, request: Directives, config: ResponseCacheConfig): Storability {
    this.directives.readResponse(exchange.response);
    this.freshness.clear();
    this.connectionFields.clear();
    this.connectionFields.addList(exchange.response.get(CONNECTION));
    const ofRequest = storabilityByRequest(exchange, request);
    if (ofRequest != Storability.Storable) return ofRequest;
    const ofResponse = this.storabilityByResponse(exchange);
    if (ofResponse != Storability.Storable) return ofResponse;
    // A filter that verified a JWT may have removed it: the response is as much one client's as with Authorization, but no
    // directive of the origin's can know of it.
    if (exchange.verifiedJwt.isThere) return Storability.VerifiedJwt;
    this.setTerms(exchange, config);
    return this.isLocalReply(exchange) ? Storability.LocalReply : Storability.Storable;
  }

  /**
   * Whether the field of that name (lower case) is left out of the stored response, after `decide`; pseudo-headers are no
   * fields, and what the proxy tells of this one exchange is not the origin's.
   */
  withholds(name: Slice): bool {
    return this.isOfExchange(name) || equal(name, SET_COOKIE) || this.isListed(name);
  }

  /** Whether the field of that name is one of this exchange alone, after `decide`: not even its own client is told of it anew. */
  isOfExchange(name: Slice): bool {
    if (byteAt(name, 0) == COLON || startsWith(name, OF_THE_PROXY)) return true;
    for (let i = 0; i < OF_ONE_HOP.length; i++) {
      if (equal(name, unchecked(OF_ONE_HOP[i]))) return true;
    }
    return this.connectionFields.has(name);
  }

  private storabilityByResponse(exchange: Exchange): Storability {
    const directives = this.directives;
    const status = exchange.status;
    if (answersUnkeyedField(status)) return Storability.UnkeyedField;
    if (!isStorableStatus(status)) return Storability.Status;
    if (directives.mustUnderstand) {
      // "If the response status code is 206 or 304, or the must-understand cache directive (see Section 5.2.2.3) is present:
      // the cache understands the response status code" (RFC 9111 §3)
      if (!isUnderstood(status)) return Storability.NotUnderstood;
      // "When a cache that implements the must-understand directive receives a response that includes it, the cache SHOULD
      // ignore the no-store directive if it understands and implements the status code's caching requirements." (§5.2.2.3)
    } else if (directives.noStore) {
      // "the no-store cache directive is not present in the response" (RFC 9111 §3)
      return Storability.NoStore;
    }
    // "if the cache is shared: the private response directive is either not present or allows a shared cache to store a
    // modified response" (RFC 9111 §3)
    if (directives.isPrivate) return Storability.Private;
    if (this.lacksLeaveFor(exchange)) return Storability.Authorization;
    // RFC 9111 §7.3 leaves it to origins to keep cookies out of caches. Too many do not know: here it is never stored,
    // unless the response says of this very field that the rest may be.
    if (isPresent(exchange.response.get(SET_COOKIE)) && !this.isListed(SET_COOKIE)) return Storability.SetCookie;
    // "A stored response with a Vary header field value containing a member "*" always fails to match." (RFC 9111 §4.1)
    // What is no list of names tells as little of which requests it matches.
    if (!this.varyNames.read(exchange.response.get(VARY))) return Storability.VaryAny;
    if (!this.isAllowed(exchange)) return Storability.NothingAllows;
    if (exchange.hasTrailers) return Storability.Trailers;
    if (exchange.isTooLarge) return Storability.TooLarge;
    return exchange.isIncomplete ? Storability.Incomplete : Storability.Storable;
  }

  /**
   * Whether the proxy made the response itself, after `decide`. It is asked only where that may be: it gives its own no `Date`
   * before all filters have seen them, and only a route that adds fields, or a filter behind this one, makes them fresh; an
   * origin's page has both.
   */
  isLocalReply(exchange: Exchange): bool {
    const source = this.freshness.source;
    const isGuess = source == LifetimeSource.Heuristic || source == LifetimeSource.DefaultTtl;
    const isDoubtful = exchange.status != OK || isGuess || !isPresent(exchange.response.get(DATE));
    return isDoubtful && exchange.localReply.isThere;
  }

  /**
   * "if the cache is shared: the Authorization header field is not present in the request (see Section 11.6.2 of [HTTP]) or a
   * response directive is present that explicitly allows shared caching (see Section 3.5)" (RFC 9111 §3)
   */
  private lacksLeaveFor(exchange: Exchange): bool {
    const directives = this.directives;
    // "In this specification, the following response directives have such an effect: must-revalidate (Section 5.2.2.2),
    // public (Section 5.2.2.9), and s-maxage (Section 5.2.2.10)." (RFC 9111 §3.5)
    if (directives.mustRevalidate || directives.isPublic || directives.sMaxAge != ABSENT) return false;
    return isPresent(exchange.request.get(AUTHORIZATION));
  }

  /** "the response contains at least one of the following" (RFC 9111 §3) */
  private isAllowed(exchange: Exchange): bool {
    const directives = this.directives;
    // "a public response directive"
    if (directives.isPublic) return true;
    // "an Expires header field", "a max-age response directive", "if the cache is shared: an s-maxage response directive"
    if (directives.maxAge != ABSENT || directives.sMaxAge != ABSENT) return true;
    if (isPresent(expiresOf(exchange.response, directives))) return true;
    // "a status code that is defined as heuristically cacheable"
    return isHeuristicallyCacheable(exchange.status);
  }

  private setTerms(exchange: Exchange, config: ResponseCacheConfig): void {
    const directives = this.directives;
    const terms = this.terms;
    this.freshness.read(exchange, directives, config);
    terms.receivedAt = exchange.responseTime;
    terms.initialAge = this.freshness.initialAge;
    // "If directives conflict (e.g., both max-age and no-cache are present), the most restrictive directive should be
    // honored." (RFC 9111 §4.2.1)
    terms.noCache = directives.noCache;
    terms.lifetime = directives.noCache ? 0 : this.freshness.lifetime;
    // "The s-maxage directive incorporates the semantics of the proxy-revalidate response directive" (RFC 9111 §5.2.2.10),
    // and that one is must-revalidate for shared caches (§5.2.2.8).
    terms.mustRevalidate = directives.mustRevalidate || directives.proxyRevalidate || directives.sMaxAge != ABSENT;
    terms.staleWhileRevalidate = this.staleWindow(directives.staleWhileRevalidate, config.staleWhileRevalidate);
    terms.staleIfError = this.staleWindow(directives.staleIfError, config.staleIfError);
  }

  /** For how long the response may be served stale: by its own directive, or else as configured. */
  private staleWindow(directive: i64, configured: i64): i64 {
    const terms = this.terms;
    // "A cache MUST NOT generate a stale response if it is prohibited by an explicit in-protocol directive (e.g., by a
    // no-cache response directive, a must-revalidate response directive, or an applicable s-maxage or proxy-revalidate
    // response directive; see Section 5.2.2)." (RFC 9111 §4.2.4)
    if (terms.noCache || terms.mustRevalidate) return 0;
    if (directive != ABSENT) return directive;
    // What never was fresh was made for the one who asked: no configuration gives it to others.
    return terms.lifetime > 0 ? configured : 0;
  }

  /**
   * Whether a qualified directive names the field. "If a qualified private response directive is present, with an argument
   * that lists one or more field names, then only the listed header fields are limited to a single user" (RFC 9111
   * §5.2.2.7). With `no-cache`, a response may be used "if the listed header fields are excluded from the subsequent response"
   * (RFC 9111 §5.2.2.4).
   */
  private isListed(name: Slice): bool {
    return this.directives.privateFields.has(name) || this.directives.noCacheFields.has(name);
  }
}

function storabilityByRequest(exchange: Exchange, request: Directives): Storability {
  // "the request method is understood by the cache" (RFC 9111 §3): HEAD is answered from what GET stored, and what POST
  // leaves to be stored is for requests that nobody sends.
  if (!equal(exchange.request.get(METHOD), GET)) return Storability.Method;
  // The content of a GET "has no generally defined semantics" (RFC 9110 §9.3.1), and it is not in the key.
  if (exchange.hasRequestBody) return Storability.RequestBody;
  // "The no-store request directive indicates that a cache MUST NOT store any part of either this request or any response to
  // it." (RFC 9111 §5.2.1.5)
  return request.noStore ? Storability.RequestNoStore : Storability.Storable;
}
