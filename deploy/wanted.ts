import { unusable } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";
import type { KubernetesObject } from "./manifests.ts";
import { digestsOf, imageReference } from "./module.ts";
import { isDaemonSet, listedModules, nodeCacheManifests } from "./node-cache.ts";
import type { Options } from "./options.ts";
import { type ModuleDigests, readValuesFile, renderManifests } from "./render.ts";

/** What is to be in the cluster. */
export interface Wanted {
  readonly url: string;
  readonly digests: ModuleDigests;
  /** What has to be there, and ready, before the rest: the node cache, for the form that needs it. */
  readonly nodeCache: readonly KubernetesObject[];
  /** What `signpost render` made of the values. */
  readonly rendered: readonly KubernetesObject[];
}

/** All of it, in the order it is applied. */
export function allObjects({ nodeCache, rendered }: Wanted): KubernetesObject[] {
  return [...nodeCache, ...rendered];
}

/** Where the module comes from. @throws Failure where nothing says it */
export function moduleUrl(file: string, { image, set }: Options): string {
  if (set.some((each) => each.startsWith("module."))) {
    throw unusable("--set module.…: its URL is given with --image, and its sha256 is written by deploy.sh");
  }
  const url = image ?? readValuesFile(file).moduleUrl;
  if (url === undefined)
    throw unusable(`${file} has no module.url, and there is no --image: nothing says where the module is`);
  return image?.includes("://") === false ? `oci://${image}` : url;
}

/**
 * The manifests of a values file, with the digests of the module as it is where gateways fetch it.
 *
 * @param isLive whether the cluster is asked what the node cache has now, and may have to keep
 */
export async function wantedOf(
  file: string,
  options: Options,
  kubectl: Kubectl,
  { isLive }: { readonly isLive: boolean },
): Promise<Wanted> {
  const url = moduleUrl(file, options);
  const digests = await givenOrFound(url, options);
  const overrides = [...options.set, ...(options.image === undefined ? [] : [`module.url=${url}`])];
  const rendered = await renderManifests({ file, form: options.form, overrides, digests });
  const path = readValuesFile(file).nodeCachePath;
  if (options.form !== "envoyfilter" || path === undefined) return { url, digests, nodeCache: [], rendered };
  const cache = { url, digests, path, plainHttp: options.plainHttp };
  const first = await nodeCacheManifests(kubectl, { ...cache, before: [] });
  const daemonSet = first.find(isDaemonSet);
  if (!isLive || daemonSet === undefined) return { url, digests, nodeCache: first, rendered };
  const before = await listedModules(kubectl, daemonSet);
  return { url, digests, nodeCache: await nodeCacheManifests(kubectl, { ...cache, before }), rendered };
}

async function givenOrFound(url: string, { sha256, plainHttp }: Options): Promise<ModuleDigests> {
  if (sha256 === undefined) return digestsOf(url, { plainHttp });
  if (imageReference(url) !== undefined) {
    throw unusable("--sha256 is for http(s):// and file://: an image's digest is asked of its registry");
  }
  return { fetched: sha256, file: sha256 };
}

/** As in `oci://registry/signpost:1.2.3, sha256 ab12… (file cd34…)`. */
export function describeModule({ url, digests: { fetched, file } }: Pick<Wanted, "url" | "digests">): string {
  return fetched === file ? `${url}, sha256 ${file}` : `${url}, manifest sha256 ${fetched}, file sha256 ${file}`;
}
