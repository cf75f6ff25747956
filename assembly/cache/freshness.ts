import { NONE, Slice, indexOf, isPresent, persist, sub } from "as-bytes/assembly";
import { ResponseCacheConfig } from "../config/response-cache-config";
import { HeaderSource } from "../request/client-request";
import { INVALID_DELTA, parseDeltaSeconds } from "../text/delta-seconds";
import { trimSpace } from "../text/header-value";
import { INVALID_DATE, parseHttpDate } from "../text/http-date";
import { ABSENT, Directives } from "./directives";
import { Exchange } from "./exchange";
import { isHeuristicallyCacheable } from "./status";

const AGE = persist("age");
const COOKIE = persist("cookie");
const DATE = persist("date");
const EXPIRES = persist("expires");
const LAST_MODIFIED = persist("last-modified");

const COMMA: i32 = 0x2c;

/** The most that a heuristic gives. */
const HEURISTIC_LIMIT: i64 = 24 * 3600 * 1000;

/** What a freshness lifetime was taken from. */
export enum LifetimeSource {
  /** Nothing says how long: 0. */
  None,
  SMaxAge,
  MaxAge,
  Expires,
  Heuristic,
  DefaultTtl,
}

/** How long a response is fresh and how old it was when it came (RFC 9111 §4.2), in milliseconds. */
export class Freshness {
  lifetime: i64 = 0;
  source: LifetimeSource = LifetimeSource.None;
  /** `corrected_initial_age` of RFC 9111 §4.2.3. */
  initialAge: i64 = 0;

  /** Reads the response of an exchange that has these directives. */
  read(exchange: Exchange, directives: Directives, config: ResponseCacheConfig): void {
    const responseTime = exchange.responseTime;
    const date = dateOf(exchange.response, responseTime);
    const age = ageValue(exchange.response.get(AGE));
    this.initialAge = correctedInitialAge(date, age, exchange.requestTime, responseTime);
    this.setExplicitLifetime(exchange, directives, date);
    if (this.source == LifetimeSource.None) this.setImplicitLifetime(exchange, directives, date, config);
  }

  /** "A cache can calculate the freshness lifetime by evaluating the following rules and using the first match." */
  private setExplicitLifetime(exchange: Exchange, directives: Directives, date: i64): void {
    // "If the cache is shared and the s-maxage response directive is present, use its value, or"
    if (directives.sMaxAge != ABSENT) return this.set(directives.sMaxAge, LifetimeSource.SMaxAge);
    // "If the max-age response directive is present, use its value, or"
    if (directives.maxAge != ABSENT) return this.set(directives.maxAge, LifetimeSource.MaxAge);
    // "If the Expires response header field is present, use its value minus the value of the Date response header field
    // (using the time the message was received if it is not present), or" (RFC 9111 §4.2.1)
    const expires = expiresOf(exchange.response, directives);
    if (!isPresent(expires)) return this.set(0, LifetimeSource.None);
    const time = parseHttpDate(expires, exchange.responseTime);
    // "A cache recipient MUST interpret invalid date formats, especially the value "0", as representing a time in the past
    // (i.e., "already expired")." (RFC 9111 §5.3) Two dates are invalid, too.
    this.set(time == INVALID_DATE ? 0 : max(0, time - date), LifetimeSource.Expires);
  }

  /** "Otherwise, no explicit expiration time is present in the response." (RFC 9111 §4.2.1) */
  private setImplicitLifetime(
    exchange: Exchange,
    directives: Directives,
    date: i64,
    config: ResponseCacheConfig,
  ): void {
    // "Heuristics can only be used on responses without explicit freshness whose status codes are defined as heuristically
    // cacheable and on responses without explicit freshness that have been marked as explicitly cacheable (e.g., with a
    // public response directive)." (RFC 9111 §4.2.2) A query makes no difference: the same section takes that back.
    if (!isHeuristicallyCacheable(exchange.status) && !directives.isPublic) return;
    const heuristic = heuristicLifetime(exchange.response.get(LAST_MODIFIED), date, config.heuristic);
    if (heuristic > 0) return this.set(heuristic, LifetimeSource.Heuristic);
    // A page made for one client's cookie does not become everybody's because its origin forgot to say so.
    if (config.defaultTtl > 0 && !isPresent(exchange.request.get(COOKIE))) {
      this.set(config.defaultTtl, LifetimeSource.DefaultTtl);
    }
  }

  private set(lifetime: i64, source: LifetimeSource): void {
    this.lifetime = lifetime;
    this.source = source;
  }
}

/** The response's `Expires` where it counts: a targeted field replaces it (RFC 9213 §2.2). */
export function expiresOf(response: HeaderSource, directives: Directives): Slice {
  return directives.isTargeted ? NONE : response.get(EXPIRES);
}

/** When the origin made the response: "Date", or the time it was received where that is missing or no date. */
function dateOf(response: HeaderSource, responseTime: i64): i64 {
  const date = parseHttpDate(response.get(DATE), responseTime);
  return date == INVALID_DATE ? responseTime : date;
}

/**
 * `age_value` of RFC 9111 §4.2.3 in milliseconds: "a cache encountering a message with a list-based Age field value SHOULD
 * use the first member of the field value, discarding subsequent ones. If the field value (after discarding additional
 * members, as per above) is invalid (e.g., it contains something other than a non-negative integer), a cache SHOULD ignore
 * the field." (RFC 9111 §5.1)
 */
export function ageValue(field: Slice): i64 {
  const comma = indexOf(field, COMMA);
  const age = parseDeltaSeconds(trimSpace(comma < 0 ? field : sub(field, 0, comma)));
  return age == INVALID_DELTA ? 0 : age;
}

/** `corrected_initial_age` of RFC 9111 §4.2.3. All times are milliseconds. */
export function correctedInitialAge(date: i64, age: i64, requestTime: i64, responseTime: i64): i64 {
  const apparentAge = max(0, responseTime - date);
  // A clock that was set back between the two makes nothing younger.
  const responseDelay = max(0, responseTime - requestTime);
  return max(apparentAge, age + responseDelay);
}

/**
 * "If the response has a Last-Modified header field, caches are encouraged to use a heuristic expiration value that is no
 * more than some fraction of the interval since that time." (RFC 9111 §4.2.2) `percentage` is that fraction; 0 where there
 * is nothing to go by.
 */
export function heuristicLifetime(lastModified: Slice, date: i64, percentage: f64): i64 {
  const modified = parseHttpDate(lastModified, date);
  if (modified == INVALID_DATE || modified >= date) return 0;
  return min(<i64>((<f64>(date - modified) * percentage) / 100), HEURISTIC_LIMIT);
}
