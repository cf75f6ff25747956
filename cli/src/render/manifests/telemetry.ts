import { STATS_TAGS } from "../../../../envoy-local/lib/stats-tags.ts";
import { labels } from "../labels.ts";
import type { CommentedManifest } from "../manifest.ts";
import type { Values } from "../values/values.ts";

/** The name of the ConfigMap that the gateway's pods name in their annotation. */
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
      data: { "custom_bootstrap.json": `${JSON.stringify(bootstrap, null, 2)}\n` },
    },
    comments: {
      data: "Tag rules are read when Envoy starts. Istio gives a pod this with the annotation\nsidecar.istio.io/bootstrapOverride; see gateway/.",
    },
  };
}
