/** What is counted of the response cache, in the order of their names. */
export enum CacheCount {
  /** Requests answered with a fresh response from the local store. */
  Hits,
  /** Those of them whose response had just come from Redis. */
  RedisHits,
  /** Requests answered with a response past its time. */
  StaleHits,
  /** Requests answered with a response that the upstream has just confirmed. */
  Validated,
  /** Requests that went upstream because nothing usable was stored. */
  Misses,
  /** Requests that went upstream, or were refused, because they are not the cache's to answer. */
  Passes,
  /** Requests that waited for another one's response. */
  Collapsed,
  /** Requests answered 504 because they wanted nothing but a stored response. */
  Unsatisfied,
  /** Responses stored. */
  Stored,
  /** Responses that may not be stored, or not shared. */
  Refused,
  /** Responses that are too large to be stored. */
  TooLarge,
  /** Responses that ended before their time, or for which there was no room. */
  Dropped,
  /** URIs invalidated by requests. */
  Invalidations,
  /** Questions to Redis: answered with a response, … */
  ReadHits,
  /** … answered that there is none, … */
  ReadMisses,
  /** … answered with bytes that are no whole response, … */
  ReadDamaged,
  /** … or that are one of another version of the filter, … */
  ReadOtherVersions,
  /** … not answered in time, … */
  ReadTimeouts,
  /** … not answered because Webdis or Redis is not there, … */
  ReadUnavailable,
  /** … answered with something else, … */
  ReadInvalid,
  /** … and not asked because too many were out. */
  ReadOverload,
  /** How many there are. */
  Size,
}

const NAMES: Array<string> = [
  "hits",
  "redis_hits",
  "stale",
  "validated",
  "misses",
  "passes",
  "collapsed",
  "unsatisfied",
  "stored",
  "refused",
  "too_large",
  "dropped",
  "invalidations",
  "redis.hits",
  "redis.misses",
  "redis.damaged",
  "redis.other_versions",
  "redis.errors.timeout",
  "redis.errors.unavailable",
  "redis.errors.invalid",
  "redis.errors.overload",
];

/** A count's name, as in `hits` or `redis.errors.timeout`. */
export function nameOfCacheCount(count: CacheCount): string {
  return NAMES[count];
}
