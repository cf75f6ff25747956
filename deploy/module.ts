import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrasError, oras } from "../image/oras.ts";
import { digestInRegistry, type RegistryOptions } from "../image/registry.ts";
import { Failure, unusable } from "./failure.ts";
import type { ModuleDigests } from "./render.ts";
import { digestIn } from "./running.ts";

/** How long a web server's answer is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** A registry's reference without its scheme; undefined for another kind of address. */
export function imageReference(url: string): string | undefined {
  return url.startsWith("oci://") ? url.slice("oci://".length) : undefined;
}

/**
 * The digests of the module that an address names, looked up where it is: what is deployed is what gateways will fetch.
 *
 * @throws Failure when it cannot be had, or is no module
 */
export async function digestsOf(url: string, options: RegistryOptions): Promise<ModuleDigests> {
  const reference = imageReference(url);
  if (reference !== undefined) return imageDigests(reference, options);
  if (url.startsWith("file:")) {
    const file = digestIn(url);
    if (file !== undefined) return { fetched: file, file };
    throw unusable(`${url}: nothing tells this file's digest; name it <sha256>.wasm, as the node cache does`);
  }
  const file = sha256Of(await download(url));
  return { fetched: file, file };
}

async function imageDigests(reference: string, options: RegistryOptions): Promise<ModuleDigests> {
  try {
    const digest = await digestInRegistry(reference, options);
    return { fetched: digest.replace(/^sha256:/, ""), file: sha256Of(await moduleOfImage(reference, digest, options)) };
  } catch (error) {
    if (error instanceof OrasError) throw new Failure(`the image ${reference} cannot be had: ${error.message}`);
    throw error;
  }
}

/** The file `plugin.wasm` of an image's last layer, which is what Istio's agent takes. */
async function moduleOfImage(reference: string, digest: string, { plainHttp }: RegistryOptions): Promise<Buffer> {
  const repository = reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const options = plainHttp ? ["--plain-http"] : [];
  const manifest = JSON.parse(await oras(["manifest", "fetch", ...options, `${repository}@${digest}`])) as {
    layers?: { digest: string }[];
  };
  const layer = manifest.layers?.at(-1)?.digest;
  if (layer === undefined) throw new Failure(`the image ${reference} has no layer`);
  const directory = mkdtempSync(join(tmpdir(), "signpost-deploy-"));
  try {
    const file = join(directory, "layer.tar.gz");
    await oras(["blob", "fetch", ...options, "--output", file, `${repository}@${layer}`]);
    return execFileSync("tar", ["-xzOf", file, "--wildcards", "*plugin.wasm"], {
      maxBuffer: Infinity,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    if (error instanceof OrasError) throw error;
    throw new Failure(`the image ${reference} has no plugin.wasm in its last layer`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Failure(`${url} cannot be had from here: ${reason}; where only gateways reach it, give --sha256`);
  }
}

/** The digest of a file in hexadecimal. @throws Failure when there is none */
export function digestOfFile(file: string): string {
  try {
    return sha256Of(readFileSync(file));
  } catch {
    throw unusable(`there is no ${file}: run ./deploy.sh build`);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
