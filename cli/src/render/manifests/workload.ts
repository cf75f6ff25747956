import { labels, podLabels } from "../labels.ts";
import type { CommentedManifest, Manifest } from "../manifest.ts";
import type { Values } from "../values/values.ts";

/** A program that is deployed here: its name, and what it is for. */
export interface Program {
  readonly name: "webdis" | "redis";
  readonly component: string;
  readonly port: number;
  /** Of the port; Istio takes the protocol from its beginning. */
  readonly portName: string;
}

export function metadata(values: Values, program: Program): Record<string, unknown> {
  return {
    name: program.name,
    namespace: values.namespace,
    labels: labels(values, program.name, program.component),
  };
}

export function selector(values: Values, program: Program): Record<string, unknown> {
  return { matchLabels: podLabels(values, program.name) };
}

/** The namespace of Webdis and Redis, whose pods are part of the mesh: basic auth must not go in the clear. */
export function namespace(values: Values): CommentedManifest {
  const injection =
    values.revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": values.revision };
  return {
    manifest: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: values.namespace,
        labels: {
          ...injection,
          "app.kubernetes.io/part-of": "signpost",
          "app.kubernetes.io/managed-by": "signpost-render",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    },
    comments: { "metadata.labels": "In the mesh, so that the password for Webdis never goes in the clear." },
  };
}

/** Nobody without a certificate of the mesh gets to the pods. */
export function peerAuthentication(values: Values): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: {
      name: "default",
      namespace: values.namespace,
      labels: labels(values, "signpost", "access"),
    },
    spec: { mtls: { mode: "STRICT" } },
  };
}

export function service(values: Values, program: Program): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(values, program),
    spec: {
      type: "ClusterIP",
      selector: podLabels(values, program.name),
      ports: [{ name: program.portName, port: program.port, targetPort: program.portName, protocol: "TCP" }],
    },
  };
}

/** A ServiceAccount by which the mesh knows the program; it has nothing to say to Kubernetes. */
export function serviceAccount(values: Values, program: Program): Manifest {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(values, program),
    automountServiceAccountToken: false,
  };
}

/** @param uid the user to be, of the image's own where it has one */
export function podSecurity(uid: number): Record<string, unknown> {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
} as const;

/** An environment variable with a password of the Secret. */
export function secretVariable(values: Values, name: string, key: string): Record<string, unknown> {
  return { name, valueFrom: { secretKeyRef: { name: values.secret, key } } };
}
