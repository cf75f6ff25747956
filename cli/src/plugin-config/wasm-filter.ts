import { bodyWritersAmong } from "../body-writers.ts";
import type { Step } from "./config-path.ts";
import { unknownWords } from "./known-words.ts";
import type { ManifestFacts, ManifestField } from "./manifest-facts.ts";
import {
  type DocumentPlace,
  type Found,
  configInText,
  configInTree,
  manifestDiagnostic,
} from "./plugin-config-source.ts";
import { type Member, type ScalarTree, type Tree, member, textAt, toJson, treeAt, valueAt } from "./tree.ts";

const WASM_FILTER = "envoy.extensions.filters.http.wasm.v3.Wasm";
const STRING_VALUE = "google.protobuf.StringValue";
const BYTES_VALUE = "google.protobuf.BytesValue";
const STRUCT = "google.protobuf.Struct";
const TYPED_STRUCTS = ["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"];

/** What holds Wasm filters. */
export interface FilterOwner {
  readonly kind: "EnvoyFilter" | "Envoy";
  readonly name: string | undefined;
  /** Whether the filters come by discovery (ECDS). */
  readonly isDiscovered: boolean;
  /** The names of all clusters the proxy has, where they are known. */
  readonly clusters?: ReadonlySet<string> | undefined;
}

/** The configurations of all Wasm HTTP filters in a part of a document, however deep and in whatever wrapping. */
export function wasmFiltersIn(
  place: DocumentPlace,
  tree: Tree | undefined,
  steps: Step[],
  owner: FilterOwner,
): Found[] {
  return wasmFilters(tree, steps, []).map((filter) => {
    const found = configOf(place, filter, owner);
    return { ...found, diagnostics: [...unknownPolicies(place, filter), ...found.diagnostics] };
  });
}

/** Envoy takes a number, too, which is seldom written. */
function unknownPolicies(place: DocumentPlace, { config, steps }: WasmFilter): Found["diagnostics"] {
  const policy = either(config, "failure_policy", "failurePolicy");
  const words = ["FAIL_RELOAD", "FAIL_CLOSED", "FAIL_OPEN", "UNSPECIFIED", "0", "1", "2", "3"];
  return policy === undefined ? [] : unknownWords(place, [{ path: [...steps, policy.name], words }]);
}

/** An Envoy `PluginConfig` message and where it is. */
interface WasmFilter {
  config: Tree;
  steps: Step[];
  /** Names of the filters around it. */
  names: string[];
}

function wasmFilters(tree: Tree | undefined, steps: Step[], names: string[]): WasmFilter[] {
  if (tree?.kind === "array") return tree.items.flatMap((item, index) => wasmFilters(item, [...steps, index], names));
  if (tree?.kind !== "object") return [];
  const wrapping = wrappingOf(tree);
  if (wrapping !== undefined) {
    const config = valueAt(tree, ...wrapping, "config");
    return config === undefined ? [] : [{ config, steps: [...steps, ...wrapping, "config"], names }];
  }
  const name = textAt(tree, "name");
  const inner = name === undefined ? names : [...names, name];
  return tree.members.flatMap((child) => wasmFilters(child.value, [...steps, child.name], inner));
}

/** Where below an Any the Wasm filter's message is; undefined where it is none. */
function wrappingOf(any: Tree): string[] | undefined {
  if (messageTypeOf(any) !== WASM_FILTER) return undefined;
  return typeOf(textAt(any, "@type")) === WASM_FILTER ? [] : ["value"];
}

/** The name of the message in an Any, also where a TypedStruct stands in for it. */
function messageTypeOf(any: Tree | undefined): string {
  const type = typeOf(textAt(any, "@type"));
  if (!TYPED_STRUCTS.includes(type)) return type;
  return typeOf(textAt(any, "type_url") ?? textAt(any, "typeUrl"));
}

