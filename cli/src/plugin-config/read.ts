import type { Diagnostic } from "./diagnostic.ts";
import { SourceText } from "./diagnostic.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { istioPlugin } from "./istio-plugin.ts";
import {
  type DocumentPlace,
  type Found,
  type PluginConfigSource,
  configInText,
  configInTree,
} from "./plugin-config-source.ts";
import { selectSignpost } from "./select.ts";
import { type Tree, itemsAt, textAt } from "./tree.ts";
import { type ParsedDocument, parseYaml } from "./yaml-tree.ts";

/** What a file holds. */
export interface FileContents {
  /** The filter's configurations, in their order. */
  sources: PluginConfigSource[];
  /** What is wrong with the file itself or with how a configuration is written there. */
  diagnostics: Diagnostic[];
  /** Wasm plugins in the file that are taken for others, as in `WasmPlugin/acl`. */
  others: string[];
}

export interface ReadOptions {
  /** The name of the plugin, filter or document that is meant; without it, what looks like Signpost's. */
  name?: string | undefined;
}

/**
 * Reads the filter's configurations out of a file: a pluginConfig in JSON or YAML, or Kubernetes manifests.
 *
 * @param file its name, whose ending tells JSON from YAML; `-` and other names go by the text
 */
export function readFileContents(text: string, file: string, options: ReadOptions = {}): FileContents {
  const source = new SourceText(text);
  if (isJson(text, file) && !isJsonManifest(text)) {
    return { sources: [configInText({ source, label: "" }, text)], diagnostics: [], others: [] };
  }
  const documents = parseYaml(text);
  const problems = documents.flatMap((document) => problemsOf(source, document));
  const sound = documents.filter((document) => document.problems.length === 0);
  const trees = sound.map(({ tree }) => tree).filter((tree) => tree !== undefined);
  if (problems.length === 0 && trees.length === 0) {
    // No text at all is what a plugin without configuration gets, and is right.
    return { sources: [configInText({ source, label: "" }, "")], diagnostics: [], others: [] };
  }
  const { found, others, problem } = selectSignpost(
    trees.flatMap((tree) => configsIn(source, tree)),
    options.name,
  );
  const diagnostics = [...problems, ...found.flatMap((config) => config.diagnostics)];
  // Where a document could not be read, the configuration may have been in there.
  if (problem !== undefined && problems.length === 0) {
    diagnostics.push({ severity: "error", path: "", message: problem, position: { line: 1, column: 1 }, document: "" });
  }
  return { sources: found.map((config) => config.source), diagnostics, others };
}

/** The file does not hold a configuration that can be read; `diagnostics` tell why. */
export class UnreadableConfig extends Error {
  constructor(
    file: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    super(diagnostics.map((diagnostic) => describe(file, diagnostic)).join("\n"));
  }
}

function describe(file: string, { position, path, message }: Diagnostic): string {
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return `${place}: ${path === "" ? "" : `${path}: `}${message}`;
}

/** As `readFileContents`, for who can do nothing with a file that has errors. @throws UnreadableConfig */
export function readPluginConfigs(text: string, file: string, options: ReadOptions = {}): PluginConfigSource[] {
  const { sources, diagnostics } = readFileContents(text, file, options);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new UnreadableConfig(file, errors);
  return sources;
}

function isJson(text: string, file: string): boolean {
  if (/\.json$/i.test(file)) return true;
  return !/\.ya?ml$/i.test(file) && /^\s*\{/.test(text);
}

function isJsonManifest(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "apiVersion" in value && "kind" in value;
  } catch {
    return false;
  }
}

function problemsOf(source: SourceText, { problems, tree }: ParsedDocument): Diagnostic[] {
  const document = tree === undefined ? "" : (labelOf(tree) ?? "");
  return problems.map(({ offset, message }) => ({
    severity: "error",
    path: "",
    message,
    position: source.positionAt(offset),
    document,
  }));
}

/** `WasmPlugin/route`; undefined for what is no Kubernetes document. */
function labelOf(root: Tree): string | undefined {
  const kind = textAt(root, "kind");
  if (kind === undefined || textAt(root, "apiVersion") === undefined) return undefined;
  const name = textAt(root, "metadata", "name");
  return name === undefined ? kind : `${kind}/${name}`;
}

function configsIn(source: SourceText, root: Tree): Found[] {
  const label = labelOf(root);
  if (label === undefined) return [configInTree({ source, label: "" }, root)];
  const kind = textAt(root, "kind") ?? "";
  // `kubectl get … -o yaml` prints a List.
  if (kind.endsWith("List")) return itemsAt(root, "items").flatMap((item) => configsIn(source, item));
  const place: DocumentPlace = { source, root, label };
  const group = (textAt(root, "apiVersion") ?? "").split("/")[0];
  if (group === "extensions.istio.io" && (kind === "WasmPlugin" || kind === "TrafficExtension")) {
    return istioPlugin(place, kind);
  }
  return group === "networking.istio.io" && kind === "EnvoyFilter" ? envoyFilter(place) : [];
}
