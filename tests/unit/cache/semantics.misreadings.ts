import type { Directive, Pair, Use } from "../support/cache-pairs.ts";
import type { Headers } from "../support/cache-policy.ts";

/**
 * Something that http-cache-semantics reads otherwise than the RFC says. It is then given the message in other words, in which
 * it reads what the RFC says, and has to come to our answers by itself.
 */
export interface Misreading {
  name: string;
  words: string;
  /** The pair in other words; the very pair where it has nothing of this. */
  corrected: (pair: Pair) => Pair;
}

const LARGEST = 2 ** 31;
const WITH_DELTA = new Set([
  "max-age",
  "s-maxage",
  "max-stale",
  "min-fresh",
  "stale-while-revalidate",
  "stale-if-error",
]);
const HTTP_DATE = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;
const TWO_DIGIT_YEAR = /^\w+, (\d\d)-(\w{3})-(\d\d) (\d\d:\d\d:\d\d GMT)$/;

type Change<T> = (value: T) => T | undefined;

/** The list with each item changed, or left out; the very list where nothing changes. */
function changed<T>(list: readonly T[], change: Change<T>): readonly T[] {
  const result = list.map(change);
  return result.every((item, i) => item === list[i]) ? list : result.filter((item) => item !== undefined);
}

type Reading = (directives: readonly Directive[]) => readonly Directive[];

/** The pair with every list of directives read in another way. */
function withDirectives(pair: Pair, ofResponse: Reading, ofRequest: Reading): Pair {
  const directives = ofResponse(pair.directives);
  const requestDirectives = ofRequest(pair.requestDirectives);
  const uses = changed<Use>(pair.uses, (use) => {
    const read = ofRequest(use.directives);
    return read === use.directives ? use : { ...use, directives: read };
  });
  const isSame = directives === pair.directives && requestDirectives === pair.requestDirectives && uses === pair.uses;
  return isSame ? pair : { ...pair, directives, requestDirectives, uses };
}

function withEachDirective(pair: Pair, change: Change<Directive>): Pair {
  const read: Reading = (directives) => changed(directives, change);
  return withDirectives(pair, read, read);
}

function withEachOfResponse(pair: Pair, change: Change<Directive>): Pair {
  return withDirectives(
    pair,
    (directives) => changed(directives, change),
    (directives) => directives,
  );
}

/** The pair with a header of its response changed, or left out. */
function withHeader(pair: Pair, name: string, change: Change<string>): Pair {
  const value = pair.headers[name];
  if (typeof value !== "string") return pair;
  const result = change(value);
  if (result === value) return pair;
  const headers: Headers = Object.fromEntries(Object.entries(pair.headers).filter(([other]) => other !== name));
  return { ...pair, headers: result === undefined ? headers : { ...headers, [name]: result } };
}

function firstOfEach(directives: readonly Directive[]): readonly Directive[] {
  const isFirst = ({ name }: Directive, i: number): boolean =>
    directives.findIndex((other) => other.name === name) === i;
  if (directives.every(isFirst)) return directives;
  // Of `no-cache` and `no-cache="x"` the one without names restricts more.
  const strictest = (one: Directive): Directive =>
    WITH_DELTA.has(one.name)
      ? one
      : (directives.find(({ name, value }) => name === one.name && value === undefined) ?? one);
  return directives.filter(isFirst).map(strictest);
}

function isInvalidDelta({ name, value }: Directive): boolean {
  if (!WITH_DELTA.has(name)) return false;
  return value === undefined ? name !== "max-stale" : !/^\d+$/.test(value);
}

function strictestDelta(directive: Directive): Directive | undefined {
  if (!isInvalidDelta(directive)) return directive;
  if (directive.name === "max-stale") return undefined;
  return { ...directive, value: directive.name === "min-fresh" ? String(LARGEST) : "0" };
}

/** The date as IMF-fixdate, years as of 1984–2083, or `otherwise` where HTTP has no such format. */
function inPreferredFormat(date: string, otherwise: string | undefined): string | undefined {
  const [, day = "", month = "", year = "", clock = ""] = TWO_DIGIT_YEAR.exec(date) ?? [];
  if (day !== "") return `Sun, ${day} ${month} ${Number(year) < 84 ? "20" : "19"}${year} ${clock}`;
  return HTTP_DATE.test(date) ? date : otherwise;
}

