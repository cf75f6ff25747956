import type { Directive, Pair, Use } from "../support/cache-pairs.ts";
import { DAY, SECOND } from "../support/cache-policy.ts";

export type Answer = "storable" | "lifetime" | "age" | "reuse" | "usable on error";

/** Two answers to one question. Durations are milliseconds. */
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

/** Why http-cache-semantics says otherwise than we do, and which words we have on our side. */
export interface Explanation {
  name: string;
  words: string;
  answers: readonly Answer[];
  applies: (difference: Difference) => boolean;
}

/** The statuses for which http-cache-semantics stores anything. */
const THEIR_STATUSES = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501]);

const LARGEST = 2 ** 31;
const WITH_DELTA = /^(max-age|s-maxage|max-stale|min-fresh|stale-while-revalidate|stale-if-error)$/i;
const HTTP_DATE = /^(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\w+, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT)$/;

function has(directives: readonly Directive[], ...names: string[]): boolean {
  return directives.some(({ name }) => names.includes(name.toLowerCase()));
}

function isQualified({ value }: Directive): boolean {
  return value !== undefined;
}

/** The directives of the message that the answer depends on, both where it depends on both. */
function directivesFor({ pair, answer, use }: Difference): readonly Directive[] {
  if (answer === "storable") return [...pair.directives, ...pair.requestDirectives];
  return use ? [...pair.directives, ...use.directives] : pair.directives;
}

function hasRepeated(directives: readonly Directive[]): boolean {
  const names = directives.map(({ name }) => name.toLowerCase());
  return new Set(names).size < names.length;
}

/** Whether the one message or the other repeats a directive; the two do not mix. */
function repeats({ pair, use }: Difference): boolean {
  return hasRepeated(pair.directives) || (use !== undefined && hasRepeated(use.directives));
}

function requestIs(use: Use | undefined, ...names: string[]): boolean {
  return use !== undefined && has(use.directives, ...names);
}

function headerOf(pair: Pair, name: string): string | undefined {
  const value = pair.headers[name];
  return typeof value === "string" ? value : undefined;
}

