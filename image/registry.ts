import { oras } from "./oras.ts";

/** How a registry is reached. */
export interface RegistryOptions {
  /** Without TLS: for a registry on loopback. */
  readonly plainHttp: boolean;
}

/**
 * Copies an image of a layout, with the SBOM attached to it, to a registry.
 *
 * Credentials are those of `docker login` or `oras login`.
 *
 * @param reference `host/repository:tag`, without a scheme
 * @throws OrasError when the registry refuses or is not reached
 */
export async function pushImage(
  layout: string,
  tag: string,
  reference: string,
  { plainHttp }: RegistryOptions,
): Promise<void> {
  const target = [reference, ...(plainHttp ? ["--to-plain-http"] : [])];
  await oras(["cp", "--recursive", "--no-tty", "--from-oci-layout", `${layout}:${tag}`, ...target]);
}

/** The digest of a registry's image, as in `sha256:<hex>`. @throws OrasError when it has no such image */
export async function digestInRegistry(reference: string, { plainHttp }: RegistryOptions): Promise<string> {
  return (await oras(["resolve", reference, ...(plainHttp ? ["--plain-http"] : [])])).trim();
}

/** The digest of a layout's image, as in `sha256:<hex>`. @throws OrasError when it has no such image */
export async function digestInLayout(layout: string, tag: string): Promise<string> {
  return (await oras(["resolve", "--oci-layout", `${layout}:${tag}`])).trim();
}
