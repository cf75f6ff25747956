import type { Diagnostic } from "./diagnostic.ts";
import type { DocumentPlace, Found } from "./plugin-config-source.ts";
import { type Tree, itemsAt, member, textAt, valueAt } from "./tree.ts";
import { wasmFiltersIn } from "./wasm-filter.ts";

const BOOTSTRAP = ["static_resources", "staticResources", "dynamic_resources", "dynamicResources"];

/** What of Envoy's own a document is; undefined where it is something else. */
export function envoyKindOf(root: Tree): "bootstrap" | "discovery response" | "resource" | "config_dump" | undefined {
  if (BOOTSTRAP.some((name) => member(root, name) !== undefined)) return "bootstrap";
  if (isEnvoys(itemsAt(root, "configs")[0])) return "config_dump";
  if (isEnvoys(itemsAt(root, "resources")[0])) return "discovery response";
  return isEnvoys(root) || isHttpFilter(root) ? "resource" : undefined;
}

function isEnvoys(tree: Tree | undefined): boolean {
  return /(?:^|\/)(?:envoy|udpa|xds)\./.test(textAt(tree, "@type") ?? "");
}

/** A filter on its own, as it stands in `http_filters`. */
function isHttpFilter(root: Tree): boolean {
  return ["typed_config", "typedConfig"].some((name) => isEnvoys(valueAt(root, name)));
}

/** The configurations of all Wasm HTTP filters in Envoy's bootstrap, in an answer of a discovery service, or in a resource. */
export function envoyConfig(place: DocumentPlace): Found[] {
  const { root } = place;
  const isDiscovered = envoyKindOf(root) !== "bootstrap" && isExtension(itemsAt(root, "resources")[0] ?? root);
  const owner = { kind: "Envoy", name: undefined, isDiscovered, clusters: clustersOf(root) } as const;
  const found = wasmFiltersIn(place, root, [], owner);
  const [first, ...others] = found;
  if (first === undefined) return found;
  return [{ ...first, diagnostics: [...mergeKeys(place), ...first.diagnostics] }, ...others];
}

/** Kubernetes merges what stands under `<<`, and Envoy takes it for a field of that name. */
function mergeKeys(place: DocumentPlace): Diagnostic[] {
  const message =
    "Envoy knows no merge key (<<) and refuses the file: write the fields out (anchors and aliases it knows)";
  return mergeKeysIn(place.root, new Set()).map((offset) => ({
    severity: "error",
    path: "",
    message,
    position: place.source.positionAt(offset),
    document: place.label,
  }));
}

/** @param seen what an alias leads to again is looked at once */
function mergeKeysIn(tree: Tree, seen: Set<Tree>): number[] {
  if (tree.kind === "scalar" || seen.has(tree)) return [];
  seen.add(tree);
  if (tree.kind === "array") return tree.items.flatMap((item) => mergeKeysIn(item, seen));
  const inner = tree.members.flatMap(({ value }) => mergeKeysIn(value, seen));
  return tree.mergeKey === undefined ? inner : [tree.mergeKey, ...inner];
}

function isExtension(resource: Tree): boolean {
  return (textAt(resource, "@type") ?? "").endsWith(".TypedExtensionConfig");
}

/** The bootstrap's clusters, unless others are discovered. */
function clustersOf(root: Tree): ReadonlySet<string> | undefined {
  const dynamic = (member(root, "dynamic_resources") ?? member(root, "dynamicResources"))?.value;
  const fixed = member(root, "static_resources") ?? member(root, "staticResources");
  const isDiscovered = ["cds_config", "cdsConfig"].some((name) => member(dynamic, name) !== undefined);
  if (fixed === undefined || isDiscovered) return undefined;
  return new Set(itemsAt(fixed.value, "clusters").flatMap((cluster) => textAt(cluster, "name") ?? []));
}
