import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Origin, annotationsOf, webAddress } from "./annotations.ts";
import { componentsOf, importsOfFilter } from "./components.ts";
import { MODULE_IN_LAYER, layerOf } from "./layer.ts";
import { writeLayout } from "./layout.ts";
import { sbomText } from "./sbom.ts";

// Writes build/image (an OCI image layout with the module and its SBOM) and prints the digest: ./build.sh image

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODULE = `${ROOT}build/signpost.wasm`;
const CONTEXT = `${ROOT}build/image-context`;
const LAYOUT = `${ROOT}build/image`;
const SBOM = `${ROOT}build/signpost.cdx.json`;

const { version, description, license } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as {
  version: string;
  description: string;
  license: string;
};
const origin: Origin = { version, description, licenses: license, revision: revision(), source: source() };

mkdirSync(CONTEXT, { recursive: true });
copyFileSync(MODULE, `${CONTEXT}/${MODULE_IN_LAYER}`);
const layer = layerOf(`${CONTEXT}/${MODULE_IN_LAYER}`);
rmSync(CONTEXT, { recursive: true });

const sha256 = createHash("sha256").update(readFileSync(MODULE)).digest("hex");
const imports = importsOfFilter(ROOT);
const sbom = await sbomText({ version, description, license, sha256, imports }, componentsOf(ROOT));
writeFileSync(SBOM, sbom);

const digest = await writeLayout(LAYOUT, version, { layer, annotations: annotationsOf(origin), sbom });
process.stdout.write(`build/image:${version}  ${digest}\n`);

/** The commit of the work tree; null where there is none. */
function revision(): string | null {
  const commit = git("rev-parse", "HEAD");
  if (commit === null) return null;
  return git("status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}

/** Where the source can be had: IMAGE_SOURCE, or else the web address of the clone's origin. */
function source(): string | null {
  return process.env["IMAGE_SOURCE"] ?? webAddress(git("remote", "get-url", "origin") ?? "");
}

/** What git prints, or null where this is no clone or git says no. */
function git(...args: string[]): string | null {
  try {
    return execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}
