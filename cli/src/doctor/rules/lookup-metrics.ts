import type { Readings } from "../admin/readings.ts";
import { countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";

/** Of the questions to a tier, the share of errors from which on it is worth a word. */
const ERROR_SHARE = 0.01;

const WHERE = "the filter's metrics";
const LOOKUP = "wasmcustom.signpost.lookup.";
const RESPONSES = "wasmcustom.signpost.responses.";
const DROPPED = "wasmcustom.signpost.writes.dropped.";

/** What a tier that could answer has said. */
const ANSWERS = ["hits", "misses", "damaged", "other_versions"];

/** Whether the filter reports trouble, by its own metrics (docs/metrics.md). */
export function* lookupMetrics({ readings, instances }: Examined): Iterable<Finding> {
  if (readings === undefined) return;
  const lookups = new Set(instances.flatMap(({ configuration }) => configuration.lookups.map(({ name }) => name)));
  for (const lookup of lookups) {
    for (const tier of ["webdis", "service"])
      yield* tierOf(`${LOOKUP}${lookup}.${tier}.`, `${lookup}.${tier}`, readings);
  }
  if (instances.some(({ configuration }) => configuration.hasResponseCache)) {
    yield* tierOf(`${RESPONSES}redis.`, "responses.redis", readings);
  }
  const dropped = readings.countsBelow(DROPPED);
  if (dropped.length > 0) {
    yield finding("writes-dropped", { seen: `${listOf(dropped)} ${readings.period(sumOf(dropped))}`, where: WHERE });
  }
}

function* tierOf(prefix: string, label: string, readings: Readings): Iterable<Finding> {
  const open = countOf(readings.now, `${prefix}breakers_open`);
  if (open > 0) yield finding("breaker-open", { seen: `${label}: breakers_open is ${open}`, where: WHERE });
  const errors = readings.countsBelow(`${prefix}errors.`);
  const failed = sumOf(errors);
  const asked = failed + ANSWERS.reduce((sum, name) => sum + readings.count(prefix + name), 0);
  if (failed === 0 || failed < asked * ERROR_SHARE) return;
  const seen = `${label}: ${failed} of ${asked} questions failed (${listOf(errors)}) ${readings.period(failed)}`;
  yield finding(failed === asked ? "tier-failing" : "tier-errors", { seen, where: WHERE });
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function listOf(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(", ");
}
