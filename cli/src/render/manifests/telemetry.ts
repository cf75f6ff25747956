import { STATS_TAGS } from "./stats-tags.ts";
import { labels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { Values } from "../values/values.ts";

/** The key of the ConfigMap. */
export const BOOTSTRAP_FILE = "custom_bootstrap.json";

/** The name of the ConfigMap that the gateway's pods mount. */
export function bootstrapName(values: Values): string {
  return `${values.name}-bootstrap`;
}

/** What the gateway's Envoy starts with beside its own bootstrap: labels for the filter's metrics. */
export function bootstrapOverride(values: Values): CommentedManifest {
  const bootstrap = { stats_config: { stats_tags: STATS_TAGS } };
  return {
    manifest: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: bootstrapName(values),
        namespace: values.gateway.namespace,
        labels: labels(values, "signpost", "telemetry"),
      },
      data: { [BOOTSTRAP_FILE]: `${JSON.stringify(bootstrap, null, 2)}\n` },
    },
    comments: {
      data: "Tag rules are read when Envoy starts. The gateway's pods mount this; see gateway/.",
    },
  };
}
