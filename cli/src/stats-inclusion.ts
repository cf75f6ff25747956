/**
 * Which of an Envoy's statistics Istio keeps. By default it leaves out most of those that `signpost doctor` and deploy.sh
 * read; annotations of a proxy's pods let it keep more. What is said there replaces the mesh's own `proxyStatsMatcher` of
 * that kind.
 */
export const INCLUDED_PREFIXES = "sidecar.istio.io/statsInclusionPrefixes";
export const INCLUDED_SUFFIXES = "sidecar.istio.io/statsInclusionSuffixes";

/** Begins the statistics of extension config discovery (ECDS): whether Envoy took a configuration. */
export const DISCOVERY_PREFIX = "extension_config_discovery";

/** How requests through a listener end; one each for a listener. */
export const REQUEST_SUFFIXES = ["downstream_rq_5xx", "downstream_rq_completed"] as const;

/** Begins a cluster's statistics. */
export function clusterPrefix(cluster: string): string {
  return `cluster.${cluster.replaceAll(":", "_")}`;
}
