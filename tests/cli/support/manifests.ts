import { stringify } from "yaml";

/** A configuration that is accepted, with a variable of the VM. */
export const CONFIG = {
  webdis: { cluster: "webdis", username: "signpost", passwordEnv: "WEBDIS_PASSWORD" },
  lookups: [{ name: "route", key: "route:{host}" }],
};

/** Variables of the VM that configurations in tests name. */
const VARIABLES = ["WEBDIS_PASSWORD", "PASSWORD"];
const ENV = VARIABLES.map((name) => ({ name, valueFrom: "HOST" }));
const TYPE = "type.googleapis.com/";
const WASM = `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`;

export type Fields = Record<string, unknown>;

/** A manifest's YAML, as Kubernetes reads it. */
export function yamlOf(...manifests: unknown[]): string {
  return manifests.map((manifest) => stringify(manifest, { schema: "yaml-1.1", version: "1.1" })).join("---\n");
}

/** A WasmPlugin with nothing to complain about; `fields` replace those of its spec. */
export function wasmPlugin(pluginConfig: unknown, fields: Fields = {}, name = "signpost"): Fields {
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { name, namespace: "istio-system" },
    spec: {
      url: "oci://registry.example/signpost:0.1.0",
      phase: "AUTHN",
      failStrategy: "FAIL_RELOAD",
      vmConfig: { env: ENV },
      pluginConfig,
      ...fields,
    },
  };
}

/** A TrafficExtension with nothing to complain about; `fields` replace those of its spec. */
export function trafficExtension(pluginConfig: unknown, fields: Fields = {}): Fields {
  const wasm = {
    url: "oci://registry.example/signpost:0.1.0",
    failStrategy: "FAIL_RELOAD",
    vmConfig: { env: ENV },
    pluginConfig,
  };
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "TrafficExtension",
    metadata: { name: "signpost" },
    spec: { phase: "AUTHN", wasm, ...fields },
  };
}

/** Envoy's message for a plugin, with nothing to complain about. */
export function pluginMessage(configuration: unknown, fields: Fields = {}): Fields {
  return {
    name: "signpost",
    root_id: "signpost",
    failure_policy: "FAIL_RELOAD",
    vm_config: {
      runtime: "envoy.wasm.runtime.v8",
      code: { local: { filename: "/etc/envoy/signpost.wasm" } },
      environment_variables: { host_env_keys: VARIABLES },
    },
    configuration,
    ...fields,
  };
}

export function stringValue(value: unknown): Fields {
  return { "@type": `${TYPE}google.protobuf.StringValue`, value };
}

export function struct(value: unknown): Fields {
  return { "@type": `${TYPE}google.protobuf.Struct`, value };
}

/** A Wasm filter in its own type. */
export function typedConfig(message: Fields): Fields {
  return { "@type": WASM, config: message };
}

/** A Wasm filter in a TypedStruct. */
export function typedStruct(message: Fields, type = "udpa.type.v1.TypedStruct"): Fields {
  return { "@type": TYPE + type, type_url: WASM, value: { config: message } };
}

/** An EnvoyFilter of one patch that inserts this filter. */
export function envoyFilter(typed: Fields, applyTo = "HTTP_FILTER"): Fields {
  const value = { name: "signpost", typed_config: typed };
  return envoyFilterWith({ applyTo, patch: { operation: "INSERT_BEFORE", value } });
}

export function envoyFilterWith(...configPatches: unknown[]): Fields {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "gateway" },
    spec: { configPatches },
  };
}