/** The message's name in a type URL. */
function typeOf(url = ""): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function configOf(place: DocumentPlace, filter: WasmFilter, owner: FilterOwner): Found {
  const manifest = factsOf(place, filter, owner);
  const configuration = member(filter.config, "configuration");
  // Without one the filter gets an empty text.
  if (configuration === undefined) return textFound(place, "", filter.config.start, manifest);
  const any = configuration.value;
  const type = typeOf(textAt(any, "@type"));
  const value = member(any, "value");
  switch (type) {
    case STRING_VALUE:
      return stringValue(place, any, value, manifest);
    case BYTES_VALUE: {
      const bytes = Buffer.from(textAt(any, "value") ?? "", "base64").toString("utf8");
      return textFound(place, bytes, value?.value.start ?? any.start, manifest);
    }
    case STRUCT:
      if (value === undefined) return textFound(place, "", any.start, manifest);
      return refused(configInTree(place, value.value, value.nameStart, manifest), asProtobuf(STRUCT), manifest);
    case "":
      return untyped(place, configuration, manifest);
    default: {
      const content = value ?? { value: withoutType(any), nameStart: configuration.nameStart };
      return refused(configInTree(place, content.value, content.nameStart, manifest), asProtobuf(type), manifest);
    }
  }
}

function withoutType(any: Tree): Tree {
  return any.kind === "object" ? { ...any, members: any.members.filter(({ name }) => name !== "@type") } : any;
}

/** What Envoy 1.36 and 1.40 do with all messages but StringValue and BytesValue. */
function asProtobuf(type: string): string {
  return `a ${type} reaches the filter as protobuf bytes, not as JSON`;
}

function stringValue(place: DocumentPlace, any: Tree, value: Member | undefined, manifest: ManifestFacts): Found {
  if (value === undefined) return textFound(place, "", any.start, manifest);
  const text = value.value;
  if (text.kind === "scalar" && typeof text.value === "string") return jsonText(place, text, text.value, manifest);
  const found = configInTree(place, text, value.nameStart, manifest);
  return refused(found, "the value of a StringValue is a text, which Envoy insists on", manifest);
}

/** An Any that does not say what it holds: Envoy refuses all but an empty one. */
function untyped(place: DocumentPlace, configuration: Member, manifest: ManifestFacts): Found {
  const any = configuration.value;
  if (any.kind === "object" && any.members.length === 0) return textFound(place, "", any.start, manifest);
  const isText = any.kind === "scalar" && typeof any.value === "string";
  const found = isText
    ? jsonText(place, any, String(any.value), manifest)
    : configInTree(place, any, configuration.nameStart, manifest);
  return refused(found, 'without an "@type" Envoy does not take it', manifest);
}

function refused(found: Found, reason: string, manifest: ManifestFacts): Found {
  const how = `use {"@type": type.googleapis.com/${STRING_VALUE}, value: <the JSON as text>}`;
  return {
    ...found,
    diagnostics: [...found.diagnostics, manifest.diagnose("error", "configuration", `${reason}: ${how}`)],
  };
}

function jsonText(place: DocumentPlace, scalar: ScalarTree, text: string, manifest: ManifestFacts): Found {
  return { source: configInText(place, text, scalar.offsetOf, manifest), diagnostics: [] };
}

/** A text whose characters do not stand in the file one by one. */
function textFound(place: DocumentPlace, json: string, start: number, manifest: ManifestFacts): Found {
  return { source: configInText(place, json, () => start, manifest), diagnostics: [] };
}

