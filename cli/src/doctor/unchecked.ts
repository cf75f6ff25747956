import type { Stats } from "./admin/stats.ts";
import type { Examined } from "./examined.ts";
import { clusterStats } from "./rules/circuit-breakers.ts";
import { discoveryStats } from "./rules/discovery.ts";

/** Whether Webdis was examined; `unused` where no configuration has one that could be. */
export type WebdisProbing = "done" | "not asked for" | "unused";

/** What was not looked at, and what it would take. */
export function uncheckedIn(examined: Examined, probing: WebdisProbing): string[] {
  const { clusters, stats, instances } = examined;
  const usesWebdis = instances.some(({ configuration }) => configuration.webdis !== undefined);
  return [
    ...(clusters === undefined ? ["endpoints and their health (--clusters)"] : []),
    ...(stats === undefined ? ["statistics: rejected updates, breakers, errors (--stats)"] : notKept(examined, stats)),
    ...(usesWebdis && probing === "not asked for" ? ["Webdis and what it lets pass (--webdis)"] : []),
    ...(probing === "unused" ? ["Webdis: no Signpost filter's configuration has webdis"] : []),
  ];
}

/** Istio's proxies keep few statistics unless they are told to (proxyStatsMatcher). */
function notKept({ dump, clusters, instances }: Examined, stats: Stats): string[] {
  const lacksDiscovery = instances.some(
    ({ name, discoveredVersion }) => discoveredVersion !== undefined && discoveryStats(name, stats) === undefined,
  );
  const called = instances.flatMap(({ configuration }) => [...configuration.clusters.keys()]);
  const lacksBreakers = called.some(
    (name) => dump.clusters.has(name) && !stats.has(`${clusterStats(name, clusters)}circuit_breakers.default.cx_open`),
  );
  const lookups = instances.flatMap(({ configuration }) => configuration.lookups);
  const lacksMetrics = lookups.length > 0 && ![...stats.keys()].some((name) => name.startsWith("wasmcustom.signpost."));
  const kinds = [
    ...(lacksDiscovery ? ["whether Envoy took the configuration (extension_config_discovery)"] : []),
    ...(lacksBreakers ? ["Envoy's circuit breakers (circuit_breakers)"] : []),
    ...(lacksMetrics ? ["the filter's metrics (wasmcustom.signpost)"] : []),
  ];
  return kinds.map((kind) => `${kind}: the proxy keeps no such statistics`);
}
