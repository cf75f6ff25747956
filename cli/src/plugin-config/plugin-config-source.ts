import { type Part, type Step, formatPath, locate, parsePath } from "./config-path.ts";
import { type Diagnostic, type Position, SourceText } from "./diagnostic.ts";
import type { ManifestFacts } from "./manifest-facts.ts";
import { TooLarge, type Tree, toJson } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

/** A configuration of the filter, wherever in a file it was found. */
export interface PluginConfigSource {
  /** What the filter gets: JSON, or whatever else stands in the place of it. */
  readonly json: string;
  /** Its parts, as far as they can be told; undefined where there is no text or nonsense. */
  readonly tree: Tree | undefined;
  /** The Kubernetes document it is in, as in `WasmPlugin/route`; empty where the file is the configuration itself. */
  readonly document: string;
  /** What its manifest says around it; undefined outside of manifests. */
  readonly manifest: ManifestFacts | undefined;
  /**
   * Where the file says what a path of the filter's names, as in `lookups[0].service.timeout`; the empty path is the whole.
   * What is missing is pointed at by what should hold it.
   */
  positionOf(path: string, part?: Part): Position;
  /** Where in the file a place of `json` stands, for what the filter says about a text that is no JSON. */
  positionInJson(place: Position): Position;
}

/** Where a manifest's own fields stand. */
export interface DocumentPlace {
  readonly source: SourceText;
  readonly root: Tree;
  readonly label: string;
}

/** What is found in the file, and what is wrong with how it is written there. */
export interface Found {
  source: PluginConfigSource;
  diagnostics: Diagnostic[];
}

/** A diagnostic about a field of the manifest. */
export function manifestDiagnostic(
  place: DocumentPlace,
  severity: Diagnostic["severity"],
  steps: readonly Step[],
  message: string,
): Diagnostic {
  const position = place.source.positionAt(locate(place.root, steps, "value"));
  return { severity, path: formatPath(steps), message, position, document: place.label };
}

/** A configuration written as part of the file's own YAML or JSON. */
export function configInTree(
  place: Pick<DocumentPlace, "source" | "label">,
  tree: Tree,
  nameStart = tree.start,
  manifest?: ManifestFacts,
): Found {
  let json = "";
  const diagnostics: Diagnostic[] = [];
  const positionOf = (path: string, part: Part = "value"): Position =>
    place.source.positionAt(locate(tree, parsePath(path), part, nameStart));
  try {
    json = toJson(tree);
  } catch (error) {
    if (!(error instanceof TooLarge || error instanceof RangeError)) throw error;
    const message = error instanceof TooLarge ? error.message : "nested too deeply to be read";
    diagnostics.push({ severity: "error", path: "", message, position: positionOf(""), document: place.label });
  }
  return {
    source: { json, tree, document: place.label, manifest, positionOf, positionInJson: () => positionOf("") },
    diagnostics,
  };
}

/** A configuration that was handed over as text, by a proxy, say: there is no file around it. */
export function sourceInText(json: string, manifest: ManifestFacts): PluginConfigSource {
  return configInText({ source: new SourceText(json), label: "" }, json, (index) => index, manifest);
}

/**
 * A configuration that is JSON text: a file's whole text, or a text within it. The filter gets it as it stands.
 *
 * @param offsetOf the offset in the file of a character of the text
 */
export function configInText(
  place: Pick<DocumentPlace, "source" | "label">,
  json: string,
  offsetOf: (index: number) => number = (index) => index,
  manifest?: ManifestFacts,
): PluginConfigSource {
  const tree = parseYaml(json, { uniqueNames: false })[0]?.tree;
  const positionOf = (path: string, part: Part = "value"): Position =>
    place.source.positionAt(offsetOf(tree === undefined ? 0 : locate(tree, parsePath(path), part)));
  const positionInJson = (at: Position): Position =>
    place.source.positionAt(offsetOf(new SourceText(json).offsetOf(at)));
  return { json, tree, document: place.label, manifest, positionOf, positionInJson };
}
