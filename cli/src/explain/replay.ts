import { type Paint, plural } from "../terminal.ts";
import type { ClientRequest } from "./client-request.ts";
import type { Explanation } from "./explanation.ts";
import type { Expectation } from "./requests-file.ts";

/** What became of a request of many, and where it is not what was expected. */
export interface Replayed {
  readonly explanation: Explanation;
  /** As in `path is /svc/acme, expected /svc/shop`; empty also where nothing was. */
  readonly differences: readonly string[];
}

/** Compares what became of a request with what was expected. */
export function replayed(request: ClientRequest, explanation: Explanation, expected?: Expectation): Replayed {
  return { explanation, differences: expected === undefined ? [] : differencesIn(request, explanation, expected) };
}

function differencesIn(request: ClientRequest, { decision }: Explanation, expected: Expectation): string[] {
  const { path, host, headers = new Map<string, string | null>(), status } = expected;
  if (decision.kind === "answer") {
    return status === decision.status ? [] : [`answered ${decision.status}, expected ${status ?? "that it goes on"}`];
  }
  if (status !== undefined) return [`goes on, expected ${status}`];
  const upstream = (name: string, sent: string | null): string | null => {
    const change = decision.changes.find((each) => each.name === name);
    return change === undefined ? sent : change.after.length === 0 ? null : change.after.join(",");
  };
  const sentHeader = (name: string): string | null => {
    const values = request.headers.filter(([each]) => each === name).map(([, value]) => value);
    return values.length === 0 ? null : values.join(",");
  };
  return [
    ...differing("path", upstream("path", request.path), path),
    ...differing("host", upstream("host", request.authority), host),
    ...[...headers].flatMap(([name, value]) => differing(name, upstream(name, sentHeader(name)), value)),
  ];
}

function differing(name: string, is: string | null, expected: string | null | undefined): string[] {
  if (expected === undefined || is === expected) return [];
  return [`${name} is ${is ?? "not there"}, expected ${expected ?? "not there"}`];
}

/** A line for a request: what became of it, and how. */
export function replayedLine({ explanation, differences }: Replayed, paint: Paint): string {
  const { request, decision, report } = explanation;
  const what =
    decision.kind === "answer"
      ? `answered ${decision.status}`
      : decision.changes
          .map(({ name, after }) => `${name} ${after.length === 0 ? "removed" : after.join(",")}`)
          .join("; ");
  const line = `${request.method} ${request.url} -> ${what === "" ? "as it came" : what} ${paint("dim", `(${report})`)}`;
  return [line, ...differences.map((difference) => paint("red", `  differs: ${difference}`))].join("\n");
}

/** How many requests went which way. */
export function tally(all: readonly Replayed[], expected: number): string {
  const count = (is: (each: Replayed) => boolean): number => all.filter(is).length;
  const answered = count(({ explanation: { decision } }) => decision.kind === "answer");
  const changed = count(({ explanation: { decision } }) => decision.kind === "continue" && decision.changes.length > 0);
  const different = count(({ differences }) => differences.length > 0);
  const parts = [`${changed} changed`, `${all.length - changed - answered} as they came`, `${answered} answered`];
  const compared = expected === 0 ? "" : `; of ${expected} with an expectation ${different} differ`;
  return `${plural(all.length, "request")}: ${parts.join(", ")}${compared}`;
}
