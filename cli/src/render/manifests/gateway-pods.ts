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
import { bootstrapName } from "./telemetry.ts";
import { SECRET_KEYS } from "./webdis.ts";
import { secretVariable } from "./workload.ts";

const VOLUME = "signpost-modules";

/** What the gateway's pods need, for who installs the gateway: parts of a pod, which is not rendered here. */
interface PodParts {
  readonly annotations: Record<string, string>;
  readonly env: Record<string, unknown>[];
  readonly volumeMounts: Record<string, unknown>[];
  readonly volumes: Record<string, unknown>[];
}

function podParts(values: Values): PodParts {
  const variable = passwordVariable(values.config);
  const path = values.nodeCache?.path;
  return {
    annotations: {
      "sidecar.istio.io/bootstrapOverride": bootstrapName(values),
      [INCLUDED_PREFIXES]: [DISCOVERY_PREFIX, ...calledClusters(values).map(clusterPrefix)].join(","),
      [INCLUDED_SUFFIXES]: REQUEST_SUFFIXES.join(","),
    },
    env: variable === undefined ? [] : [secretVariable(values, variable, SECRET_KEYS.webdis)],
    volumeMounts: path === undefined ? [] : [{ name: VOLUME, mountPath: path, readOnly: true }],
    // Made where it is missing: the node cache may come after the gateway's pod.
    volumes: path === undefined ? [] : [{ name: VOLUME, hostPath: { path, type: "DirectoryOrCreate" } }],
  };
}

/** The clusters that the filter calls. */
function calledClusters({ callouts }: Values): string[] {
  return [...new Set([...callouts.values()].map(clusterName))].sort();
}

/** The parts as a strategic merge patch of the gateway's Deployment. */
export function deploymentPatch(values: Values): CommentedManifest {
  const { annotations, env, volumeMounts, volumes } = podParts(values);
  const container = {
    name: "istio-proxy",
    ...(env.length === 0 ? {} : { env }),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  };
  return {
    manifest: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: values.gateway.deployment, namespace: values.gateway.namespace },
      spec: {
        template: {
          metadata: { annotations },
          spec: { containers: [container], ...(volumes.length === 0 ? {} : { volumes }) },
        },
      },
    },
    comments: {
      "spec.template.metadata.annotations":
        "Statistics that Istio leaves out otherwise: what `signpost doctor` and deploy.sh read. For these pods they take the\nplace of the inclusionPrefixes and inclusionSuffixes that the mesh may have in its proxyStatsMatcher.",
    },
  };
}

/** The parts as values of Istio's Helm chart `gateway`. */
export function helmValues(values: Values): Record<string, unknown> {
  const { annotations, env, volumeMounts, volumes } = podParts(values);
  return {
    podAnnotations: annotations,
    ...(env.length === 0 ? {} : { envVarFrom: env }),
    ...(volumes.length === 0 ? {} : { volumeMounts, volumes }),
  };
}
