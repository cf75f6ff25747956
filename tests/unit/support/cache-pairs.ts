import fc from "fast-check";
import { DAY, HOUR, NOW, SECOND, date, type Headers } from "./cache-policy.ts";

/** A cache directive as sent; no value: without an argument. */
export interface Directive {
  name: string;
  value?: string | undefined;
}

/** A later request for a stored response. */
export interface Use {
  /** Milliseconds after the response. */
  after: number;
  directives: readonly Directive[];
  pragma?: string | undefined;
}

/** A request and its response, in parts, and later requests for it. */
export interface Pair {
  method: string;
  authorization: boolean;
  requestDirectives: readonly Directive[];
  status: number;
  directives: readonly Directive[];
  /** The field `CDN-Cache-Control`, where there is one. */
  targeted?: readonly Directive[] | undefined;
  headers: Headers;
  /** How long the response took, in milliseconds. */
  delay: number;
  /** The percentage of the heuristic. */
  heuristic: number;
  uses: readonly Use[];
}

export function fieldOf(directives: readonly Directive[]): string {
  return directives.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join(", ");
}

function cacheControl(directives: readonly Directive[]): Headers {
  return directives.length === 0 ? {} : { "cache-control": fieldOf(directives) };
}

export function requestHeaders(pair: Pair): Headers {
  return { ...(pair.authorization ? { authorization: "Basic YTpi" } : {}), ...cacheControl(pair.requestDirectives) };
}

export function responseHeaders(pair: Pair): Headers {
  const targeted = pair.targeted ? { "cdn-cache-control": fieldOf(pair.targeted) } : {};
  return { ...pair.headers, ...cacheControl(pair.directives), ...targeted };
}

export function useHeaders(use: Use): Headers {
  return { ...(use.pragma === undefined ? {} : { pragma: use.pragma }), ...cacheControl(use.directives) };
}

/** Mostly `usual`, once in `1 + weight` times something else. */
function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, weight = 12): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });
}

const SECONDS = fc.constantFrom(0, 1, 10, 30, 60, 90, 100, 3600, 86_400).map(String);
const ODD_SECONDS = fc.constantFrom("x", "-5", "1.5", "90x", "99999999999");
const DELTA = mostly(SECONDS, ODD_SECONDS, 25);

function withDelta(...names: string[]): fc.Arbitrary<Directive> {
  return fc.record({
    name: fc.constantFrom(...names),
    value: mostly<string | undefined>(DELTA, fc.constant(undefined), 40),
  });
}

function flags(...names: string[]): fc.Arbitrary<Directive> {
  return fc.constantFrom(...names).map((name) => ({ name }));
}

function upperCased(directive: fc.Arbitrary<Directive>): fc.Arbitrary<Directive> {
  const upper = directive.map(({ name, ...rest }) => ({ name: name.toUpperCase(), ...rest }));
  return mostly(directive, upper, 40);
}

const RESPONSE_DIRECTIVE = upperCased(
  fc.oneof(
    { weight: 6, arbitrary: withDelta("max-age") },
    { weight: 2, arbitrary: withDelta("s-maxage") },
    { weight: 3, arbitrary: withDelta("stale-while-revalidate", "stale-if-error") },
    { weight: 3, arbitrary: flags("public", "must-revalidate", "foobar") },
    {
      weight: 1,
      arbitrary: flags("no-store", "private", "no-cache", "proxy-revalidate", "must-understand", "immutable"),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        name: fc.constantFrom("no-cache", "private"),
        value: fc.constantFrom('"x"', '"x, y"', "x"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        name: fc.constant("ext"),
        value: fc.constantFrom('"a"', '"a, max-age=5"', '"no-store, b"'),
      }),
    },
  ),
);

const REQUEST_DIRECTIVE = upperCased(
  fc.oneof(
    { weight: 3, arbitrary: withDelta("max-age", "min-fresh", "max-stale", "stale-if-error") },
    { weight: 1, arbitrary: fc.constant({ name: "max-stale" }) },
    { weight: 1, arbitrary: flags("no-cache", "no-store", "only-if-cached", "no-transform") },
  ),
);

