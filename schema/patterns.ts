import { between, oneOf, upTo } from "./decimal.ts";

/**
 * The regular expressions of `plugin-config.schema.json`, put together from named pieces; `write-patterns.ts` writes
 * them there. They use neither look-around nor `\u`, so that validators whose regular expressions are not JavaScript's
 * (Go, Rust, Python) read them, too.
 */
export interface Pattern {
  pattern?: string;
  /** What a text must not have. */
  not?: string;
}

const HOUR = 3_600_000n;
const YEAR = 365n * 24n * HOUR;

/** The units of durations, and how many nanoseconds each is. */
const UNITS: readonly (readonly [unit: string, nanoseconds: bigint])[] = [
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["[uµμ]s", 1000n],
  ["ns", 1n],
];

/** A number whose digits behind the point are `fraction`, with digits at least on one side of the point. */
function amount(fraction: string): string {
  return `(?:[0-9]+(?:\\.(?:${fraction})?)?|\\.${fraction})`;
}

/** One amount is whole milliseconds; of several, whose sum is, only the form is told. */
function wholeMilliseconds(): string {
  const single = [
    // A seventh digit of an hour, and a sixth of a minute, is no whole millisecond; the last one may be a half.
    amount("[0-9]{1,5}5?0*") + "h",
    amount("[0-9]{1,4}5?0*") + "m",
    amount("[0-9]{1,3}0*") + "s",
    amount("0+") + "ms",
    "(?:(?:0+|[0-9]*000)(?:\\.0*)?|\\.0+)[uµμ]s",
    "(?:(?:0+|[0-9]*000000)(?:\\.0*)?|\\.0+)ns",
  ];
  const several = `(?:${amount("[0-9]+")}(?:h|m|s|ms|[uµμn]s)){2,}`;
  return `^(?:0|${single.join("|")}|${several})$`;
}

/** No amount is longer than so many milliseconds; the sum of several may be. */
function atMost(milliseconds: bigint): string {
  const amounts = UNITS.flatMap(([unit, nanoseconds]) => {
    const most = (milliseconds * 1_000_000n) / nanoseconds;
    return [`${upTo(most - 1n)}(?:\\.[0-9]*)?${unit}`, `0*${most}(?:\\.0*)?${unit}`, `\\.[0-9]+${unit}`];
  });
  return `^(?:0|(?:${amounts.join("|")})+)$`;
}

/** Less than 100 ms, in one unit: whole milliseconds of them, so that 0.00167m is not told from 0.0016m. */
const UNDER_100_MILLISECONDS =
  "^(?:0|0*(?:\\.0*)?h|0*\\.0000(?:[01][0-9]*|2[0-6]?0*)h|0*(?:\\.0*)?m|0*\\.00(?:0[0-9]*|1[0-6]?0*|1[0-6]50*)m|" +
  "0*(?:\\.0[0-9]*)?s|0*\\.s|0*[0-9]{1,2}(?:\\.0*)?ms|\\.0+ms|0*[0-9]{1,5}(?:\\.0*)?[uµμ]s|\\.0+[uµμ]s|" +
  "0*[0-9]{1,8}(?:\\.0*)?ns|\\.0+ns)$";

/** Sizes, in KiB. */
function size(least: number, most: number): string {
  const inKiB = `0*${oneOf([between(least, most)])}KiB`;
  const inMiB = most >= 1024 ? [`0*${between(1, most / 1024)}MiB`] : [];
  return `^${oneOf([inKiB, ...inMiB])}$`;
}

/** The filter reads them as doubles, which so near to 100 are 100. */
const PERCENTAGE = "^(?:0*[0-9]{1,2}(?:\\.[0-9]+)?|0*100(?:\\.(?:0+|0{10}[0-9]+))?)%$";

const CONTROL = "\\x00-\\x1f\\x7f";
const HEX = "[0-9A-Fa-f]";
const UNRESERVED = "A-Za-z0-9._~-";
const SUB_DELIMITERS = "!$&'()*+,;=";
const ESCAPE = `%${HEX}{2}`;

/** The name of a header, of a cookie or of a method is made of these (RFC 9110 §5.6.2). */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const METHOD = "[!#$%&'*+.^_`|~0-9A-Z-]+";

/** The names of `FORBIDDEN` in assembly/text/header-value.ts. */
const FORBIDDEN_HEADERS = [
  "host",
  "content-length",
  "transfer-encoding",
  "trailer",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
  "http2-settings",
  "proxy-authenticate",
  "proxy-authorization",
];

function inAnyCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

