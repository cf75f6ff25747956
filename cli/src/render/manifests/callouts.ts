import { labels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { CalloutValues, Values } from "../values/values.ts";

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]+)$/;

/** What makes the gateway's clusters for the filter's calls what they should be. */
export function calloutManifests(values: Values): CommentedManifest[] {
  const entries = [...values.callouts];
  return [
    gatewayServices(values),
    ...entries
      .filter(([, { external }]) => external.length > 0)
      .map(([name, each]) => serviceEntry(values, name, each)),
    ...entries
      .filter(([, { destinationRule }]) => destinationRule)
      .map(([name, each]) => destinationRuleOf(values, name, each)),
  ];
}

/** Keeps the clusters in gateways that have only those of their VirtualServices (PILOT_FILTER_GATEWAY_CLUSTER_CONFIG). */
function gatewayServices(values: Values): CommentedManifest {
  const hosts = [...new Set([...values.callouts.values()].map(({ host }) => host))].sort();
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: {
        name: `${values.name}-callouts`,
        namespace: values.gateway.namespace,
        labels: labels(values, "signpost", "callouts"),
        annotations: { "envoyfilter.istio.io/referenced-services": hosts.join(",") },
      },
      spec: { workloadSelector: { labels: values.gateway.selector }, priority: values.priority, configPatches: [] },
    },
    comments: {
      "metadata.annotations":
        "All it is for: where istiod has PILOT_FILTER_GATEWAY_CLUSTER_CONFIG, a gateway has clusters only for hosts that its\nVirtualServices name, and for these.",
    },
  };
}

function serviceEntry(values: Values, name: string, { host, port, external, tls }: CalloutValues): CommentedManifest {
  const isStatic = external.every((address) => ADDRESS.test(address));
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: calloutMetadata(values, name),
      spec: {
        hosts: [host],
        exportTo: ["."],
        location: "MESH_EXTERNAL",
        resolution: isStatic ? "STATIC" : "DNS",
        // Envoy itself speaks TLS where the DestinationRule says so: to Istio it is HTTP.
        ports: [{ number: port, name: tls ? "http-tls" : "http", protocol: "HTTP" }],
        endpoints: external.map((address) => ({ address })),
      },
    },
  };
}

function destinationRuleOf(values: Values, name: string, callout: CalloutValues): CommentedManifest {
  const { host, subset, tls, maxConnections, maxPendingRequests, connectTimeout, idleTimeout } = callout;
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: calloutMetadata(values, name),
      spec: {
        host,
        exportTo: ["."],
        trafficPolicy: {
          connectionPool: {
            tcp: { maxConnections, connectTimeout },
            http: { http1MaxPendingRequests: maxPendingRequests, idleTimeout },
          },
          outlierDetection: {
            splitExternalLocalOriginErrors: true,
            consecutiveLocalOriginFailures: 5,
            consecutiveGatewayErrors: 0,
            consecutive5xxErrors: 0,
            interval: "1s",
            baseEjectionTime: "5s",
            maxEjectionPercent: 50,
          },
          ...(tls ? { tls: { mode: "SIMPLE", sni: host } } : {}),
        },
        ...(subset === undefined ? {} : { subsets: [subset] }),
      },
    },
    comments: {
      "spec.exportTo": "For the gateway only: without it a rule in Istio's root namespace is the whole mesh's.",
      "spec.trafficPolicy.connectionPool":
        "Bounds for one gateway pod, all workers together; the filter's maxInFlight is per worker. Over HTTP/1.1 a call holds a\nconnection, and what finds none waits until the call's own time limit.",
      "spec.trafficPolicy.connectionPool.http.idleTimeout":
        "Shorter than the server keeps idle connections, or calls are lost on those that it closes.",
      "spec.trafficPolicy.outlierDetection":
        "Takes out a replica that cannot be reached or is late; the filter's breaker sees only the cluster as a whole. Answers\nsuch as 503 do not count: Webdis says that when Redis is down, and then no replica is better than another. At most half\nare taken out, for short.",
    },
  };
}

function calloutMetadata(values: Values, name: string): Record<string, unknown> {
  return {
    name: `${values.name}-${name}`,
    namespace: values.gateway.namespace,
    labels: labels(values, "signpost", "callouts"),
  };
}