function factsOf(place: DocumentPlace, { config, steps, names }: WasmFilter, owner: FilterOwner): ManifestFacts {
  const vm = either(config, "vm_config", "vmConfig")?.value;
  const remote = valueAt(vm, "code", "remote");
  const uri = either(remote, "http_uri", "httpUri")?.value;
  const url = textAt(uri, "uri");
  const own = [owner.name, textAt(config, "name"), textAt(config, "root_id"), textAt(config, "rootId")];
  const nameOf = (...candidates: string[]): Step => either(config, ...candidates)?.name ?? candidates[0] ?? "";
  const vmName = nameOf("vm_config", "vmConfig");
  const fields: Record<ManifestField, Step[]> = {
    configuration: [...steps, "configuration"],
    phase: steps,
    failStrategy: [...steps, nameOf("failure_policy", "failurePolicy", "fail_open", "failOpen")],
    module: [...steps, vmName, "code", "remote"],
    environment: [...steps, vmName],
  };
  return {
    kind: owner.kind,
    names: [...own.filter((name) => name !== undefined), ...names],
    module: url ?? textAt(vm, "code", "local", "filename"),
    phase: undefined,
    failStrategy: failStrategyOf(config),
    environment: environmentOf(vm),
    isFetchedLate: owner.isDiscovered && remote !== undefined,
    clusters: owner.clusters,
    digest: textAt(remote, "sha256"),
    moduleCluster: textAt(uri, "cluster"),
    bodyWriters: bodyWritersBefore(place.root, steps),
    lacksDigest: /^https?:/i.test(url ?? "") && !textAt(remote, "sha256"),
    diagnose: (severity, field, message) => manifestDiagnostic(place, severity, fields[field], message),
  };
}

/** The filters that may write response bodies among those before the one at these steps, where they lead through a chain. */
function bodyWritersBefore(root: Tree, steps: readonly Step[]): string[] {
  const at = steps.findLastIndex((step) => step === "http_filters" || step === "httpFilters");
  const index = steps[at + 1];
  const filters = treeAt(root, steps.slice(0, at + 1));
  if (at === -1 || typeof index !== "number" || filters?.kind !== "array") return [];
  const routes = either(treeAt(root, steps.slice(0, at)), "route_config", "routeConfig")?.value;
  const chained = filters.items.slice(0, index).map((filter) => {
    const any = either(filter, "typed_config", "typedConfig")?.value;
    const disabled = valueAt(filter, "disabled");
    return {
      name: textAt(filter, "name") ?? "(unnamed)",
      type: messageTypeOf(any),
      config: plainValue(any),
      isDisabled: disabled?.kind === "scalar" && disabled.value === true,
    };
  });
  return bodyWritersAmong(chained, plainValue(routes));
}

/** A value without its places; undefined for none, and for what is too large or too deep. */
function plainValue(tree: Tree | undefined): unknown {
  if (tree === undefined) return undefined;
  try {
    return JSON.parse(toJson(tree));
  } catch {
    return undefined;
  }
}

/** In Istio's words. */
function failStrategyOf(config: Tree): string | undefined {
  const policy = either(config, "failure_policy", "failurePolicy")?.value;
  if (policy?.kind === "scalar" && typeof policy.value === "string")
    return policy.value.replace(/^FAIL_CLOSED$/, "FAIL_CLOSE");
  const failOpen = either(config, "fail_open", "failOpen")?.value;
  return failOpen?.kind === "scalar" && failOpen.value === true ? "FAIL_OPEN" : undefined;
}

function environmentOf(vm: Tree | undefined): Map<string, string | undefined> {
  const variables = either(vm, "environment_variables", "environmentVariables")?.value;
  const hosts = either(variables, "host_env_keys", "hostEnvKeys")?.value;
  const values = either(variables, "key_values", "keyValues")?.value;
  const environment = new Map<string, string | undefined>();
  for (const host of hosts?.kind === "array" ? hosts.items : []) {
    if (host.kind === "scalar") environment.set(String(host.value), undefined);
  }
  for (const { name, value } of values?.kind === "object" ? values.members : []) {
    environment.set(name, value.kind === "scalar" ? String(value.value ?? "") : "");
  }
  return environment;
}

/** A field by any of its names: protobuf's own, or the one in its JSON. */
function either(tree: Tree | undefined, ...names: string[]): Member | undefined {
  return names.map((name) => member(tree, name)).find((found) => found !== undefined);
}
