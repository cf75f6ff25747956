import { type Step, locate } from "./config-path.ts";
import type { ManifestFacts, ManifestField, Phase } from "./manifest-facts.ts";
import {
  type DocumentPlace,
  type Found,
  configInTree,
  configInText,
  manifestDiagnostic,
} from "./plugin-config-source.ts";
import { type WordField, unknownWords } from "./known-words.ts";
import { type Tree, itemsAt, member, textAt, valueAt } from "./tree.ts";

/** The configuration in an Istio WasmPlugin (under `spec`) or TrafficExtension (under `spec.wasm`); a Lua one has none. */
export function istioPlugin(place: DocumentPlace, kind: "WasmPlugin" | "TrafficExtension"): Found[] {
  const steps = kind === "WasmPlugin" ? ["spec"] : ["spec", "wasm"];
  const wasm = valueAt(place.root, ...steps);
  if (wasm === undefined) return [];
  const manifest = factsOf(place, kind, wasm, steps);
  const unknown = unknownWords(place, wordsOf(kind, steps));
  const config = member(wasm, "pluginConfig");
  if (config !== undefined) {
    const found = configInTree(place, config.value, config.nameStart, manifest);
    return [{ ...found, diagnostics: [...unknown, ...found.diagnostics] }];
  }
  // Istio hands over an empty text then.
  const start = locate(place.root, [...steps, "pluginConfig"], "value");
  return [{ source: configInText(place, "", () => start, manifest), diagnostics: unknown }];
}

/** The words that Istio's CRDs take (1.31). */
function wordsOf(kind: "WasmPlugin" | "TrafficExtension", steps: readonly Step[]): WordField[] {
  const phases = ["AUTHN", "AUTHZ", "STATS"];
  const others =
    kind === "WasmPlugin" ? ["UNSPECIFIED_PHASE"] : ["UNSPECIFIED", ...phases.map((name) => PREFIX + name)];
  return [
    { path: ["spec", "phase"], words: [...phases, ...others] },
    { path: [...steps, "failStrategy"], words: ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] },
    { path: [...steps, "imagePullPolicy"], words: ["IfNotPresent", "Always", "UNSPECIFIED_POLICY"] },
    { path: [...steps, "type"], words: ["HTTP", "NETWORK", "UNSPECIFIED_PLUGIN_TYPE"] },
    { path: [...steps, "vmConfig", "env", "*", "valueFrom"], words: ["INLINE", "HOST"] },
    { path: ["spec", "match", "*", "mode"], words: ["CLIENT", "SERVER", "CLIENT_AND_SERVER", "UNDEFINED"] },
  ];
}

function factsOf(
  place: DocumentPlace,
  kind: "WasmPlugin" | "TrafficExtension",
  wasm: Tree,
  steps: Step[],
): ManifestFacts {
  const url = textAt(wasm, "url");
  const fields: Record<ManifestField, Step[]> = {
    configuration: [...steps, "pluginConfig"],
    phase: ["spec", "phase"],
    failStrategy: [...steps, "failStrategy"],
    module: [...steps, "url"],
    environment: [...steps, "vmConfig", "env"],
  };
  return {
    kind,
    names: [textAt(place.root, "metadata", "name"), textAt(wasm, "pluginName")].filter((name) => name !== undefined),
    module: url,
    phase: phaseOf(valueAt(place.root, "spec", "phase")),
    failStrategy: textAt(wasm, "failStrategy"),
    environment: environmentOf(wasm),
    isFetchedLate: false,
    clusters: undefined,
    digest: textAt(wasm, "sha256"),
    moduleCluster: undefined,
    bodyWriters: [],
    lacksDigest: /^https?:/i.test(url ?? "") && !textAt(wasm, "sha256"),
    diagnose: (severity, field, message) => manifestDiagnostic(place, severity, fields[field], message),
  };
}

const PREFIX = "EXECUTION_PHASE_";

/** Undefined for a word that Istio does not know. */
function phaseOf(value: Tree | undefined): Phase | undefined {
  if (value === undefined || (value.kind === "scalar" && value.value === null)) return "UNSPECIFIED";
  const name = value.kind === "scalar" ? String(value.value).replace(PREFIX, "") : "";
  if (name === "AUTHN" || name === "AUTHZ" || name === "STATS") return name;
  return name === "UNSPECIFIED" || name === "UNSPECIFIED_PHASE" ? "UNSPECIFIED" : undefined;
}

function environmentOf(wasm: Tree): Map<string, string | undefined> {
  const variables = new Map<string, string | undefined>();
  for (const variable of itemsAt(wasm, "vmConfig", "env")) {
    const name = textAt(variable, "name");
    const isInline = textAt(variable, "valueFrom") !== "HOST";
    if (name !== undefined) variables.set(name, isInline ? (textAt(variable, "value") ?? "") : undefined);
  }
  return variables;
}
