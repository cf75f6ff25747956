import { labels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { Destination, RoutesValues, Values } from "../values/values.ts";

/** A Gateway, and a VirtualService that routes on what the lookups found. */
export function routeManifests(values: Values, routes: RoutesValues): CommentedManifest[] {
  return [gateway(values, routes), virtualService(values, routes)];
}

function routesMetadata(values: Values): Record<string, unknown> {
  return {
    name: values.name,
    namespace: values.gateway.namespace,
    labels: labels(values, "signpost", "routes"),
  };
}

function gateway(values: Values, { hosts, port, tlsSecret }: RoutesValues): CommentedManifest {
  const protocol = tlsSecret === undefined ? "HTTP" : "HTTPS";
  const tls = tlsSecret === undefined ? {} : { tls: { mode: "SIMPLE", credentialName: tlsSecret } };
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: routesMetadata(values),
      spec: {
        selector: values.gateway.selector,
        servers: [{ port: { number: port, name: protocol.toLowerCase(), protocol }, hosts, ...tls }],
      },
    },
  };
}

function virtualService(values: Values, { hosts, header, to, otherwise }: RoutesValues): CommentedManifest {
  const routed = [...to].map(([value, destination]) => ({
    name: value,
    match: [{ headers: { [header]: { exact: value } } }],
    route: [routeTo(destination)],
  }));
  const rest = otherwise === undefined ? { directResponse: { status: 404 } } : { route: [routeTo(otherwise)] };
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: routesMetadata(values),
      spec: {
        hosts,
        gateways: [`${values.gateway.namespace}/${values.name}`],
        http: [...routed, { name: "otherwise", ...rest }],
      },
    },
    comments: { "spec.http": `Only records set ${header}: it is removed from what clients send.` },
  };
}

function routeTo({ host, port }: Destination): Record<string, unknown> {
  return { destination: { host, port: { number: port } } };
}
