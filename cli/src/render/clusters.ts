import type { CalloutValues } from "./values/values.ts";

/** The name Istio gives the cluster of a service: https://istio.io's `BuildSubsetKey`, `outbound|port|subset|host`. */
export function clusterName({ host, port, subset }: CalloutValues): string {
  return `outbound|${port}|${subset?.name ?? ""}|${host}`;
}

/** The host name of a Service that is rendered here. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}