const PORT = `0{0,4}[1-9]|0{0,3}[1-9][0-9]|0{0,2}[1-9][0-9]{2}|0?[1-9][0-9]{3}|${between(10_000, 65_535)}`;
const HOST_NAME = `(?:[${SUB_DELIMITERS}${UNRESERVED}]|${ESCAPE})+`;
const HOST_NAME_WITHOUT_STAR = `(?:[${SUB_DELIMITERS.replace("*", "")}${UNRESERVED}]|${ESCAPE})+`;
/** The filter counts the colons of an IPv6 address and leaves the rest to whoever connects. */
const IP_LITERAL = "\\[(?:[0-9A-Fa-f.]*:){2,8}[0-9A-Fa-f.]*\\]";
const AUTHORITY = `(?:${HOST_NAME}|${IP_LITERAL})(?::(?:${PORT}))?`;

const LOOKUP_NAME = "[a-z][a-z0-9-]*";
const PLAIN_WORDS = ["host", "path", "rest", "query", "method", "scheme"];
const RESERVED_WORDS = [...PLAIN_WORDS, "header", "cookie"];
/** No name needs an escape in it, and the empty pointer leads to no value. */
const POINTER = "/(?:[^~|{}]|~[01])*";
const SEGMENT = `(?:[0-9]{1,2}|[01][0-9]{2}|${between(200, 255)})`;
const ARGUMENTS = [
  `path\\[${SEGMENT}(?:\\.\\.)?\\]`,
  "query\\[[^\\]{}]+\\]",
  `(?:header|cookie)\\[${TOKEN}\\]`,
  `${LOOKUP_NAME}:${POINTER}`,
];

/** Literals and values such as `{path[1]|default}`. */
const TEMPLATE = `^(?:[^{}]|\\{/path\\[${SEGMENT}\\.\\.\\]\\}|\\{(?:${[...PLAIN_WORDS, ...ARGUMENTS].join("|")})(?:\\|[^{}]*)?\\})+$`;
const WRONG_VALUES = `\\{(?:${RESERVED_WORDS.join("|")}):|\\{header\\[${inAnyCase("host")}\\]`;

/** Any value of a template, where another pattern checks what it is. */
const VALUE = "\\{[^{}]*\\}";
/** The same without `{/path[N..]}`, which brings a slash along. */
const VALUE_WITHOUT_SLASH = "\\{(?:[^{}/][^{}]*)?\\}";
const SLASH_PATH = "\\{/path\\[";

/** As `VALUE`, with nothing in its default but some characters. */
function valueWithDefault(characters: string): string {
  return `\\{${LOOKUP_NAME}(?:\\[[^\\]{}]*\\]|:[^|{}]*)?(?:\\|${characters}*)?\\}`;
}

/** Between two values stands a character that no value in a key has. */
const KEY = `^[^{}]+(?:${VALUE}(?:[%${UNRESERVED}]*[^{}%${UNRESERVED}][^{}]*${VALUE})*[^{}]*)?$`;

/** What may become a key that begins with `cache:` or `invalidations`, as values may be any letters. */
function reservedKeys(): string {
  const cache = "cache";
  const invalidations = "invalidations";
  const beginnings = Array.from(cache, (_, i) => cache.slice(0, i + 1)).map((start) => {
    const rest = cache.slice(start.length);
    const ends = Array.from(rest, (_, i) => rest.slice(i));
    return `${start}${VALUE}${ends.length === 0 ? "" : `(?:${ends.join("|")})?`}:`;
  });
  const parts = Array.from(invalidations, (_, i) => invalidations.slice(0, i + 1));
  return `^(?:cache:|${beginnings.join("|")}|invalidations|(?:${parts.join("|")})\\{)`;
}

const PATH_CHARACTERS = `/:@?${SUB_DELIMITERS}${UNRESERVED}`;
/** Half of an escape may be a value. */
const HALF_ESCAPES = `%(?:${HEX}|${VALUE_WITHOUT_SLASH}){2}`;
const DOT_SEGMENT = "(?:/|%2[fF]|%5[cC])(?:\\.|%2[eE]){1,2}";
const SEGMENT_END = "$|[;/?]|%(?:00|23|2[fF]|3[bBfF]|5[cC])";

function climbs(ends: string): string {
  return `^(?:[^?{}]|${VALUE})*${DOT_SEGMENT}(?:${ends})`;
}

