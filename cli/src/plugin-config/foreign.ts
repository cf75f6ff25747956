import { nearestName } from "../nearest-name.ts";
import { envoyKindOf } from "./envoy-config.ts";
import { type Tree, member, textAt } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

/** Sections of the filter's configuration; where one is, it is a pluginConfig. */
export const SECTIONS = [
  ...["webdis", "redis", "lookups", "responseCache", "invalidation"],
  ...["tracing", "debugHeader", "shadow", "pathHeader"],
];

/** A field that only a values file of `signpost render` has beside `config`. */
const VALUES = ["callouts", "module", "nodeCache", "gateway", "routes"];

const KUSTOMIZATION = ["resources", "patches", "patchesStrategicMerge", "patchesJson6902", "components", "bases"];

const KUSTOMIZE = "check what it makes: kubectl kustomize DIR | signpost check -";

/** An action of Helm's templates, as in `{{ .Values.url }}` or `{{- if … }}`. */
const HELM_ACTION =
  /\{\{-?\s*(?:[.$"(]|\/\*|(?:if|else|end|range|with|define|include|template|toYaml|tpl|block|printf|default)\b)/;

/** Where a text has an action of a Helm template. */
export function helmActionIn(text: string): number | undefined {
  const found = HELM_ACTION.exec(text);
  return found === null ? undefined : found.index;
}

export const HELM_TEMPLATE =
  "a Helm template, of which nothing is checked: render it first (helm template CHART | signpost check -)";

/** Whether a text is a values file of `signpost render`. */
export function isValuesText(text: string): boolean {
  if (!/^\s*["']?config["']?\s*:/m.test(text)) return false;
  const root = parseYaml(text)[0]?.tree;
  return root !== undefined && has(root, ["config"]) && has(root, VALUES) && !has(root, ["apiVersion", "kind"]);
}

/**
 * What a document is that holds no configuration by its nature, and what to do about it; undefined where it may be a
 * configuration.
 */
export function foreignIn(root: Tree): string | undefined {
  if (isJsonPatch(root)) return `a JSON patch: ${KUSTOMIZE}`;
  if (root.kind !== "object") return undefined;
  const envoys = envoyKindOf(root);
  if (envoys === "config_dump") {
    return "what Envoy answers to /config_dump: signpost doctor --config-dump FILE examines it";
  }
  if (envoys !== undefined || has(root, SECTIONS)) return undefined;
  if (textAt(root, "kind") === "Kustomization") return `a kustomization: ${KUSTOMIZE}`;
  if (has(root, ["kind"]) && has(root, ["apiVersion"]))
    return isPluginPatch(root) ? `a patch: ${KUSTOMIZE}` : undefined;
  if (has(root, KUSTOMIZATION) && !has(root, ["spec"])) return `a kustomization: ${KUSTOMIZE}`;
  if (has(root, ["spec", "metadata"])) return `a patch, or a part of a manifest: ${KUSTOMIZE}`;
  return has(root, ["apiVersion"]) && has(root, ["name", "version"])
    ? "a Helm chart's Chart.yaml: check what it makes: helm template CHART | signpost check -"
    : undefined;
}

/** Whether a plugin's document says neither where the module comes from nor what to do: it changes another one. */
function isPluginPatch(root: Tree): boolean {
  const kind = textAt(root, "kind");
  const spec = member(root, "spec")?.value;
  if (spec === undefined || (kind !== "WasmPlugin" && kind !== "TrafficExtension")) return false;
  const wasm = kind === "WasmPlugin" ? spec : member(spec, "wasm")?.value;
  return !has(spec, ["lua"]) && (wasm === undefined || !has(wasm, ["url", "pluginConfig"]));
}

/** Whether a document has nothing of a configuration in it, nor what may be meant for it. */
export function isUnlikely(root: Tree): boolean {
  if (root.kind !== "object" || root.members.length === 0) return false;
  return root.members.every(({ name }) => nearestName(name, SECTIONS) === undefined);
}

function isJsonPatch(root: Tree): boolean {
  return (
    root.kind === "array" &&
    root.items.length > 0 &&
    root.items.every((item) => has(item, ["op"]) && has(item, ["path"]))
  );
}

function has(root: Tree, names: readonly string[]): boolean {
  return names.some((name) => member(root, name) !== undefined);
}
