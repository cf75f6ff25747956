import type { CommentedManifest } from "../manifest.ts";
import type { Role } from "../roles.ts";
import type { ModuleValues, Values } from "../values/values.ts";
import { istioWasm, phaseComment, pluginMetadata, wasmComments } from "./plugin.ts";

/** A role as Istio's TrafficExtension, which takes WasmPlugin's place from Istio 1.30 on. */
export function trafficExtension(values: Values, module: ModuleValues, role: Role): CommentedManifest {
  return {
    manifest: {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "TrafficExtension",
      metadata: pluginMetadata(values, role),
      spec: {
        selector: { matchLabels: values.gateway.selector },
        phase: role.phase,
        priority: values.priority,
        wasm: istioWasm(values, module, role),
      },
    },
    comments: { "spec.phase": phaseComment(role), ...wasmComments(module, role, "spec.wasm") },
  };
}