/** The client's path brings its slash along; so does, at the beginning, what may be a path. */
function applyPath(): Pattern {
  const inDefault = `[%${PATH_CHARACTERS}]`;
  const start = `/|\\{(?:path|rest|${LOOKUP_NAME}:[^|{}]*)(?:\\|(?:/${inDefault}*)?)?\\}`;
  const clientPath = "\\{path(?:\\||\\})";
  return {
    pattern: `^(?:${start})(?:[${PATH_CHARACTERS}]|${HALF_ESCAPES}|${SLASH_PATH}[0-9.]+\\]\\}|${valueWithDefault(inDefault)})*$`,
    not: `${climbs(`${SEGMENT_END}|${clientPath}|${SLASH_PATH}`)}|%(?:${HEX}|${VALUE})?${clientPath}`,
  };
}

function applyHost(): string {
  const value = valueWithDefault(`[%:\\[\\]${SUB_DELIMITERS}${UNRESERVED}]`);
  const name = `(?:[${SUB_DELIMITERS}${UNRESERVED}]|${HALF_ESCAPES}|${value})+`;
  const group = `(?:[0-9A-Fa-f.]|${VALUE_WITHOUT_SLASH})`;
  // A value behind the bracket may be a whole address, and counts as two colons.
  const address = [
    `\\[${VALUE_WITHOUT_SLASH}${group}*(?::${group}*){0,6}\\]`,
    `\\[(?:[0-9A-Fa-f.]${group}*)?(?::${group}*){2,8}\\]`,
  ];
  const port = `${PORT}|[0-9]{0,4}${VALUE_WITHOUT_SLASH}(?:[0-9]|${VALUE_WITHOUT_SLASH}){0,4}`;
  return `^(?:${[name, ...address].join("|")})(?::(?:${port}))?$`;
}

const VISIBLE = "[^{}\\x00-\\x20\\x7f]";
const PRINTABLE = "[^{}\\x00-\\x08\\x0a-\\x1f\\x7f]";

function headerTemplate(): string {
  const value = `(?:${valueWithDefault(PRINTABLE)}|${SLASH_PATH}[0-9.]+\\]\\})`;
  return `^(?:${VISIBLE}|${value})(?:(?:${PRINTABLE}|${value})*(?:${VISIBLE}|${value}))?$`;
}

/** By their names in the schema's `$defs`. */
export const PATTERNS: Record<string, Pattern> = {
  wholeMilliseconds: { pattern: wholeMilliseconds() },
  atLeast1ms: { pattern: "[1-9]" },
  atLeast100ms: { not: UNDER_100_MILLISECONDS },
  atMost1h: { pattern: atMost(HOUR) },
  atMost1Year: { pattern: atMost(YEAR) },
  storeSize: { pattern: size(64, 256 * 1024) },
  bodySize: { pattern: size(1, 64 * 1024) },
  recordSize: { pattern: size(1, 64) },
  percentage: { pattern: PERCENTAGE },
  cluster: { pattern: "^[^\\x00-\\x20\\x7f]+$" },
  hostCluster: { pattern: `^(?:[^\\x00-\\x20\\x7f]*\\|)?${AUTHORITY}$` },
  authority: { pattern: `^${AUTHORITY}$` },
  username: { pattern: `^[^:${CONTROL}]+$` },
  password: { pattern: `^[^${CONTROL}]+$` },
  variable: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
  headerToRead: { pattern: `^${TOKEN}$`, not: `^${inAnyCase("host")}$` },
  headerToSet: { pattern: `^${TOKEN}$`, not: `^(?:${FORBIDDEN_HEADERS.map(inAnyCase).join("|")})$` },
  headerValue: {
    pattern: "^(?:[^\\x00-\\x20\\x7f](?:[^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?)?$",
  },
  hostPattern: { pattern: `^(?:\\*|(?:\\*\\.)?${HOST_NAME_WITHOUT_STAR}|${IP_LITERAL})$` },
  pathPattern: { pattern: "^(?:\\*|/[!$-)+-;=@-\\[\\]-_a-z|~]*\\*?)$" },
  method: { pattern: `^${METHOD}$` },
  path: { pattern: `^/(?:[${PATH_CHARACTERS}]|${ESCAPE})*$`, not: climbs(SEGMENT_END) },
  lookupName: { pattern: `^${LOOKUP_NAME}$`, not: `^(?:${[...RESERVED_WORDS, "record"].join("|")})$` },
  template: { pattern: TEMPLATE, not: WRONG_VALUES },
  withoutRecord: { not: "\\{record:" },
  keyTemplate: { pattern: KEY, not: reservedKeys() },
  servicePathTemplate: {
    pattern: `^/(?:[${PATH_CHARACTERS}]|${HALF_ESCAPES}|${VALUE})*$`,
    not: climbs(`${SEGMENT_END}|${SLASH_PATH}`),
  },
  applyPathTemplate: applyPath(),
  applyHostTemplate: { pattern: applyHost() },
  headerTemplate: { pattern: headerTemplate() },
};
