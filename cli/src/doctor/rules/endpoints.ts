import type { ClusterStatus, EndpointStatus } from "../admin/cluster-status.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { whereNamed } from "./clusters.ts";

/** Whether the clusters that a configuration names have endpoints, and those are well. */
export function* endpoints({ dump, clusters, instances }: Examined): Iterable<Finding> {
  for (const instance of instances) {
    for (const [name, paths] of instance.configuration.clusters) {
      const config = dump.clusters.get(name);
      const status = clusters?.get(name);
      if (config?.hasOwnEndpoints !== true || status === undefined) continue;
      yield* endpointsOf(name, status, whereNamed(instance, paths));
    }
  }
}

function* endpointsOf(cluster: string, { endpoints: all }: ClusterStatus, where: string): Iterable<Finding> {
  if (all.length === 0) {
    yield finding("cluster-empty", { seen: `${cluster} has no endpoints`, where });
    return;
  }
  const ill = all.filter(({ problem }) => problem !== "");
  const ejected = all.filter(({ isEjected }) => isEjected);
  const sight = { seen: `${cluster}: ${ill.map(illness).join("; ")}`, where };
  if (ill.length === all.length) yield finding("cluster-unhealthy", sight);
  else if (ill.length > 0) yield finding("endpoints-unhealthy", sight);
  if (ejected.length > 0) {
    const seen = `${cluster}: ${ejected.map(({ address }) => address).join(", ")} of ${all.length}`;
    yield finding("endpoints-ejected", { seen, where });
  }
  for (const { address, succeeded, failed } of all) {
    if (failed === 0 || succeeded > 0) continue;
    yield finding("cluster-failing", { seen: `${cluster}: ${address} has failed ${failed} of ${failed} calls`, where });
  }
}

function illness({ address, problem }: EndpointStatus): string {
  return `${address} (${problem})`;
}
