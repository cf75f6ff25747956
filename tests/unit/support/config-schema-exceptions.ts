/** An error of the filter's. */
export interface ConfigError {
  /** As it is logged: the path and the problem. */
  line: string;
  problem: string;
  /** The value it is about; undefined where there is none. */
  value: unknown;
  /** The object or array that the value is in. */
  siblings: unknown;
}

/** A rule of the filter's that the schema does not have. */
export interface Exception {
  /** The rule, and why JSON Schema cannot express it. */
  rule: string;
  excuses: (error: ConfigError) => boolean;
}

const SEVERAL_AMOUNTS = /^(?:[0-9.]+[a-zµμ]+){2,}$/u;
const DEFAULT = /\{[^{}]*\|[^{}]*\}/u;
const VALUE_IN_PORT = /:[0-9]*\{/u;
const MORE_DIGITS_THAN_A_DOUBLE = /\.[0-9]{11,}%$/u;

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

function isRepeatedInAnotherCase({ value, siblings }: ConfigError): boolean {
  if (typeof value !== "string" || !Array.isArray(siblings)) return false;
  const alike = siblings.filter((other) => typeof other === "string" && other.toLowerCase() === value.toLowerCase());
  return new Set(alike).size === alike.length;
}

/** All of them: what is not excused here, schema and filter have to agree on. */
export const EXCEPTIONS: Exception[] = [
  {
    rule: "Lookups have different names: uniqueItems compares whole items, not one field of theirs.",
    excuses: ({ problem }) => / is the name of lookups\[\d+\], too$/.test(problem),
  },
  {
    rule: "Templates name only earlier lookups: a pattern does not see the names in other items.",
    excuses: ({ problem }) => problem.includes(": no lookup before this one is called "),
  },
  {
    rule: "All stores together have a bound: a schema adds nothing up.",
    excuses: ({ problem }) => problem.startsWith("local.maxBytes of all lookups and the response cache: "),
  },
  {
    rule: "A header is set once, whatever the case of its name: property names and items are compared as they are.",
    excuses: ({ problem }) => problem === "the same header is set twice",
  },
  {
    rule: "A list names a header once, whatever the case: uniqueItems compares items as they are.",
    excuses: (error) => error.problem.endsWith(" is given twice") && isRepeatedInAnotherCase(error),
  },
  {
    rule: "A header is either set or removed: a schema does not compare two lists.",
    excuses: ({ problem }) => problem.endsWith(" is set by headers (do one of both)"),
  },
  {
    rule: "The literals of a key have at most 1 KiB together: a pattern adds no lengths up, and counts no bytes.",
    excuses: ({ problem }) => problem === "longer than any key may be (1KiB)",
  },
  {
    rule: "A duration of several amounts has bounds as a whole: a pattern adds no numbers up.",
    excuses: ({ problem, value }) =>
      / is (?:too (?:short|long) \(at (?:least|most) \w+\)|not a whole number of milliseconds)$/.test(problem) &&
      isText(value, SEVERAL_AMOUNTS),
  },
  {
    rule: "What a template makes with its defaults is checked as a whole: a pattern puts no text together.",
    excuses: ({ problem, value }) => / ?makes no (?:path|host|header value)\b/.test(problem) && isText(value, DEFAULT),
  },
  {
    rule: "A port with a value in it is tried with a 1 in its place: a pattern compares no number that has gaps.",
    excuses: ({ problem, value }) => problem.endsWith(" makes no host") && isText(value, VALUE_IN_PORT),
  },
  {
    rule: "Lengths are counted in UTF-16 by the filter, and in characters by JSON Schema.",
    excuses: ({ problem, value }) => {
      const [, most] = /^too long \(at most (\d+) characters\)$/.exec(problem) ?? [];
      return most !== undefined && typeof value === "string" && Array.from(value).length <= Number(most);
    },
  },
  {
    rule: "The filter reads percentages as doubles: what is next to 100%, or has hundreds of digits, is not told apart.",
    excuses: ({ problem, value }) =>
      problem.includes(" is not a percentage ") && isText(value, MORE_DIGITS_THAN_A_DOUBLE),
  },
  {
    rule: "The text is lost when it is read: half surrogate pairs, its size, its depth.",
    excuses: ({ problem }) => problem.startsWith("not JSON: "),
  },
  {
    rule: "A field given twice is lost when the text is read.",
    excuses: ({ problem }) => problem === "given twice",
  },
];
