import {
  DISCOVERY_PREFIX,
  INCLUDED_PREFIXES,
  INCLUDED_SUFFIXES,
  REQUEST_SUFFIXES,
  clusterPrefix,
} from "../stats-inclusion.ts";
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

/** A kind of statistics that is not kept, and the annotation that lets an Istio proxy keep it; undefined: it always does. */
interface NotKept {
  readonly kind: string;
  readonly annotation: string | undefined;
}

/** Istio's proxies keep few statistics unless they are told to. */
function notKept(examined: Examined, stats: Stats): string[] {
  const isIstio = /^(?:router|sidecar)~/.test(examined.dump.proxy.node);
  const missing = [discoveryNotKept, breakersNotKept, requestsNotKept, metricsNotKept].flatMap(
    (ask) => ask(examined, stats) ?? [],
  );
  return missing.map(({ kind, annotation }) => {
    const remedy = isIstio && annotation !== undefined ? ` (annotate its pods with ${annotation})` : "";
    return `${kind}: the proxy keeps no such statistics${remedy}`;
  });
}

function discoveryNotKept({ instances }: Examined, stats: Stats): NotKept | undefined {
  const isMissing = instances.some(
    ({ name, discovered }) => discovered !== undefined && discoveryStats(name, stats) === undefined,
  );
  if (!isMissing) return undefined;
  const kind = "whether Envoy took the configuration (extension_config_discovery)";
  return { kind, annotation: `${INCLUDED_PREFIXES}: ${DISCOVERY_PREFIX}` };
}

function breakersNotKept({ dump, clusters, instances }: Examined, stats: Stats): NotKept | undefined {
  const called = new Set(instances.flatMap(({ configuration }) => [...configuration.clusters.keys()]));
  const missing = [...called].filter(
    (name) => dump.clusters.has(name) && !stats.has(`${clusterStats(name, clusters)}circuit_breakers.default.cx_open`),
  );
  if (missing.length === 0) return undefined;
  const kind = "Envoy's circuit breakers (circuit_breakers)";
  return { kind, annotation: `${INCLUDED_PREFIXES}: ${missing.map(clusterPrefix).join(",")}` };
}

function requestsNotKept({ instances }: Examined, stats: Stats): NotKept | undefined {
  const prefixes = instances.flatMap(({ places }) => places.map(({ chain }) => chain.statPrefix));
  const isMissing = prefixes.some((prefix) => !stats.has(`http.${prefix}.downstream_rq_5xx`));
  if (!isMissing) return undefined;
  const kind = "how many requests were answered with 5xx (downstream_rq_5xx)";
  return { kind, annotation: `${INCLUDED_SUFFIXES}: ${REQUEST_SUFFIXES.join(",")}` };
}

function metricsNotKept({ instances }: Examined, stats: Stats): NotKept | undefined {
  const hasLookups = instances.some(({ configuration }) => configuration.lookups.length > 0);
  if (!hasLookups || [...stats.keys()].some((name) => name.startsWith("wasmcustom.signpost."))) return undefined;
  return { kind: "the filter's metrics (wasmcustom.signpost)", annotation: undefined };
}
