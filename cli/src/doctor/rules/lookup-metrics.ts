import { type Stats, countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";

/** Of the questions to a tier, the share of errors from which on it is worth a word. */
const ERROR_SHARE = 0.01;

const WHERE = "the filter's metrics";
const LOOKUP = "wasmcustom.signpost.lookup.";
const DROPPED = "wasmcustom.signpost.writes.dropped.";

/** Whether the filter reports trouble, by its own metrics (docs/metrics.md). */
export function* lookupMetrics({ stats, instances }: Examined): Iterable<Finding> {
  if (stats === undefined) return;
  const lookups = new Set(instances.flatMap(({ configuration }) => configuration.lookups.map(({ name }) => name)));
  for (const lookup of lookups) {
    for (const tier of ["webdis", "service"]) yield* tierOf(`${LOOKUP}${lookup}.${tier}.`, `${lookup}.${tier}`, stats);
  }
  const dropped = countsBelow(DROPPED, stats);
  if (dropped.length > 0) yield finding("writes-dropped", { seen: listOf(dropped), where: WHERE });
}

function* tierOf(prefix: string, label: string, stats: Stats): Iterable<Finding> {
  const open = countOf(stats, `${prefix}breakers_open`);
  if (open > 0) yield finding("breaker-open", { seen: `${label}: breakers_open is ${open}`, where: WHERE });
  const errors = countsBelow(`${prefix}errors.`, stats);
  const failed = errors.reduce((sum, [, count]) => sum + count, 0);
  const asked = failed + countOf(stats, `${prefix}hits`) + countOf(stats, `${prefix}misses`);
  if (failed > 0 && failed >= asked * ERROR_SHARE) {
    const seen = `${label}: ${failed} of ${asked} questions failed (${listOf(errors)})`;
    yield finding("tier-errors", { seen, where: WHERE });
  }
}

/** Counters that are above 0, by what their names have after the prefix. */
function countsBelow(prefix: string, stats: Stats): [string, number][] {
  return [...stats].flatMap(([name, value]): [string, number][] =>
    name.startsWith(prefix) && typeof value === "number" && value > 0 ? [[name.slice(prefix.length), value]] : [],
  );
}

function listOf(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(", ");
}
