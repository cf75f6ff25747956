import type { Role } from "../roles.ts";
import { passwordVariable, pluginConfigOf } from "../roles.ts";
import { labels } from "../labels.ts";
import type { ModuleValues, Values } from "../values/values.ts";

/** The name of a role's plugin, and its root_id. */
export function pluginName(values: Values, role: Role): string {
  return `${values.name}-${role.name}`;
}

/** Metadata of a role's plugin: in the gateway's namespace, where Istio takes it for the gateway. */
export function pluginMetadata(values: Values, role: Role): Record<string, unknown> {
  return {
    name: pluginName(values, role),
    namespace: values.gateway.namespace,
    labels: labels(values, "signpost", role.name),
  };
}

/** What WasmPlugin (in `spec`) and TrafficExtension (in `spec.wasm`) say in the same words. */
export function istioWasm(values: Values, module: ModuleValues, role: Role): Record<string, unknown> {
  const { url, sha256, pullPolicy, pullSecret } = module;
  return {
    pluginName: pluginName(values, role),
    url,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }),
    ...(pullSecret === undefined ? {} : { imagePullSecret: pullSecret }),
    failStrategy: values.failStrategy,
    ...vmConfig(role),
    pluginConfig: pluginConfigOf(role),
  };
}

function vmConfig(role: Role): Record<string, unknown> {
  const variable = passwordVariable(role.tree);
  return variable === undefined ? {} : { vmConfig: { env: [{ name: variable, valueFrom: "HOST" }] } };
}

/** Comments for the fields of `istioWasm`, which is at `path`. */
export function wasmComments(module: ModuleValues, role: Role, path: string): Record<string, string> {
  return {
    ...(module.sha256 === undefined ? {} : { [`${path}.sha256`]: digestComment(module.url) }),
    [`${path}.failStrategy`]:
      "What becomes of requests after a fault in the module; FAIL_RELOAD starts it anew. A module that cannot be had at all\nanswers 403 to every request, unless this is FAIL_OPEN.",
    ...(passwordVariable(role.tree) === undefined
      ? {}
      : { [`${path}.vmConfig`]: "The gateway's pods have it from a Secret; see gateway/." }),
  };
}

function digestComment(url: string): string {
  return url.startsWith("oci:") ? "Of the image's manifest, not of the file in it." : "Of the file.";
}

/** Why a role is where it is in the chain of filters. */
export function phaseComment({ name }: Role): string {
  return name === "routing"
    ? "Before authorization, so that its policies see the request as it is routed."
    : "After authorization: a stored response must not skip it.";
}