/** Directives whose names differ, mostly. */
function directives(one: fc.Arbitrary<Directive>, maxLength: number): fc.Arbitrary<Directive[]> {
  const distinct = fc.uniqueArray(one, { maxLength, selector: ({ name }) => name.toLowerCase() });
  return mostly(distinct, fc.array(one, { maxLength }), 15);
}

/** Times in whole 100 s, so that a heuristic gives whole seconds and nothing hangs on the rounding of fractions. */
const OFFSET = fc.oneof(
  fc.constantFrom(0, -HOUR, HOUR, DAY),
  fc.integer({ min: -30, max: 30 }).map((n) => n * 100 * SECOND),
);
const DATE = OFFSET.map(date);
const ODD_DATE = fc.oneof(
  fc.constantFrom("0", "-1", "foo", `${date(HOUR)},${date(HOUR)}`, "Thursday, 18-Aug-60 02:01:18 GMT"),
  OFFSET.map((offset) => date(offset).replace("GMT", "UTC")),
  OFFSET.map((offset) => new Date(NOW + offset).toISOString()),
);

/** Mostly missing, once in `1 + weight` times there. */
function sometimes<T>(value: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T | undefined> {
  return mostly<T | undefined>(fc.constant(undefined), value, weight);
}

const LAST_MODIFIED = fc.constantFrom(100 * SECOND, HOUR, DAY, 30 * DAY).map((age) => date(-age));

const AGE = mostly(SECONDS, fc.constantFrom("x", "-5", "1.5", "7;a=b", "30, 0", "0, 30", "99999999999"), 3);

const FIELDS = fc.record({
  date: fc.oneof(
    { weight: 8, arbitrary: fc.constant(date()) },
    { weight: 1, arbitrary: mostly(DATE, ODD_DATE) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  expires: sometimes(mostly(DATE, ODD_DATE), 2),
  "last-modified": sometimes(mostly(LAST_MODIFIED, ODD_DATE), 2),
  age: sometimes(AGE, 4),
  pragma: sometimes(fc.constantFrom("no-cache", "foo"), 20),
  vary: sometimes(fc.constantFrom("accept", "*", "accept, *"), 20),
  "set-cookie": sometimes(fc.constant("a=b"), 30),
});

const STATUS = fc.oneof(
  { weight: 8, arbitrary: fc.constant(200) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501),
  },
  { weight: 1, arbitrary: fc.constantFrom(201, 206, 299, 304, 400, 403, 412, 416, 429, 500, 502, 503, 504, 599) },
);

const USE = fc.record({
  after: fc.oneof(
    fc
      .constantFrom(0, 1, 10, 30, 59, 60, 61, 90, 100, 120, 3599, 3600, 3601, 86_400)
      .map((seconds) => seconds * SECOND),
    fc.nat({ max: 200 }).map((seconds) => seconds * SECOND),
  ),
  directives: mostly(fc.constant<Directive[]>([]), directives(REQUEST_DIRECTIVE, 3), 1),
  pragma: sometimes(fc.constantFrom("no-cache", "foo"), 15),
});

/** A field of RFC 9213 as origins write it. */
const TARGETED = fc.uniqueArray(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ name: fc.constantFrom("max-age", "stale-if-error"), value: SECONDS }) },
    { weight: 1, arbitrary: flags("no-store", "private", "must-revalidate", "foobar") },
  ),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
);

export const PAIR: fc.Arbitrary<Pair> = fc.record({
  method: mostly(fc.constant("GET"), fc.constantFrom("HEAD", "POST", "PUT"), 20),
  authorization: mostly(fc.constant(false), fc.constant(true), 8),
  requestDirectives: mostly(fc.constant<Directive[]>([]), directives(REQUEST_DIRECTIVE, 2), 6),
  status: STATUS,
  directives: directives(RESPONSE_DIRECTIVE, 4),
  targeted: sometimes(TARGETED, 15),
  headers: FIELDS.map(
    (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Headers,
  ),
  delay: mostly(
    fc.constant(0),
    fc.constantFrom(1, 5, 60).map((seconds) => seconds * SECOND),
    10,
  ),
  heuristic: fc.constantFrom(10, 50, 0),
  uses: fc.array(USE, { minLength: 3, maxLength: 3 }),
});
