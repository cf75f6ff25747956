import { fileURLToPath } from "node:url";
import { liveObjects } from "./apply.ts";
import { unusable } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";
import { type KubernetesObject, itemsOf, parseManifests } from "./manifests.ts";
import { imageReference } from "./module.ts";
import type { ModuleDigests } from "./render.ts";

const KUSTOMIZATION = fileURLToPath(new URL("../istio/node-cache", import.meta.url));

/** The variable of the container that lists the wanted modules. */
const LIST = "MODULES";

/** How many modules are wanted at most: the new one, and those that a rollback may need. */
const MODULES = 3;

/** The parts of the node cache's DaemonSet that are changed here. */
interface DaemonSet extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: {
          env: { name: string; value: string }[];
          volumeMounts: { name: string; mountPath: string }[];
        }[];
        readonly volumes: { readonly name: string; hostPath?: { path: string } }[];
      };
    };
  };
}

/** What a node cache is to keep, and where. */
export interface NodeCacheOptions {
  readonly url: string;
  readonly digests: ModuleDigests;
  /** Directory of the nodes. */
  readonly path: string;
  readonly plainHttp: boolean;
  /** The list of the node cache that there is. */
  readonly before: readonly string[];
}

/** The manifests of the node cache, with the module on top of its list. @throws Failure where no image is named */
export async function nodeCacheManifests(kubectl: Kubectl, options: NodeCacheOptions): Promise<KubernetesObject[]> {
  const rendered = await kubectl.run(["kustomize", KUSTOMIZATION]);
  const objects = parseManifests(rendered, KUSTOMIZATION);
  for (const object of objects) if (isDaemonSet(object)) configure(object, options);
  return objects;
}

/** The node cache that the cluster has, but for its namespace, which others may use. */
export async function liveNodeCache(kubectl: Kubectl): Promise<KubernetesObject[]> {
  const rendered = parseManifests(await kubectl.run(["kustomize", KUSTOMIZATION]), KUSTOMIZATION);
  return liveObjects(
    kubectl,
    rendered.filter(({ kind }) => kind !== "Namespace"),
  );
}

function configure(daemonSet: DaemonSet, { path, plainHttp, ...options }: NodeCacheOptions): void {
  const { containers, volumes } = daemonSet.spec.template.spec;
  for (const container of containers) {
    setVariable(container.env, LIST, wantedModules(options).join("\n"));
    setVariable(container.env, "CACHE_DIR", path);
    if (plainHttp) setVariable(container.env, "PLAIN_HTTP", "true");
    for (const mount of container.volumeMounts) if (mount.name === "modules") mount.mountPath = path;
  }
  for (const volume of volumes) if (volume.hostPath !== undefined) volume.hostPath.path = path;
}

function setVariable(env: { name: string; value: string }[], name: string, value: string): void {
  const variable = env.find((each) => each.name === name);
  if (variable === undefined) env.push({ name, value });
  else variable.value = value;
}

/** The new module and the latest of those before, one a line of the node cache's list. */
export function wantedModules({
  url,
  digests,
  before,
}: Pick<NodeCacheOptions, "url" | "digests" | "before">): string[] {
  const reference = imageReference(url);
  if (reference === undefined) {
    throw unusable(`${url}: the node cache fetches images (--form envoyfilter needs an oci:// address)`);
  }
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const line = `${digests.file} ${repository}@sha256:${digests.fetched}`;
  return [line, ...before.filter((each) => !each.startsWith(digests.file))].slice(0, MODULES);
}

/** The list of the node cache that the cluster has; empty where it has none. */
export async function listedModules(kubectl: Kubectl, daemonSet: KubernetesObject): Promise<string[]> {
  const { name, namespace = "default" } = daemonSet.metadata;
  const found = itemsOf(await kubectl.json(["get", "daemonset", name, "--namespace", namespace, "--ignore-not-found"]));
  return found.filter(isDaemonSet).flatMap(({ spec }) => {
    const list = spec.template.spec.containers.flatMap(({ env }) => env).find(({ name }) => name === LIST)?.value ?? "";
    return list.split("\n").filter((line) => line !== "");
  });
}

export function isDaemonSet(object: KubernetesObject): object is DaemonSet {
  return object.kind === "DaemonSet";
}
