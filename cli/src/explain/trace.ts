/** What the filter says at log level `trace` of what it does with a request. */
export type TraceLine =
  | { readonly kind: "key"; readonly lookup: string; readonly key: string }
  | {
      readonly kind: "answer";
      readonly lookup: string;
      readonly tier: string;
      readonly answer: string;
      readonly reason: string;
    }
  | { readonly kind: "request"; readonly report: string };

/** What the filter says of a lookup in the end, in the debug header too. */
export interface LookupReport {
  readonly lookup: string;
  /** `local`, `webdis`, `service` or `none`. */
  readonly tier: string;
  /** Seconds; undefined where there is none. */
  readonly age: number | undefined;
  readonly reason: string;
}

const NAME = "[a-z][a-z0-9-]*";
const KEY = new RegExp(`^lookup=(${NAME}); key=(.*)$`, "s");
const ANSWER = new RegExp(`^lookup=(${NAME}); tier=(\\w+); answer=(\\w+)(?:; reason=(.*))?$`, "s");
const REQUEST = /^request: (.*)$/s;
const REPORT = new RegExp(`^lookup=(${NAME}); tier=(\\w+)(?:; age=(\\d+))?(?:; reason=(.*))?$`, "s");

/** Reads a line of the filter's log; undefined when it is about something else. */
export function readTraceLine(message: string): TraceLine | undefined {
  const answer = ANSWER.exec(message);
  if (answer !== null) {
    const [, lookup = "", tier = "", said = "", reason = ""] = answer;
    return { kind: "answer", lookup, tier, answer: said, reason };
  }
  const key = KEY.exec(message);
  if (key !== null) return { kind: "key", lookup: key[1] ?? "", key: key[2] ?? "" };
  const request = REQUEST.exec(message);
  return request === null ? undefined : { kind: "request", report: request[1] ?? "" };
}

/** Takes the text of the debug header apart: `lookup=route; tier=local; age=3, lookup=org; tier=none; reason=no match`. */
export function readReport(text: string): LookupReport[] {
  return text.split(new RegExp(`, (?=lookup=${NAME}; tier=)`)).flatMap((part) => {
    const match = REPORT.exec(part);
    if (match === null) return [];
    const [, lookup = "", tier = "", age, reason = ""] = match;
    return [{ lookup, tier, age: age === undefined ? undefined : Number(age), reason }];
  });
}
