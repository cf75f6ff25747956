import { rmSync } from "node:fs";
import {
  type Blob,
  EMPTY_CONFIG,
  configBlob,
  layerBlob,
  manifestBlob,
  sbomBlob,
  sbomManifestBlob,
} from "./manifest.ts";
import type { Layer } from "./layer.ts";
import { oras } from "./oras.ts";

/** What goes into an image. */
export interface ImageParts {
  readonly layer: Layer;
  readonly annotations: Readonly<Record<string, string>>;
  readonly sbom: string;
}

/**
 * Writes an image and its SBOM as an OCI image layout, in place of what was there.
 *
 * Blobs and manifests are handed to oras one by one: its `push` would write the time into the manifest.
 *
 * @param tag the image's name in the layout
 * @returns the digest of the image's manifest
 */
export async function writeLayout(folder: string, tag: string, parts: ImageParts): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const config = configBlob(parts.layer.tar, parts.annotations);
  const layer = layerBlob(parts.layer.gzipped);
  const image = manifestBlob(config, layer, parts.annotations);
  const sbom = sbomBlob(parts.sbom);
  const attachment = sbomManifestBlob(sbom, image);
  for (const blob of [config, layer, EMPTY_CONFIG, sbom]) await pushBlob(folder, blob);
  await pushManifest(`${folder}:${tag}`, image);
  await pushManifest(`${folder}@${attachment.descriptor.digest}`, attachment);
  return image.descriptor.digest;
}

async function pushBlob(folder: string, { bytes, descriptor }: Blob): Promise<void> {
  const about = ["--media-type", descriptor.mediaType, "--size", String(descriptor.size)];
  await oras(["blob", "push", "--oci-layout", ...about, `${folder}@${descriptor.digest}`, "-"], bytes);
}

async function pushManifest(name: string, { bytes, descriptor }: Blob): Promise<void> {
  await oras(["manifest", "push", "--oci-layout", "--media-type", descriptor.mediaType, name, "-"], bytes);
}
