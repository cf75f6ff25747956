import { unusable } from "./failure.ts";
import type { KubernetesObject } from "./manifests.ts";
import { digestsOf, imageReference } from "./module.ts";
import type { Options } from "./options.ts";
import { type ModuleDigests, readValuesFile, renderManifests } from "./render.ts";

/** What is to be in the cluster. */
export interface Wanted {
  readonly url: string;
  readonly digests: ModuleDigests;
  readonly objects: readonly KubernetesObject[];
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

/** The manifests of a values file, with the digests of the module as it is where gateways fetch it. */
export async function wantedOf(file: string, options: Options): Promise<Wanted> {
  const url = moduleUrl(file, options);
  const digests = await givenOrFound(url, options);
  const overrides = [...options.set, ...(options.image === undefined ? [] : [`module.url=${url}`])];
  return { url, digests, objects: await renderManifests({ file, form: options.form, overrides, digests }) };
}

async function givenOrFound(url: string, { sha256, plainHttp }: Options): Promise<ModuleDigests> {
  if (sha256 === undefined) return digestsOf(url, { plainHttp });
  if (imageReference(url) !== undefined) {
    throw unusable("--sha256 is for http(s):// and file://: an image's digest is asked of its registry");
  }
  return { fetched: sha256, file: sha256 };
}

/** As in `oci://registry/signpost:1.2.3, sha256 ab12… (file cd34…)`. */
export function describeModule({ url, digests: { fetched, file } }: Wanted): string {
  return fetched === file ? `${url}, sha256 ${file}` : `${url}, manifest sha256 ${fetched}, file sha256 ${file}`;
}
