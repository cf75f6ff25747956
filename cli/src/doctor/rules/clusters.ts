import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** How many names of other clusters are shown. */
const SHOWN = 3;

/** Whether the clusters that a configuration names exist. */
export function* clusters(examined: Examined): Iterable<Finding> {
  for (const instance of examined.instances) {
    for (const [name, paths] of instance.configuration.clusters) {
      const cluster = examined.dump.clusters.get(name);
      const where = whereNamed(instance, paths);
      if (cluster === undefined) yield missing(name, where, [...examined.dump.clusters.keys()]);
      else if (cluster.isWarming) yield finding("cluster-warming", { seen: `${name} is warming`, where });
    }
  }
}

/** As in `webdis.cluster of listener http, filter signpost`. */
export function whereNamed(instance: ExaminedInstance, paths: readonly string[]): string {
  return `${paths.join(", ")} of ${placesOf(instance)}`;
}

function missing(name: string, where: string, existing: readonly string[]): Finding {
  const seen = `there is no cluster ${name}`;
  const host = hostOf(name);
  const ofHost = host === undefined ? [] : existing.filter((other) => hostOf(other) === host);
  if (ofHost.length > 0) {
    return finding("cluster-missing", { seen: `${seen}; of this host there is ${shown(ofHost)}`, where });
  }
  const outbound = existing.filter((other) => hostOf(other) !== undefined);
  if (host !== undefined && outbound.length > 0) {
    return finding("cluster-hidden", { seen: `${seen}; others there are, such as ${shown(outbound)}`, where });
  }
  return finding("cluster-missing", { seen: `${seen}; there is ${shown(existing)}`, where });
}

/** The host of a cluster that Istio has made, as in `outbound|8080||routing.default.svc.cluster.local`. */
function hostOf(name: string): string | undefined {
  return /^outbound\|\d+\|[^|]*\|(.+)$/.exec(name)?.[1];
}

function shown(names: readonly string[]): string {
  if (names.length === 0) return "none at all";
  return names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ", …" : "");
}
