/** What is counted of one lookup, in the order of `COUNT_NAMES`. */
export enum LookupCount {
  /** Requests served with a fresh record from the local store. */
  LocalHits,
  /** Requests whose key the local store did not have, or not well enough. */
  LocalMisses,
  /** Requests for which the local store knew that there is no record. */
  LocalNegative,
  /** Requests served with a record past its time. */
  LocalStale,
  /** Requests that waited for a question which another one had asked already. */
  Coalesced,
  /** Questions asked in the background, to refresh what was served meanwhile. */
  Refreshes,
  /** Requests that the lookup answered itself. */
  Answers,
  /** Requests that made no valid question, or to which a record could not be applied. */
  InvalidRequests,
  /** What Webdis said: see `TierCount`. */
  Webdis,
  /** What the service said: see `TierCount`. */
  Service = LookupCount.Webdis + 6,
  /** How many there are. */
  Size = LookupCount.Service + 6,
}

/** What is counted of a tier, from `LookupCount.Webdis` or `LookupCount.Service` on; the failures as in `FailureClass`. */
export enum TierCount {
  Hits,
  Misses,
  Timeouts,
  Unavailable,
  Invalid,
  Overload,
}

const TIER_NAMES: Array<string> = [
  "hits",
  "misses",
  "errors.timeout",
  "errors.unavailable",
  "errors.invalid",
  "errors.overload",
];

const OWN_NAMES: Array<string> = [
  "local.hits",
  "local.misses",
  "local.negative",
  "local.stale",
  "coalesced",
  "refreshes",
  "answers",
  "invalid_requests",
];

/** A count's name, as in `local.hits` or `webdis.errors.timeout`. */
export function nameOfLookupCount(count: LookupCount): string {
  if (count < LookupCount.Webdis) return OWN_NAMES[count];
  if (count < LookupCount.Service) return "webdis." + TIER_NAMES[count - LookupCount.Webdis];
  return "service." + TIER_NAMES[min(count - LookupCount.Service, TIER_NAMES.length - 1)];
}
