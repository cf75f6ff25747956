import { countOf } from "../admin/stats.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { whereNamed } from "./clusters.ts";

const GAUGES = ["cx_open", "cx_pool_open", "rq_pending_open", "rq_open"];
const COUNTERS = ["upstream_cx_overflow", "upstream_cx_pool_overflow", "upstream_rq_pending_overflow"];

/** Whether Envoy's own limits stand between the filter and what it calls. */
export function* circuitBreakers({ clusters, readings, instances }: Examined): Iterable<Finding> {
  if (readings === undefined) return;
  for (const instance of instances) {
    for (const [name, paths] of instance.configuration.clusters) {
      const prefix = clusterStats(name, clusters);
      const where = whereNamed(instance, paths);
      const open = GAUGES.filter((gauge) => countOf(readings.now, `${prefix}circuit_breakers.default.${gauge}`) > 0);
      if (open.length > 0) yield finding("circuit-breaker-open", { seen: `${name}: ${open.join(", ")}`, where });
      const tripped = COUNTERS.map((counter): [string, number] => [counter, readings.count(prefix + counter)])
        .filter(([, count]) => count > 0)
        .map(([counter, count]) => `${counter} ${count} ${readings.period(count)}`);
      if (tripped.length > 0)
        yield finding("circuit-breaker-tripped", { seen: `${name}: ${tripped.join(", ")}`, where });
    }
  }
}

/** What a cluster's statistics begin with; Istio gives some other names there. */
export function clusterStats(name: string, clusters: Examined["clusters"]): string {
  return `cluster.${(clusters?.get(name)?.statName ?? name).replaceAll(":", "_")}.`;
}
