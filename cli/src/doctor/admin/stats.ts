import { type AdminText, BadAdminOutput, parseAdminJson } from "./admin-output.ts";
import { at, listAt, textAt } from "./json.ts";

const EXPECTED = "what GET /stats of Envoy's admin interface answers, with ?format=json or as text";

/** Counters, gauges and texts of an Envoy by their full names; histograms are left out. */
export type Stats = ReadonlyMap<string, number | string>;

/** @throws BadAdminOutput */
export function readStats(input: AdminText): Stats {
  return /^\s*\{/.test(input.text) ? fromJson(input) : fromText(input);
}

function fromJson(input: AdminText): Stats {
  const value = parseAdminJson(input, EXPECTED);
  if (!Array.isArray(at(value, "stats"))) {
    throw new BadAdminOutput(`${input.from} has no list "stats" (expected ${EXPECTED})`);
  }
  const stats = new Map<string, number | string>();
  for (const stat of listAt(value, "stats")) {
    const name = textAt(stat, "name");
    const found = at(stat, "value");
    if (name !== undefined && (typeof found === "number" || typeof found === "string")) stats.set(name, found);
  }
  return stats;
}

const LINE = /^(\S.*?): (?:(\d+)|"(.*)")$/;
const HISTOGRAM = /^\S.*?: (?:P0\(|No recorded values)/;

function fromText({ from, text }: AdminText): Stats {
  const stats = new Map<string, number | string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, count, word = ""] = LINE.exec(line) ?? [];
    if (name !== undefined) stats.set(name, count === undefined ? word : Number(count));
    else if (line !== "" && !HISTOGRAM.test(line)) {
      throw new BadAdminOutput(`${from} is no list of Envoy's statistics: ${JSON.stringify(line.slice(0, 80))}`);
    }
  }
  return stats;
}

/** A counter or gauge; 0 where it is not there, as Envoy makes some only when they are needed. */
export function countOf(stats: Stats, name: string): number {
  const found = stats.get(name);
  return typeof found === "number" ? found : 0;
}
