import { createHash } from "node:crypto";
import { labels, podLabels, templateLabels } from "../labels.ts";
import type { CommentedManifest, Manifest } from "../manifest.ts";
import type { Values } from "../values/values.ts";

/** A program that is deployed here: its name, and what it is for. */
export interface Program {
  readonly name: "webdis" | "redis" | "redis-proxy";
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

/** Keeps all but one of a program's pods while nodes are drained. */
export function disruptionBudget(values: Values, program: Program): CommentedManifest {
  return {
    manifest: {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata(values, program),
      spec: { maxUnavailable: 1, selector: selector(values, program) },
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

/** What a program's pods are made of. */
export interface PodParts {
  readonly image: string;
  /** The user to be, of the image's own where it has one. */
  readonly uid: number;
  readonly initContainers?: readonly object[];
  readonly container: object;
  readonly volumes: readonly object[];
  readonly topologySpreadConstraints?: readonly object[];
  /** What the program reads when it starts, from a ConfigMap: pods are replaced when it changes. */
  readonly configuration?: string;
}

/** By Helm's convention. */
const CHECKSUM = "checksum/config";

export function podTemplate(values: Values, program: Program, parts: PodParts): Record<string, unknown> {
  const { image, uid, initContainers, container, volumes, topologySpreadConstraints, configuration } = parts;
  const checksum = configuration === undefined ? undefined : createHash("sha256").update(configuration).digest("hex");
  return {
    metadata: {
      labels: templateLabels(values, program, image),
      ...(checksum === undefined ? {} : { annotations: { [CHECKSUM]: checksum } }),
    },
    spec: {
      serviceAccountName: program.name,
      automountServiceAccountToken: false,
      securityContext: podSecurity(uid),
      ...(topologySpreadConstraints === undefined ? {} : { topologySpreadConstraints }),
      ...(initContainers === undefined ? {} : { initContainers }),
      containers: [container],
      volumes,
    },
  };
}

/** Replicas that are alike; a new one is there before an old one goes. */
export function deployment(values: Values, program: Program, replicas: number, parts: PodParts): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(values, program),
    spec: {
      replicas,
      selector: selector(values, program),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: podTemplate(values, program, parts),
    },
  };
}

function podSecurity(uid: number): Record<string, unknown> {
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
