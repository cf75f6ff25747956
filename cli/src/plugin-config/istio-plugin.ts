import { type Step, locate } from "./config-path.ts";
import type { ManifestFacts, ManifestField, Phase } from "./manifest-facts.ts";
import {
  type DocumentPlace,
  type Found,
  configInTree,
  configInText,
  manifestDiagnostic,
} from "./plugin-config-source.ts";
import { type Tree, itemsAt, member, textAt, valueAt } from "./tree.ts";

/** The configuration in an Istio WasmPlugin (under `spec`) or TrafficExtension (under `spec.wasm`); a Lua one has none. */
export function istioPlugin(place: DocumentPlace, kind: "WasmPlugin" | "TrafficExtension"): Found[] {
  const steps = kind === "WasmPlugin" ? ["spec"] : ["spec", "wasm"];
  const wasm = valueAt(place.root, ...steps);
  if (wasm === undefined) return [];
  const manifest = factsOf(place, kind, wasm, steps);
  const config = member(wasm, "pluginConfig");
  if (config !== undefined) return [configInTree(place, config.value, config.nameStart, manifest)];
  // Istio hands over an empty text then.
  const start = locate(place.root, [...steps, "pluginConfig"], "value");
  return [{ source: configInText(place, "", () => start, manifest), diagnostics: [] }];
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
    phase: phaseOf(textAt(place.root, "spec", "phase")),
    failStrategy: textAt(wasm, "failStrategy"),
    environment: environmentOf(wasm),
    lacksDigest: /^https?:/i.test(url ?? "") && !textAt(wasm, "sha256"),
    diagnose: (severity, field, message) => manifestDiagnostic(place, severity, fields[field], message),
  };
}

function phaseOf(text = ""): Phase {
  const name = text.replace(/^EXECUTION_PHASE_/, "");
  return name === "AUTHN" || name === "AUTHZ" || name === "STATS" ? name : "UNSPECIFIED";
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
