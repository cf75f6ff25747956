import { Document, Pair, Scalar, isMap, isNode } from "yaml";
import { type Step, parsePath } from "../plugin-config/config-path.ts";

/** A Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A manifest with comments above some of its fields. */
export interface CommentedManifest {
  readonly manifest: Manifest;
  /** By the field's path, as in `spec.trafficPolicy.outlierDetection`. */
  readonly comments?: Readonly<Record<string, string>>;
}

/** Documents as YAML that Kubernetes reads as it is meant: 1.1, so that texts such as `on` are quoted. */
export function yamlText(manifests: readonly CommentedManifest[]): string {
  return manifests.map(documentText).join("---\n");
}

function documentText({ manifest, comments = {} }: CommentedManifest): string {
  const document = new Document(manifest, {
    version: "1.1",
    schema: "yaml-1.1",
    aliasDuplicateObjects: false,
    keepUndefined: false,
  });
  for (const [path, comment] of Object.entries(comments)) commentOn(document, parsePath(path), comment);
  return document.toString({ lineWidth: 0 });
}

function commentOn(document: Document, steps: readonly Step[], comment: string): void {
  const holder = document.getIn(steps.slice(0, -1), true);
  const name = steps.at(-1);
  const pair = isMap(holder) ? holder.items.find((item) => nameOf(item) === name) : undefined;
  // The root's first comment belongs to the document.
  if (pair === undefined || !isNode(pair.key)) throw new Error(`no ${steps.join(".")} to comment on`);
  pair.key.commentBefore = comment.replace(/^/gm, " ");
}

function nameOf(item: Pair): unknown {
  return item.key instanceof Scalar ? item.key.value : undefined;
}
