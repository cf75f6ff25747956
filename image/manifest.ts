import { createHash } from "node:crypto";

/** What a manifest says of one of its parts. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<hex>` of the part's bytes. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/** A part of an image beside what the manifest says of it. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

/** The annotation by which tools know an image with `plugin.wasm` in an ordinary layer (solo-io/wasm, README-compat.md). */
const COMPATIBLE_VARIANT = { "module.wasm.image/variant": "compat" };

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function layerBlob(gzippedTar: Uint8Array): Blob {
  return blob(gzippedTar, LAYER_TYPE);
}

/**
 * The image's configuration. It names the platform as Docker does for Wasm, and nothing to run: a proxy takes the module
 * out of the layer.
 *
 * @param tar the layer before it is compressed
 */
export function configBlob(tar: Uint8Array, annotations: Readonly<Record<string, string>>): Blob {
  return json(CONFIG_TYPE, {
    architecture: "wasm",
    os: "wasi",
    config: { Labels: annotations },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
  });
}

/**
 * The image's manifest; its digest is the image's.
 *
 * One ordinary layer, because that is what every registry, Docker and Istio's agent take. (The agent refuses an
 * artifact with a single layer of its own type.)
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export function manifestBlob(config: Blob, layer: Blob, annotations: Readonly<Record<string, string>>): Blob {
  return json(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: config.descriptor,
    layers: [layer.descriptor],
    annotations: { ...annotations, ...COMPATIBLE_VARIANT },
  });
}

/** The type of the SBOM, and of the manifest that attaches it. */
export const SBOM_TYPE = "application/vnd.cyclonedx+json";

/** An artifact's configuration that says nothing: the image specification's “empty descriptor”. */
export const EMPTY_CONFIG = blob(new TextEncoder().encode("{}"), "application/vnd.oci.empty.v1+json");

/** The manifest that attaches an SBOM to an image, which `oras discover` and scanners find by its `subject`. */
export function sbomManifestBlob(sbom: Blob, image: Blob): Blob {
  return json(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: SBOM_TYPE,
    config: EMPTY_CONFIG.descriptor,
    layers: [{ ...sbom.descriptor, annotations: { "org.opencontainers.image.title": "signpost.cdx.json" } }],
    subject: image.descriptor,
  });
}

export function sbomBlob(text: string): Blob {
  return blob(new TextEncoder().encode(text), SBOM_TYPE);
}

function json(mediaType: string, value: unknown): Blob {
  return blob(new TextEncoder().encode(JSON.stringify(value)), mediaType);
}

function blob(bytes: Uint8Array, mediaType: string): Blob {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}