/** In the order in which they are corrected. */
export const MISREADINGS: readonly Misreading[] = [
  {
    name: "targeted fields",
    words:
      'RFC 9213 §2.2: "the cache MUST select the first (in target-list order) field with a valid, non-empty value and use its ' +
      "value to determine the caching policy for the response, and it MUST ignore the Cache-Control and Expires header fields in " +
      'that response".',
    corrected: (pair) =>
      pair.targeted
        ? withHeader({ ...pair, directives: pair.targeted, targeted: undefined }, "expires", () => undefined)
        : pair,
  },
  {
    name: "names in any case",
    words: 'RFC 9111 §5.2: "Cache directives are identified by a token, to be compared case-insensitively".',
    corrected: (pair) =>
      withEachDirective(pair, (directive) =>
        /[A-Z]/.test(directive.name) ? { ...directive, name: directive.name.toLowerCase() } : directive,
      ),
  },
  {
    name: "a quoted string is one argument",
    words:
      'RFC 9111 §5.2: directives "have an optional argument that can use both token and quoted-string syntax", and a comma in a ' +
      "quoted-string is a part of it (RFC 9110 §5.6.4).",
    corrected: (pair) =>
      withEachDirective(pair, (directive) =>
        directive.name === "ext" && directive.value?.includes(",") ? { name: "ext" } : directive,
      ),
  },
  {
    name: "repeated directives",
    words:
      'RFC 9111 §4.2.1: "When there is more than one value present for a given directive (e.g., two Expires header field lines or ' +
      "multiple Cache-Control: max-age directives), either the first occurrence should be used or the response should be " +
      "considered stale. If directives conflict (e.g., both max-age and no-cache are present), the most restrictive directive " +
      'should be honored."',
    corrected: (pair) => withDirectives(pair, firstOfEach, firstOfEach),
  },
  {
    name: "invalid delta-seconds",
    words:
      'RFC 9111 §4.2.1: "Caches are encouraged to consider responses that have invalid freshness information (e.g., a max-age ' +
      'directive with non-integer content) to be stale." What a request asks for in no number, it gets as strictly as can be.',
    corrected: (pair) => withEachDirective(pair, strictestDelta),
  },
  {
    name: "more than 2^31 seconds",
    words:
      'RFC 9111 §1.2.2: "If a cache receives a delta-seconds value greater than the greatest integer it can represent, or if any ' +
      "of its subsequent calculations overflows, the cache MUST consider the value to be 2147483648 (2^31) or the greatest " +
      'positive integer it can conveniently represent."',
    corrected: (pair) => {
      const clamp = (value: string): string => (Number(value) > LARGEST ? String(LARGEST) : value);
      const clamped = withEachDirective(pair, (directive) => {
        const value = directive.value === undefined ? undefined : clamp(directive.value);
        return value === undefined || value === directive.value ? directive : { ...directive, value };
      });
      return withHeader(clamped, "age", clamp);
    },
  },
  {
    name: "no-cache with field names",
    words:
      'RFC 9111 §5.2.2.4: "The qualified form of the no-cache response directive, with an argument that lists one or more field ' +
      "names, indicates that a cache MAY use the response to satisfy a subsequent request, subject to any other restrictions on " +
      'caching, if the listed header fields are excluded from the subsequent response".',
    corrected: (pair) =>
      withEachOfResponse(pair, (one) => (one.name === "no-cache" && one.value !== undefined ? undefined : one)),
  },
  {
    name: "private with field names",
    words:
      'RFC 9111 §5.2.2.7: "If a qualified private response directive is present, with an argument that lists one or more field ' +
      'names, then only the listed header fields are limited to a single user".',
    corrected: (pair) =>
      withEachOfResponse(pair, (one) => (one.name === "private" && one.value !== undefined ? undefined : one)),
  },
  {
    name: "must-understand",
    words:
      'RFC 9111 §5.2.2.3: "When a cache that implements the must-understand directive receives a response that includes it, the ' +
      "cache SHOULD ignore the no-store directive if it understands and implements the status code's caching requirements.\"",
    corrected: (pair) =>
      pair.directives.some(({ name }) => name === "must-understand")
        ? withEachOfResponse(pair, (one) => (one.name === "no-store" ? undefined : one))
        : pair,
  },
  {
    name: "immutable",
    words:
      "RFC 8246 §2: it tells clients not to validate a response during its freshness lifetime, and says nothing of how long that is.",
    corrected: (pair) => withEachOfResponse(pair, (one) => (one.name === "immutable" ? undefined : one)),
  },
  {
    name: "Pragma in a response",
    words: "RFC 9111 §5.4 knows it in requests alone.",
    corrected: (pair) => withHeader(pair, "pragma", () => undefined),
  },
  {
    name: "Pragma beside Cache-Control",
    words:
      'RFC 7234 §5.4, which RFC 9111 §5.4 deprecates: "When the Cache-Control header field is also present and understood in a ' +
      'request, Pragma is ignored."',
    corrected: (pair) => {
      const uses = changed<Use>(pair.uses, (use) =>
        use.pragma !== undefined && use.directives.length > 0 ? { ...use, pragma: undefined } : use,
      );
      return uses === pair.uses ? pair : { ...pair, uses };
    },
  },
  {
    name: "dates in no format of HTTP",
    words:
      'RFC 9111 §5.3: "A cache recipient MUST interpret invalid date formats, especially the value "0", as representing a time in ' +
      'the past"; §4.2: "A cache recipient SHOULD consider a date with a zone abbreviation other than "GMT" to be invalid for ' +
      'calculating expiration." Two-digit years by RFC 9110 §5.6.7.',
    corrected: (pair) => {
      const expires = withHeader(pair, "expires", (date) => inPreferredFormat(date, "invalid"));
      const modified = withHeader(expires, "last-modified", (date) => inPreferredFormat(date, undefined));
      return withHeader(modified, "date", (date) => inPreferredFormat(date, undefined));
    },
  },
  {
    name: "invalid Age",
    words:
      'RFC 9111 §5.1: "If the field value (after discarding additional members, as per above) is invalid (e.g., it contains ' +
      'something other than a non-negative integer), a cache SHOULD ignore the field."',
    corrected: (pair) => withHeader(pair, "age", (age) => (/^\d+( *,.*)?$/.test(age) ? age : undefined)),
  },
];
