import { type Diagnostic, type Position, SourceText } from "./diagnostic.ts";
import { envoyConfig, envoyKindOf } from "./envoy-config.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { HELM_TEMPLATE, foreignIn, helmActionIn, isUnlikely } from "./foreign.ts";
import { istioPlugin } from "./istio-plugin.ts";
import {
  type DocumentPlace,
  type Found,
  type PluginConfigSource,
  configInText,
  configInTree,
} from "./plugin-config-source.ts";
import { NONE, selectSignpost } from "./select.ts";
import { type Tree, itemsAt, outlineOf, textAt } from "./tree.ts";
import { type ParsedDocument, parseYaml } from "./yaml-tree.ts";

/** What a file holds. */
export interface FileContents {
  /** The filter's configurations, in their order. */
  sources: PluginConfigSource[];
  /** What is wrong with the file itself or with how a configuration is written there. */
  diagnostics: Diagnostic[];
  /** Wasm plugins in the file that are taken for others, as in `WasmPlugin/acl`. */
  others: string[];
  /**
   * That the file holds no configuration, and what it is; beside files that hold one it may be. With `sources` there is one by
   * its place that has nothing of a configuration in it.
   */
  absence?: Diagnostic | undefined;
}

export interface ReadOptions {
  /** The name of the plugin, filter or document that is meant; without it, what looks like Signpost's. */
  name?: string | undefined;
}

/**
 * Reads the filter's configurations out of a file: a pluginConfig in JSON or YAML, Kubernetes manifests, or a file of Envoy's.
 *
 * @param file its name, whose ending tells JSON from YAML; `-` and other names go by the text
 */
export function readFileContents(text: string, file: string, options: ReadOptions = {}): FileContents {
  const source = new SourceText(text);
  if (isJson(text, file) && !holdsMore(text)) {
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
    trees.flatMap((tree) => configsIn(source, tree, trees.length > 1)),
    options.name,
  );
  const action = helmActionIn(text);
  const isTemplate = problems.length > 0 || found.some((config) => helmActionIn(config.source.json) !== undefined);
  if (action !== undefined && isTemplate) return nothingIn(source, HELM_TEMPLATE, action);
  const diagnostics = [...problems, ...found.flatMap((config) => config.diagnostics)];
  // Where a document could not be read, the configuration may have been in there.
  if (problem === undefined || problems.length > 0) {
    const sources = found.map((config) => config.source);
    const isDoubtful = sources.every(
      ({ manifest, tree }) => manifest === undefined && tree !== undefined && isUnlikely(tree),
    );
    const absence = isDoubtful && sources.length > 0 ? nothingIn(source, NONE).absence : undefined;
    return { sources, diagnostics, others, absence };
  }
  const what = trees.map(foreignIn).find((each) => each !== undefined);
  if (others.length === 0) return nothingIn(source, what ?? problem);
  const error: Diagnostic = { severity: "error", path: "", message: problem, position: START, document: "" };
  return { sources: [], diagnostics: [error], others };
}

const START: Position = { line: 1, column: 1 };

function nothingIn(source: SourceText, message: string, offset = 0): FileContents {
  const absence: Diagnostic = {
    severity: "error",
    path: "",
    message,
    position: source.positionAt(offset),
    document: "",
  };
  return { sources: [], diagnostics: [], others: [], absence };
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
  const { sources, diagnostics, absence } = readFileContents(text, file, options);
  const errors = [...diagnostics, ...(absence === undefined || sources.length > 0 ? [] : [absence])].filter(
    ({ severity }) => severity === "error",
  );
  if (errors.length > 0) throw new UnreadableConfig(file, errors);
  return sources;
}

function isJson(text: string, file: string): boolean {
  if (/\.json$/i.test(file)) return true;
  return !/\.ya?ml$/i.test(file) && /^\s*\{/.test(text);
}

/** Whether JSON is a manifest or another file that may hold a configuration, and not one itself. */
function holdsMore(text: string): boolean {
  let root: Tree;
  try {
    root = outlineOf(JSON.parse(text));
  } catch {
    return false;
  }
  return labelOf(root) !== undefined || envoyKindOf(root) !== undefined || foreignIn(root) !== undefined;
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

/** @param isOneOfMany whether the file has other documents */
function configsIn(source: SourceText, root: Tree, isOneOfMany = false): Found[] {
  const label = labelOf(root);
  if (foreignIn(root) !== undefined) return [];
  const envoys = envoyKindOf(root);
  if (envoys !== undefined) return envoyConfig({ source, root, label: `Envoy ${envoys}` });
  if (label === undefined) {
    // Beside others, what has nothing of a configuration is none.
    return isOneOfMany && isUnlikely(root) ? [] : [configInTree({ source, label: "" }, root)];
  }
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
