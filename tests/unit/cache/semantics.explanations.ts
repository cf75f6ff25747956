import type { Directive, Pair, Use } from "../support/cache-pairs.ts";
import { DAY, NOW, SECOND } from "../support/cache-policy.ts";

export type Answer = "storable" | "lifetime" | "age" | "reuse" | "usable on error";

/** Two answers to one question, with the pair as the oracle was given it. Durations are milliseconds. */
export interface Difference {
  pair: Pair;
  answer: Answer;
  ours: unknown;
  theirs: unknown;
  /** Why we do not store the response, or `storable`. */
  reason: string;
  /** Our lifetime and age of the response when it came. */
  lifetime: number;
  age: number;
  use?: Use | undefined;
}

/** Why http-cache-semantics decides otherwise than we do, and which words we have on our side. */
export interface Explanation {
  name: string;
  words: string;
  answer: Answer;
  applies: (difference: Difference) => boolean;
}

/** The statuses for which http-cache-semantics stores anything. */
const THEIR_STATUSES = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501]);

const FORBIDDING = ["must-revalidate", "proxy-revalidate", "s-maxage", "no-cache"];

const NO_STALE =
  'RFC 9111 §4.2.4: "A cache MUST NOT generate a stale response if it is prohibited by an explicit in-protocol directive (e.g., by ' +
  "a no-cache response directive, a must-revalidate response directive, or an applicable s-maxage or proxy-revalidate response " +
  'directive; see Section 5.2.2)."';

function has(directives: readonly Directive[], ...names: string[]): boolean {
  return directives.some(({ name }) => names.includes(name));
}

function requestHas(use: Use | undefined, ...names: string[]): boolean {
  return use !== undefined && has(use.directives, ...names);
}

/** By how much the response is older than its lifetime when it is used. */
function staleness({ lifetime, age, use }: Difference): number {
  return age + (use?.after ?? 0) - lifetime;
}

/** Whether the response is stale and its origin forbids to serve it so. */
function isForbidden(difference: Difference): boolean {
  return staleness(difference) >= 0 && has(difference.pair.directives, ...FORBIDDING);
}

function asksForValidation(use: Use | undefined): boolean {
  return requestHas(use, "no-cache") || use?.pragma === "no-cache";
}

