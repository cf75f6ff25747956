import { labels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { Values } from "../values/values.ts";
import { type Program, metadata, selector } from "./workload.ts";

/** Pods that may connect. */
export interface Client {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

const DNS = [
  { port: 53, protocol: "UDP" },
  { port: 53, protocol: "TCP" },
];

/** Where a sidecar gets certificates and configuration. */
const ISTIOD_PORT = 15_012;

/**
 * Who may connect to a program and where it may connect to, as the network sees it.
 *
 * @param upstream where it connects to, beside DNS and istiod
 */
export function networkPolicy(
  values: Values,
  program: Program,
  clients: readonly Client[],
  upstream: readonly Record<string, unknown>[],
): CommentedManifest {
  return {
    manifest: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: metadata(values, program),
      spec: {
        podSelector: selector(values, program),
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: clients.map(peerOf), ports: [{ port: program.port, protocol: "TCP" }] }],
        egress: [
          { ports: DNS },
          {
            to: [peerOf({ namespace: values.istioNamespace, labels: { app: "istiod" } })],
            ports: [{ port: ISTIOD_PORT, protocol: "TCP" }],
          },
          ...upstream,
        ],
      },
    },
    comments: {
      "spec.ingress": "Probes come from the node, which Kubernetes always lets in.",
      "spec.egress": "DNS and, for the sidecar, istiod.",
    },
  };
}

export function peerOf({ namespace, labels: matchLabels }: Client): Record<string, unknown> {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels },
  };
}

/** Who may connect, as the mesh knows it by certificates: addresses can be had by others. */
export function authorizationPolicy(
  values: Values,
  program: Program,
  namespaces: readonly string[],
): CommentedManifest {
  return {
    manifest: {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { ...metadata(values, program), labels: labels(values, program.name, "access") },
      spec: {
        selector: selector(values, program),
        action: "ALLOW",
        rules: [
          {
            from: [{ source: { namespaces: [...new Set(namespaces)] } }],
            to: [{ operation: { ports: [String(program.port)] } }],
          },
        ],
      },
    },
  };
}
