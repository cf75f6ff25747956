import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { GATEWAY_LABELS } from "./ingress-gateway.ts";
import { ISTIO_NAMESPACE } from "./istiod.ts";
import type { Manifest } from "./kubernetes-api.ts";

/** The port of every host of the tests, inside the mesh. */
export const MESH_PORT = 80;

/** The host of a part of the tests, inside the mesh. */
export function meshHost(name: string): string {
  return `${name}.signpost.test`;
}

/** The name of the cluster that Istio makes for a part's host. */
export function meshCluster(name: string): string {
  return `outbound|${MESH_PORT}||${meshHost(name)}`;
}

/** Any object in the gateway's namespace. */
export function manifest(apiVersion: string, kind: string, name: string, spec: object): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: ISTIO_NAMESPACE }, spec };
}

/** Makes a part a host of the mesh, by its name. */
export function serviceEntry(name: string, where: number | string): Manifest {
  // A Unix socket has no port.
  const endpoint =
    typeof where === "string" ? { address: `unix://${where}` } : { address: LOOPBACK, ports: { http: where } };
  return manifest("networking.istio.io/v1", "ServiceEntry", name, {
    hosts: [meshHost(name)],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: MESH_PORT, name: "http", protocol: "HTTP" }],
    endpoints: [endpoint],
  });
}

/**
 * Stands in for the pods that a Kubernetes Service selects: there is nobody who would run them. A process of this machine
 * then is the Service's only endpoint.
 *
 * @param labels those that the Service selects
 * @param port of the loopback address
 */
export function podStandIn(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  port: { readonly name: string; readonly number: number },
): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "WorkloadEntry",
    metadata: { name, namespace },
    spec: { address: LOOPBACK, labels, ports: { [port.name]: port.number } },
  };
}

/** Has the gateway listen for plain HTTP on these ports of the loopback address, for any host. */
export function gateway(name: string, ports: readonly number[]): Manifest {
  return manifest("networking.istio.io/v1", "Gateway", name, {
    selector: { istio: GATEWAY_LABELS.istio },
    servers: ports.map((number) => ({
      bind: LOOPBACK,
      port: { number, name: `http-${number}`, protocol: "HTTP" },
      hosts: ["*"],
    })),
  });
}

/** The routes of a gateway, as a VirtualService has them. */
export function virtualService(gatewayName: string, http: readonly object[]): Manifest {
  return manifest("networking.istio.io/v1", "VirtualService", gatewayName, {
    hosts: ["*"],
    gateways: [`${ISTIO_NAMESPACE}/${gatewayName}`],
    http,
  });
}

/** A route's destination: a part that is a host of the mesh. */
export function destination(name: string): object {
  return { destination: { host: meshHost(name), port: { number: MESH_PORT } } };
}

/** Sends all requests of a gateway to one part. */
export function everythingTo(gatewayName: string, name: string): Manifest {
  return virtualService(gatewayName, [{ route: [destination(name)] }]);
}

/** The fields of a WasmPlugin that the tests set. */
export interface WasmPluginSpec {
  /** `oci://…`, `http://…` or `file://…`. */
  readonly url: string;
  readonly sha256?: string;
  readonly pluginConfig?: Readonly<Record<string, unknown>>;
  readonly failStrategy?: "FAIL_CLOSE" | "FAIL_OPEN" | "FAIL_RELOAD";
  readonly phase?: "AUTHN" | "AUTHZ" | "STATS";
  readonly priority?: number;
  readonly imagePullPolicy?: "IfNotPresent" | "Always";
  /** Listeners' ports; all of the gateway's when not given. */
  readonly ports?: readonly number[];
}

/** A WasmPlugin for the gateway; routing at AUTHN, and reloading a trapped module, unless it says otherwise. */
export function wasmPlugin(name: string, { ports, ...spec }: WasmPluginSpec): Manifest {
  return manifest("extensions.istio.io/v1alpha1", "WasmPlugin", name, {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    ...(ports && { match: [{ mode: "CLIENT_AND_SERVER", ports: ports.map((number) => ({ number })) }] }),
    phase: "AUTHN",
    failStrategy: "FAIL_RELOAD",
    pluginName: name,
    ...spec,
  });
}

/** The same as a TrafficExtension, which takes over from WasmPlugin in Istio 1.30. */
export function trafficExtension(name: string, { ports, phase, priority, ...wasm }: WasmPluginSpec): Manifest {
  return manifest("extensions.istio.io/v1alpha1", "TrafficExtension", name, {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    ...(ports && { match: [{ mode: "CLIENT_AND_SERVER", ports: ports.map((number) => ({ number })) }] }),
    phase: phase ?? "AUTHN",
    ...(priority !== undefined && { priority }),
    wasm: { failStrategy: "FAIL_RELOAD", pluginName: name, ...wasm },
  });
}