function forbidsStale(pair: Pair): boolean {
  return has(pair.directives, "must-revalidate", "proxy-revalidate", "s-maxage", "no-cache");
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    name: "only GET is stored",
    words:
      'RFC 9111 §2: "Most commonly, caches store the successful result of a retrieval request: i.e., a 200 (OK) response to a ' +
      "GET request [...]. However, it is also possible to store redirects, negative results [...], and responses to methods " +
      "other than GET if the method's definition allows such caching.\" It need not be done.",
    answers: ["storable"],
    applies: ({ pair, reason, theirs }) => reason === "method" && pair.method !== "GET" && theirs === true,
  },
  {
    name: "other final statuses may be stored",
    words:
      'RFC 9111 §3: "the response status code is final (see Section 15 of [HTTP])"; that the cache understands it is asked for ' +
      'only "if the response status code is 206 or 304, or the must-understand cache directive (see Section 5.2.2.3) is present".',
    answers: ["storable"],
    applies: ({ pair, ours, theirs }) =>
      ours === true && theirs === false && !THEIR_STATUSES.has(pair.status) && !has(pair.directives, "must-understand"),
  },
  {
    name: "cookies are not stored",
    words:
      'RFC 9111 §7.3: "the presence of the Set-Cookie response header field does not inhibit caching". Here it does: DESIGN.',
    answers: ["storable"],
    applies: ({ pair, reason, theirs }) => reason === "set-cookie" && theirs === true && "set-cookie" in pair.headers,
  },
  {
    name: "Vary: *",
    words:
      'RFC 9111 §4.1: "A stored response with a Vary header field value containing a member "*" always fails to match." So it is ' +
      "not stored.",
    answers: ["storable"],
    applies: ({ pair, reason, theirs }) =>
      reason === "vary-any" && theirs === true && (headerOf(pair, "vary")?.includes("*") ?? false),
  },
  {
    name: "qualified private",
    words:
      'RFC 9111 §5.2.2.7: "If a qualified private response directive is present, with an argument that lists one or more field ' +
      'names, then only the listed header fields are limited to a single user".',
    answers: ["storable"],
    applies: ({ pair, ours, theirs }) =>
      ours === true &&
      theirs === false &&
      pair.directives.filter(({ name }) => name.toLowerCase() === "private").every(isQualified) &&
      has(pair.directives, "private"),
  },
  {
    name: "must-understand",
    words:
      'RFC 9111 §5.2.2.3: "When a cache that implements the must-understand directive receives a response that includes it, the ' +
      "cache SHOULD ignore the no-store directive if it understands and implements the status code's caching requirements.\"",
    answers: ["storable"],
    applies: ({ pair, ours, theirs }) => ours === true && theirs === false && has(pair.directives, "must-understand"),
  },
  {
    name: "names in any case",
    words: 'RFC 9111 §5.2: "Cache directives are identified by a token, to be compared case-insensitively".',
    answers: ["storable", "lifetime", "reuse", "usable on error"],
    applies: (difference) => directivesFor(difference).some(({ name }) => name !== name.toLowerCase()),
  },
  {
    name: "a quoted string is one argument",
    words:
      'RFC 9111 §5.2: "[directives] have an optional argument that can use both token and quoted-string syntax"; a comma in a ' +
      'quoted-string is part of it (RFC 9110 §5.6.4: "A string of text is parsed as a single value if it is quoted").',
    answers: ["storable", "lifetime", "reuse", "usable on error"],
    applies: ({ pair }) =>
      pair.directives.some(({ name, value }) => /^ext$/i.test(name) && (value?.includes(",") ?? false)),
  },
  {
    name: "the first occurrence counts",
    words:
      'RFC 9111 §4.2.1: "When there is more than one value present for a given directive (e.g., two Expires header field lines or ' +
      "multiple Cache-Control: max-age directives), either the first occurrence should be used or the response should be " +
      'considered stale. If directives conflict [...], the most restrictive directive should be honored."',
    answers: ["lifetime", "reuse", "usable on error"],
    applies: repeats,
  },
  {
    name: "invalid delta-seconds",
    words:
      'RFC 9111 §4.2.1: "Caches are encouraged to consider responses that have invalid freshness information (e.g., a max-age ' +
      'directive with non-integer content) to be stale." Of a request, the same for what it asks for.',
    answers: ["lifetime", "reuse", "usable on error"],
    applies: (difference) =>
      directivesFor(difference).some(
        ({ name, value }) =>
          WITH_DELTA.test(name) && (value === undefined ? !/^max-stale$/i.test(name) : !/^\d+$/.test(value)),
      ),
  },
  {
    name: "2^31 seconds",
    words:
      'RFC 9111 §1.2.2: "If a cache receives a delta-seconds value greater than the greatest integer it can represent, or if any ' +
      "of its subsequent calculations overflows, the cache MUST consider the value to be 2147483648 (2^31) or the greatest " +
      'positive integer it can conveniently represent."',
    answers: ["lifetime", "age", "reuse", "usable on error"],
    applies: (difference) =>
      difference.answer === "age" || difference.answer === "lifetime"
        ? Number(difference.ours) >= LARGEST * SECOND && Number(difference.theirs) > Number(difference.ours)
        : directivesFor(difference).some(({ value }) => Number(value) > LARGEST),
  },
  {
    name: "no-cache with field names",
    words:
      'RFC 9111 §5.2.2.4: "The qualified form of the no-cache response directive, with an argument that lists one or more field ' +
      "names, indicates that a cache MUST NOT use the response to satisfy a subsequent request, subject to any other restrictions " +
      'on caching, if the listed header fields are excluded from the subsequent response or [it is] revalidated": we leave them out.',
    answers: ["lifetime"],
    applies: ({ pair, theirs }) =>
      theirs === 0 && pair.directives.some((directive) => /^no-cache$/i.test(directive.name) && isQualified(directive)),
  },
  {
    name: "Pragma in a response",
    words:
      'RFC 9111 §5.4: "The "Pragma" request header field was defined for HTTP/1.0 caches"; in responses its meaning "was never ' +
      'specified".',
    answers: ["lifetime"],
    applies: ({ pair, theirs }) =>
      theirs === 0 && headerOf(pair, "pragma") === "no-cache" && pair.directives.length === 0,
  },
  {
    name: "immutable",
    words:
      'RFC 8246 §2: "[Clients] SHOULD NOT issue a conditional request during the response\'s freshness lifetime": it gives none.',
    answers: ["lifetime"],
    applies: ({ pair, theirs }) => theirs === DAY && has(pair.directives, "immutable"),
  },
  {
    name: "proxy-revalidate of a fresh response",
    words:
      'RFC 9111 §5.2.2.8: "analogous to must-revalidate"; §5.2.2.2: "once the response has become stale, a cache MUST NOT reuse ' +
      'that response". Before that it may.',
    answers: ["lifetime"],
    applies: ({ pair, theirs }) => theirs === 0 && has(pair.directives, "proxy-revalidate"),
  },
  {
    name: "a heuristic of a day at most",
    words:
      'RFC 9111 §4.2.2: "This specification does not provide specific algorithms, but it does impose worst-case constraints on ' +
      'their results." DESIGN: at most 24 h.',
    answers: ["lifetime"],
    applies: ({ pair, ours, theirs }) =>
      ours === DAY && Number(theirs) > DAY && headerOf(pair, "last-modified") !== undefined,
  },
  {
    name: "dates in no format of HTTP",
    words:
      'RFC 9111 §5.3: "A cache recipient MUST interpret invalid date formats, especially the value "0", as representing a time in ' +
      'the past"; §4.2: "A cache recipient SHOULD consider a date with a zone abbreviation other than "GMT" to be invalid".',
    answers: ["lifetime"],
    applies: ({ pair }) =>
      ["date", "expires", "last-modified"].some(
        (name) => !HTTP_DATE.test(headerOf(pair, name) ?? "Sun, 01 Jan 2000 00:00:00 GMT"),
      ),
  },
  {
    name: "two-digit years",
    words:
      'RFC 9110 §5.6.7: "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST interpret a ' +
      "timestamp that appears to be more than 50 years in the future as representing the most recent year in the past that had " +
      'the same last two digits." Others are in the future.',
    answers: ["lifetime"],
    applies: ({ pair }) =>
      ["date", "expires", "last-modified"].some((name) => headerOf(pair, name)?.includes("-60 ") ?? false),
  },
  {
    name: "apparent age",
    words: 'RFC 9111 §4.2.3: "apparent_age = max(0, response_time - date_value)", and the age is no less.',
    answers: ["age"],
    applies: ({ pair, ours, theirs }) =>
      headerOf(pair, "date") !== undefined && Number(ours) > Number(theirs) && pair.delay === 0,
  },
  {
    name: "response delay",
    words:
      'RFC 9111 §4.2.3: "response_delay = response_time - request_time; corrected_age_value = age_value + response_delay".',
    answers: ["age"],
    applies: ({ pair, ours, theirs }) => pair.delay > 0 && Number(ours) >= Number(theirs) + pair.delay,
  },
  {
    name: "invalid Age",
    words:
      'RFC 9111 §5.1: "If the field value (after discarding additional members, as per above) is invalid (e.g., it contains ' +
      'something other than a non-negative integer), a cache SHOULD ignore the field."',
    answers: ["age"],
    applies: ({ pair }) => !/^\d+( *,.*)?$/.test(headerOf(pair, "age") ?? "0"),
  },
  {
    name: "must-revalidate of a fresh response",
    words:
      'RFC 9111 §5.2.2.2: "The must-revalidate response directive indicates that once the response has become stale, a cache MUST ' +
      'NOT reuse that response to satisfy another request until it has been successfully validated".',
    answers: ["reuse"],
    applies: ({ pair, ours, theirs, lifetime, age, use }) =>
      ours === "serve" &&
      theirs === "revalidate" &&
      has(pair.directives, "must-revalidate") &&
      lifetime > age + (use?.after ?? 0),
  },
  {
    name: "stale responses that the origin forbids",
    words:
      'RFC 9111 §4.2.4: "A cache MUST NOT generate a stale response if it is prohibited by an explicit in-protocol directive (e.g., ' +
      "by a no-cache response directive, a must-revalidate response directive, or an applicable s-maxage or proxy-revalidate " +
      'response directive; see Section 5.2.2)."',
    answers: ["reuse", "usable on error"],
    applies: ({ pair, ours, theirs, lifetime, age, use }) =>
      forbidsStale(pair) &&
      (ours === "revalidate" || ours === false) &&
      theirs !== "revalidate" &&
      lifetime <= age + (use?.after ?? 0),
  },
  {
    name: "only-if-cached",
    words:
      'RFC 9111 §5.2.1.7: "Caches that honor this request directive SHOULD, upon receiving it, respond with either a stored ' +
      'response consistent with the other constraints of the request or a 504 (Gateway Timeout) status code."',
    answers: ["reuse"],
    applies: ({ ours, theirs, use }) =>
      ours === "gateway timeout" && theirs === "revalidate" && requestIs(use, "only-if-cached"),
  },
  {
    name: "only-if-cached, where they serve what is not to be served",
    words: "As above, and as for what keeps us from serving it.",
    answers: ["reuse"],
    applies: ({ pair, ours, use }) =>
      ours === "gateway timeout" &&
      requestIs(use, "only-if-cached") &&
      (forbidsStale(pair) || requestIs(use, "max-age", "min-fresh", "max-stale")),
  },
  {
    name: "Pragma beside Cache-Control",
    words:
      'RFC 7234 §5.4 (which RFC 9111 §5.4 deprecates): "When the Cache-Control header field is also present and understood in a ' +
      'request, Pragma is ignored."',
    answers: ["reuse"],
    applies: ({ theirs, use }) => use?.pragma === "no-cache" && use.directives.length > 0 && theirs === "revalidate",
  },
  {
    name: "clients that say how stale a response may be",
    words:
      'RFC 9111 §5.2.1.1: "Unless the max-stale request directive is also present, the client does not wish to receive a stale ' +
      'response"; §5.2.1.2: "[...] by no more than the specified number of seconds". stale-while-revalidate (RFC 5861 §3) is a MAY.',
    answers: ["reuse"],
    applies: ({ ours, theirs, use }) =>
      ours === "revalidate" &&
      theirs === "serve while revalidating" &&
      requestIs(use, "max-age", "min-fresh", "max-stale"),
  },
  {
    name: "as stale as max-stale allows",
    words:
      'RFC 9111 §5.2.1.2: "If a value is present, then the client is willing to accept a response that has exceeded its freshness ' +
      'lifetime by no more than the specified number of seconds."',
    answers: ["reuse"],
    applies: ({ ours, theirs, lifetime, age, use }) =>
      ours === "serve" &&
      theirs !== "serve" &&
      (use?.directives.some(
        ({ name, value }) => name === "max-stale" && Number(value) * SECOND === age + use.after - lifetime,
      ) ??
        false),
  },
  {
    name: "stale-if-error in a request",
    words:
      'RFC 5861 §4: "When used as a request Cache-Control extension, its scope of application is the request it appears in."',
    answers: ["usable on error"],
    applies: ({ use }) => requestIs(use, "stale-if-error"),
  },
  {
    name: "clients that ask for validation",
    words:
      'RFC 9111 §5.2.1.4: "The no-cache request directive indicates that the client prefers a stored response not be used to ' +
      'satisfy the request without successful validation on the origin server."',
    answers: ["usable on error"],
    applies: ({ ours, theirs, use }) =>
      ours === false && theirs === true && (requestIs(use, "no-cache") || use?.pragma === "no-cache"),
  },
];

/** The first explanation for a difference. */
export function explanationOf(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find(({ answers, applies }) => answers.includes(difference.answer) && applies(difference));
}

/**
 * The response that its targeted field makes of this one, for an oracle that knows none: "it MUST ignore the Cache-Control and
 * Expires header fields in that response" (RFC 9213 §2.2).
 */
export function withTargetedField(pair: Pair): Pair {
  if (!pair.targeted) return pair;
  const headers = Object.fromEntries(Object.entries(pair.headers).filter(([name]) => name !== "expires"));
  return { ...pair, directives: pair.targeted, targeted: undefined, headers };
}