function apparentAge(pair: Pair): number {
  const date = pair.headers["date"];
  return typeof date === "string" ? Math.max(0, NOW - Date.parse(date)) : 0;
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    name: "only GET is stored",
    words:
      'RFC 9111 §3: "the request method is understood by the cache". That other methods are, nobody asks: §2, "it is also possible ' +
      'to store [...] responses to methods other than GET".',
    answer: "storable",
    applies: ({ pair, reason }) => reason === "method" && (pair.method === "HEAD" || pair.method === "POST"),
  },
  {
    name: "other final statuses may be stored",
    words:
      'RFC 9111 §3: "the response status code is final"; that the cache understands it is asked for only "if the response status ' +
      'code is 206 or 304, or the must-understand cache directive (see Section 5.2.2.3) is present".',
    answer: "storable",
    applies: ({ pair, ours }) => ours === true && !THEIR_STATUSES.has(pair.status),
  },
  {
    name: "cookies are not stored",
    words:
      "RFC 9111 §7.3 leaves it to the origin, which too often does not know. Section 'Never stored' of the design.",
    answer: "storable",
    applies: ({ pair, reason }) => reason === "set-cookie" && "set-cookie" in pair.headers,
  },
  {
    name: "Vary: *",
    words:
      'RFC 9111 §4.1: "A stored response with a Vary header field value containing a member "*" always fails to match." So it is ' +
      "not stored.",
    answer: "storable",
    applies: ({ pair, reason }) => reason === "vary-any" && ["*", "accept, *"].includes(String(pair.headers["vary"])),
  },
  {
    name: "proxy-revalidate of a fresh response",
    words:
      'RFC 9111 §5.2.2.8: it "indicates that once the response has become stale, a shared cache MUST NOT reuse that response to ' +
      'satisfy another request until it has been successfully validated". Before that it may.',
    answer: "lifetime",
    applies: ({ pair, theirs }) => theirs === 0 && has(pair.directives, "proxy-revalidate"),
  },
  {
    name: "a heuristic of a day at most",
    words:
      'RFC 9111 §4.2.2: "no more than some fraction of the interval since that time". The design says: at most 24 h.',
    answer: "lifetime",
    applies: ({ pair, ours, theirs }) => ours === DAY && Number(theirs) > DAY && "last-modified" in pair.headers,
  },
  {
    name: "apparent age",
    words: 'RFC 9111 §4.2.3: "corrected_initial_age = max(apparent_age, corrected_age_value)".',
    answer: "age",
    applies: ({ pair, ours, theirs }) => ours === apparentAge(pair) && Number(theirs) + pair.delay < apparentAge(pair),
  },
  {
    name: "response delay",
    words:
      'RFC 9111 §4.2.3: "response_delay = response_time - request_time; corrected_age_value = age_value + response_delay".',
    answer: "age",
    applies: ({ pair, ours, theirs }) => ours === Number(theirs) + pair.delay,
  },
  {
    name: "must-revalidate of a fresh response",
    words:
      'RFC 9111 §5.2.2.2: "The must-revalidate response directive indicates that once the response has become stale, a cache MUST ' +
      'NOT reuse that response to satisfy another request until it has been successfully validated". Before that it may.',
    answer: "reuse",
    applies: (difference) =>
      difference.ours === "serve" &&
      difference.theirs === "revalidate" &&
      has(difference.pair.directives, "must-revalidate") &&
      staleness(difference) < 0,
  },
  {
    name: "stale responses that the origin forbids",
    words: NO_STALE,
    answer: "reuse",
    applies: (difference) => difference.ours === "revalidate" && isForbidden(difference),
  },
  {
    name: "only-if-cached",
    words:
      'RFC 9111 §5.2.1.7: "Caches that honor this request directive SHOULD, upon receiving it, respond with either a stored ' +
      'response consistent with the other constraints of the request or a 504 (Gateway Timeout) status code."',
    answer: "reuse",
    applies: ({ ours, theirs, use }) =>
      ours === "gateway timeout" && theirs === "revalidate" && requestHas(use, "only-if-cached"),
  },
  {
    name: "only-if-cached, but stale where the origin forbids it",
    words: NO_STALE,
    answer: "reuse",
    applies: (difference) =>
      difference.ours === "gateway timeout" && requestHas(difference.use, "only-if-cached") && isForbidden(difference),
  },
  {
    name: "clients that say how stale a response may be",
    words:
      'RFC 9111 §5.2.1.1: "Unless the max-stale request directive is also present, the client does not wish to receive a stale ' +
      'response"; §5.2.1.2: "by no more than the specified number of seconds". RFC 5861 §3 is a MAY.',
    answer: "reuse",
    applies: ({ ours, theirs, use }) =>
      ours === (requestHas(use, "only-if-cached") ? "gateway timeout" : "revalidate") &&
      theirs === "serve while revalidating" &&
      requestHas(use, "max-age", "min-fresh", "max-stale"),
  },
  {
    name: "as stale as max-stale allows",
    words:
      'RFC 9111 §5.2.1.2: "If a value is present, then the client is willing to accept a response that has exceeded its freshness ' +
      'lifetime by no more than the specified number of seconds."',
    answer: "reuse",
    applies: (difference) =>
      difference.ours === "serve" &&
      difference.use?.directives.find(({ name }) => name === "max-stale")?.value ===
        String(staleness(difference) / SECOND),
  },
  {
    name: "an error and stale responses that the origin forbids",
    words: NO_STALE,
    answer: "usable on error",
    applies: (difference) => difference.ours === false && isForbidden(difference),
  },
  {
    name: "stale-if-error in a request",
    words:
      'RFC 5861 §4: "When used as a request Cache-Control extension, its scope of application is the request it appears in."',
    answer: "usable on error",
    applies: ({ use }) => requestHas(use, "stale-if-error"),
  },
  {
    name: "an error and clients that ask for validation",
    words:
      'RFC 9111 §5.2.1.4: "The no-cache request directive indicates that the client prefers a stored response not be used to ' +
      'satisfy the request without successful validation on the origin server."',
    answer: "usable on error",
    applies: ({ ours, use }) => ours === false && asksForValidation(use),
  },
];

/** The first explanation for a difference. */
export function explanationOf(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find(({ answer, applies }) => answer === difference.answer && applies(difference));
}
