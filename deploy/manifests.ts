import { parseAllDocuments } from "yaml";
import { Failure } from "./failure.ts";

/** A Kubernetes object. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly [field: string]: unknown;
}

/** The objects of a text with YAML documents. @throws Failure where one is no object with a kind and a name */
export function parseManifests(text: string, from: string): KubernetesObject[] {
  // Kubernetes reads YAML 1.1, where `on` is true.
  return parseAllDocuments(text, { version: "1.1" }).flatMap((document): KubernetesObject[] => {
    const [error] = document.errors;
    if (error !== undefined) throw new Failure(`${from}: ${error.message}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isKubernetesObject(value)) throw new Failure(`${from}: a document has no kind or no metadata.name`);
    return [value];
  });
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubernetesObject>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
}

/** The items of what `kubectl get -o json` prints: a list, one object, or nothing. */
export function itemsOf(printed: unknown): KubernetesObject[] {
  const { items } = (printed ?? {}) as { items?: unknown };
  if (Array.isArray(items)) return items.filter(isKubernetesObject);
  return isKubernetesObject(printed) ? [printed] : [];
}

/** For kubectl's standard input. */
export function asList(objects: readonly KubernetesObject[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
}

/** As in `WasmPlugin istio-system/signpost-routing`; tells objects apart. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
