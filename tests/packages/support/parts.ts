import { existsSync } from "node:fs";
import { join } from "node:path";

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, "../../..");

/** Where the packages that are tried are. */
export const PACKAGES = ["as-bytes", "as-strict-json", "as-proxy-wasm-sdk", "proxy-wasm-host"] as const;

const PARTS = join(import.meta.dirname, "../parts/node_modules");

/** The oldest AssemblyScript that the packages are for, and what it needs. */
export const OLDEST_COMPILER = PARTS;

/** The AssemblyScript that this repository is built with. */
export const NEWEST_COMPILER = join(ROOT, "node_modules");

/** Folders of programs: pnpm, and Node.js of a major version. */
export const PNPM = join(PARTS, ".bin");

export const NODE_MAJORS = [20, 22, 24] as const;
export type NodeMajor = (typeof NODE_MAJORS)[number];

export function nodeFolder(major: NodeMajor): string {
  const folder = join(PARTS, `node-${major}-${process.arch}`, "bin");
  if (!existsSync(folder)) {
    throw new Error(`no Node.js ${major} at ${folder}: install it with ./envoy-local/install.sh package-users`);
  }
  return folder;
}
