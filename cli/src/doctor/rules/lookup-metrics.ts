import type { Readings } from "../admin/readings.ts";
import { countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { clusterStats } from "./circuit-breakers.ts";

/** Of the questions to a tier, the share of errors from which on it is worth a word. */
const ERROR_SHARE = 0.01;

const WHERE = "the filter's metrics";
const LOOKUP = "wasmcustom.signpost.lookup.";
const RESPONSES = "wasmcustom.signpost.responses.";
const DROPPED = "wasmcustom.signpost.writes.dropped.";

/** What a tier that could answer has said. */
const ANSWERS = ["hits", "misses", "damaged", "other_versions"];

/** What is no record, and does not say either that there is none. */
const REFUSAL = /^[345]\d\d$/;
const NO_RECORD = ["304", "404", "410"];

/** Whether the filter reports trouble, by its own metrics (docs/metrics.md). */
export function* lookupMetrics(examined: Examined): Iterable<Finding> {
  const { readings } = examined;
  if (readings === undefined) return;
  for (const [label, cluster] of tiersOf(examined)) {
    const refused = cluster === undefined ? "" : refusalsOf(cluster, examined, readings);
    yield* tierOf(label, refused, readings);
  }
  const dropped = readings.countsBelow(DROPPED);
  if (dropped.length > 0) {
    yield finding("writes-dropped", { seen: `${listOf(dropped)} ${readings.period(sumOf(dropped))}`, where: WHERE });
  }
}

/** The tiers of all plugins, by how their metrics call them, and each one's cluster. */
function tiersOf({ instances }: Examined): ReadonlyMap<string, string | undefined> {
  const tiers = new Map<string, string | undefined>();
  for (const { configuration } of instances) {
    const webdis = configuration.webdis?.cluster;
    for (const { name, service } of configuration.lookups) {
      tiers.set(`${name}.webdis`, webdis);
      tiers.set(`${name}.service`, service);
    }
  }
  const cache = instances.find(({ configuration }) => configuration.hasResponseCache);
  if (cache !== undefined) tiers.set("responses.redis", cache.configuration.webdis?.cluster);
  return tiers;
}

/** What a cluster has answered instead of a record, as in `; cluster webdis answered: 403 45`. */
function refusalsOf(cluster: string, { clusters }: Examined, readings: Readings): string {
  const answers = readings
    .countsBelow(`${clusterStats(cluster, clusters)}upstream_rq_`)
    .filter(([status]) => REFUSAL.test(status) && !NO_RECORD.includes(status));
  return answers.length === 0 ? "" : `; cluster ${cluster} answered: ${listOf(answers)}`;
}

function* tierOf(label: string, refused: string, readings: Readings): Iterable<Finding> {
  const prefix = label === "responses.redis" ? `${RESPONSES}redis.` : `${LOOKUP}${label}.`;
  const open = countOf(readings.now, `${prefix}breakers_open`);
  if (open > 0) yield finding("breaker-open", { seen: `${label}: breakers_open is ${open}${refused}`, where: WHERE });
  const errors = readings.countsBelow(`${prefix}errors.`);
  const failed = sumOf(errors);
  const asked = failed + ANSWERS.reduce((sum, name) => sum + readings.count(prefix + name), 0);
  if (failed === 0 || failed < asked * ERROR_SHARE) return;
  const counted = `${failed} of ${asked} questions failed (${listOf(errors)}) ${readings.period(failed)}`;
  const seen = `${label}: ${counted}${refused}`;
  yield finding(failed === asked ? "tier-failing" : "tier-errors", { seen, where: WHERE });
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function listOf(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(", ");
}
