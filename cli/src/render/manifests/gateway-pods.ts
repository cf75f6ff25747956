import {
  DISCOVERY_PREFIX,
  INCLUDED_PREFIXES,
  INCLUDED_SUFFIXES,
  REQUEST_SUFFIXES,
  clusterPrefix,
} from "../../stats-inclusion.ts";
import { clusterName } from "../clusters.ts";
import type { CommentedManifest } from "../manifest.ts";
import { passwordVariable } from "../roles.ts";
import type { Values } from "../values/values.ts";
import { BOOTSTRAP_FILE, bootstrapName } from "./telemetry.ts";
import { SECRET_KEYS } from "./webdis.ts";
import { secretVariable } from "./workload.ts";

const MODULES_VOLUME = "signpost-modules";
const BOOTSTRAP_VOLUME = "signpost-bootstrap";
const BOOTSTRAP_DIRECTORY = "/etc/istio/signpost-bootstrap";

/**
 * The variable by which pilot-agent finds a bootstrap to merge. It works in every gateway; the annotation
 * `sidecar.istio.io/bootstrapOverride` only in injected ones, not in that of `istioctl install` or of the Gateway API.
 */
const BOOTSTRAP_VARIABLE = "ISTIO_BOOTSTRAP_OVERRIDE";

/** Which forms the pods can load the module in. */
export interface PodOptions {
  /** Whether they have the node cache's directory, which the EnvoyFilter form needs. */
  readonly hasNodeCache: boolean;
}

/** What the gateway's pods need, for who installs the gateway: parts of a pod, which is not rendered here. */
interface PodParts {
  readonly annotations: Record<string, string>;
  readonly variables: Readonly<Record<string, string>>;
  readonly secretVariables: readonly Record<string, unknown>[];
  readonly volumeMounts: readonly Record<string, unknown>[];
  readonly volumes: readonly Record<string, unknown>[];
}

function podParts(values: Values, { hasNodeCache }: PodOptions): PodParts {
  const variable = passwordVariable(values.config);
  const path = hasNodeCache ? values.nodeCache?.path : undefined;
  return {
    annotations: {
      [INCLUDED_PREFIXES]: [DISCOVERY_PREFIX, ...calledClusters(values).map(clusterPrefix)].join(","),
      [INCLUDED_SUFFIXES]: REQUEST_SUFFIXES.join(","),
    },
    variables: { [BOOTSTRAP_VARIABLE]: `${BOOTSTRAP_DIRECTORY}/${BOOTSTRAP_FILE}` },
    secretVariables: variable === undefined ? [] : [secretVariable(values, variable, SECRET_KEYS.webdis)],
    volumeMounts: [
      { name: BOOTSTRAP_VOLUME, mountPath: BOOTSTRAP_DIRECTORY, readOnly: true },
      ...(path === undefined ? [] : [{ name: MODULES_VOLUME, mountPath: path, readOnly: true }]),
    ],
    volumes: [
      { name: BOOTSTRAP_VOLUME, configMap: { name: bootstrapName(values) } },
      // Made where it is missing: the node cache may come after the gateway's pod.
      ...(path === undefined ? [] : [{ name: MODULES_VOLUME, hostPath: { path, type: "DirectoryOrCreate" } }]),
    ],
  };
}

/** The clusters that the filter calls. */
function calledClusters({ callouts }: Values): string[] {
  return [...new Set([...callouts.values()].map(clusterName))].sort();
}

/** The parts as a strategic merge patch of the gateway's Deployment. */
export function deploymentPatch(values: Values, options: PodOptions): CommentedManifest {
  const { annotations, variables, secretVariables, volumeMounts, volumes } = podParts(values, options);
  const env = [...Object.entries(variables).map(([name, value]) => ({ name, value })), ...secretVariables];
  return {
    manifest: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: values.gateway.deployment, namespace: values.gateway.namespace },
      spec: {
        template: {
          metadata: { annotations },
          spec: { containers: [{ name: "istio-proxy", env, volumeMounts }], volumes },
        },
      },
    },
    comments: {
      "spec.template.metadata.annotations":
        "Statistics that Istio leaves out otherwise: what `signpost doctor` and deploy.sh read. For these pods they take the\nplace of the inclusionPrefixes and inclusionSuffixes that the mesh may have in its proxyStatsMatcher.",
      "spec.template.spec.containers[0].env":
        "The first variable names a part of Envoy's bootstrap: the tag rules that make labels of the metrics' names.",
    },
  };
}

/** The parts as values of Istio's Helm chart `gateway`, 1.27 or later. */
export function helmValues(values: Values, options: PodOptions): Record<string, unknown> {
  const { annotations, variables, secretVariables, volumeMounts, volumes } = podParts(values, options);
  return {
    podAnnotations: annotations,
    env: variables,
    ...(secretVariables.length === 0 ? {} : { envVarFrom: secretVariables }),
    volumeMounts,
    volumes,
  };
}
