import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseAllDocuments } from "yaml";
import { ROOT, signpost } from "./cli.ts";
import { type Fields, yamlOf } from "./manifests.ts";

/** The shipped manifests and their source. */
export const ISTIO = join(ROOT, "istio");
export const SHIPPED_VALUES = join(ISTIO, "values.yaml");

const DIGEST = "ab".repeat(32);

/** The least that can be rendered: one lookup that asks a service. */
export const VALUES = {
  module: { url: "oci://registry.example/signpost:0.1.0", sha256: DIGEST },
  callouts: { routing: { host: "routing.shop.svc.cluster.local", port: 8080 } },
  config: {
    lookups: [
      { name: "route", key: "route:{host}", service: { cluster: "routing", path: "/r?host={host}" }, owns: ["x-cell"] },
    ],
  },
};

/** Values with all sections. */
export const FULL_VALUES = {
  name: "edge",
  namespace: "edge-cache",
  revision: "stable",
  istioNamespace: "istio-system",
  gateway: { namespace: "ingress", selector: { app: "gateway" }, deployment: "gateway" },
  module: {
    url: "oci://registry.example:5000/team/signpost:0.1.0",
    sha256: DIGEST,
    pullPolicy: "Always",
    pullSecret: "registry",
  },
  nodeCache: { sha256: "cd".repeat(32), path: "/var/lib/edge" },
  failStrategy: "FAIL_CLOSE",
  priority: 20,
  secret: "edge-secrets",
  callouts: {
    webdis: { host: "webdis.edge-cache.svc.cluster.local", port: 7379, maxConnections: 64 },
    routing: {
      host: "routing.example.com",
      port: 443,
      subset: { name: "v2", labels: { version: "v2" } },
      external: ["192.0.2.10", "192.0.2.11"],
      tls: true,
      destinationRule: true,
      maxConnections: 32,
      maxPendingRequests: 16,
      connectTimeout: "250ms",
      idleTimeout: "4s",
    },
  },
  config: {
    webdis: { cluster: "webdis", username: "edge", passwordEnv: "WEBDIS_PASSWORD", keyPrefix: "edge:" },
    lookups: [
      {
        name: "route",
        key: "route:{host}:{path[1]}",
        service: { cluster: "routing", path: "/r?host={host}&tenant={path[1]}" },
        owns: ["x-cell"],
      },
    ],
    responseCache: {},
    debugHeader: "x-signpost",
  },
  webdis: { image: "registry.example/webdis:0.1.22", replicas: 3, memory: "64Mi" },
  redis: {
    image: "registry.example/redis:7.2",
    memory: "1Gi",
    storage: "2Gi",
    writers: [{ name: "routing-service", keys: ["route:*"], namespace: "shop", labels: { app: "routing" } }],
  },
  routes: {
    hosts: ["shop.example.com", "*.example.org"],
    port: 8443,
    tlsSecret: "shop-tls",
    header: "x-cell",
    to: { "cell-1": { host: "cell-1.shop.svc.cluster.local", port: 8080 } },
    otherwise: { host: "landing.shop.svc.cluster.local", port: 8080 },
  },
  disableOn: ["health"],
};

/** A copy of values with some of their fields changed, by paths of names with dots; undefined takes a field away. */
export function changed(values: object, changes: Readonly<Record<string, unknown>>): Fields {
  const copy = structuredClone(values) as Fields;
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    const holder = names.reduce((at, name) => (at[name] ??= {}) as Fields, copy);
    if (value === undefined) Reflect.deleteProperty(holder, last);
    else holder[last] = value;
  }
  return copy;
}

/** What `render` makes of these values; the documents are those of standard output. */
export async function render(
  values: object,
  ...options: string[]
): Promise<{ code: number | null; stdout: string; stderr: string; documents: Fields[] }> {
  const outcome = await signpost(["render", "-", ...options], { input: yamlOf(values) });
  return { ...outcome, documents: outcome.code === 0 ? documentsOf(outcome.stdout) : [] };
}

/** The documents of a YAML text, as Kubernetes reads them: with a key given twice they are none. */
export function documentsOf(text: string): Fields[] {
  return parseAllDocuments(text, { schema: "yaml-1.1", uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0] ?? new Error("no YAML");
    return document.toJS() as Fields;
  });
}

/** What is at a path of names with dots; numbers are indices. */
export function at(document: unknown, path: string): unknown {
  return path.split(".").reduce((value, name) => (value as Fields | undefined)?.[name], document);
}

/** The document of a kind and, where there are several, a name. */
export function find(documents: readonly Fields[], kind: string, name?: string): Fields | undefined {
  return documents.find(
    (document) => document["kind"] === kind && (name === undefined || at(document, "metadata.name") === name),
  );
}

/** Files below a directory, their paths with slashes, and their texts. */
export function filesBelow(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(directory, path), "utf8")]));
}
