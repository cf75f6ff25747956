import type { CatalogueSection } from "./entry.ts";

/** Whether what the filter calls is there and answers. */
export const CLUSTERS = {
  "cluster-missing": {
    severity: "error",
    meaning: "The configuration names a cluster that the proxy does not have; calls to it fail with “bad argument”.",
    remedy:
      "Correct the name (outbound|PORT|SUBSET|HOST, as istioctl proxy-config clusters lists it), or let the mesh know the service: a Service or ServiceEntry, with the subset in a DestinationRule, and exportTo the gateway's namespace.",
  },
  "cluster-hidden": {
    severity: "error",
    meaning:
      "The proxy has clusters of other services and not this one: istiod hides from gateways what no route refers to (PILOT_FILTER_GATEWAY_CLUSTER_CONFIG).",
    remedy:
      "Set PILOT_FILTER_GATEWAY_CLUSTER_CONFIG=false in istiod's environment, or let a VirtualService of this gateway refer to the service, say with a route for a host that nobody uses. If that is not it: is there such a service, and is it exported to the gateway's namespace?",
  },
  "cluster-warming": {
    severity: "warning",
    meaning: "A cluster that the configuration names waits for its first endpoints, and takes no calls until then.",
    remedy: "Look whether the service has ready pods, and whether istiod answers (istioctl proxy-status).",
  },
  "cluster-empty": {
    severity: "error",
    meaning: "A cluster that the configuration names has no endpoint; calls to it fail with 503.",
    remedy:
      "Look whether the service has ready pods behind it (kubectl get endpointslices), and whether its name resolves.",
  },
  "cluster-unhealthy": {
    severity: "error",
    meaning: "No endpoint of a cluster that the configuration names is healthy.",
    remedy:
      "Look at the pods' readiness and logs; an ejection by outlier detection ends by itself when they answer again.",
  },
  "endpoints-unhealthy": {
    severity: "warning",
    meaning: "Some endpoints of a cluster that the configuration names are not healthy.",
    remedy: "Look at these pods' readiness and logs.",
  },
  "endpoints-ejected": {
    severity: "warning",
    meaning: "Outlier detection has taken out endpoints of a cluster that the configuration names.",
    remedy:
      "Look why they answered with 5xx or not at all: for Webdis that is most often Redis behind it. Loosen outlierDetection in the DestinationRule if they are well.",
  },
  "cluster-failing": {
    severity: "error",
    meaning: "An endpoint of a cluster that the configuration names was called, and never with success.",
    remedy:
      "Look whether the port is the right one, whether it speaks what the cluster expects (plain HTTP or mTLS: DestinationRule and PeerAuthentication), whether a NetworkPolicy lets the gateway through, and for Webdis whether it reaches Redis (it answers 503 otherwise).",
  },
  "circuit-breaker-open": {
    severity: "warning",
    meaning: "A circuit breaker of a cluster that the configuration names is open: Envoy refuses calls.",
    remedy:
      "Raise connectionPool in the DestinationRule (maxConnections, http1MaxPendingRequests, http2MaxRequests), or lower the load with a longer local.ttl.",
  },
  "circuit-breaker-tripped": {
    severity: "warning",
    meaning:
      "A circuit breaker of a cluster that the configuration names has refused calls since Envoy started or, with --watch, in that time.",
    remedy:
      "Raise connectionPool in the DestinationRule above webdis.maxInFlight or service.maxInFlight times the workers.",
  },
} as const satisfies CatalogueSection;
