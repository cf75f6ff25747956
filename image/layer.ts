import { execFileSync } from "node:child_process";
import { dirname } from "node:path";

/** The name by which Istio's agent finds the module in the layer. */
export const MODULE_IN_LAYER = "plugin.wasm";

/** An image's layer: a tar that holds the module, and the same compressed. */
export interface Layer {
  readonly tar: Buffer;
  readonly gzipped: Buffer;
}

/**
 * The layer that holds the module of a file.
 *
 * Owner, mode and time are always the same, and `gzip -n` writes no name and no time: the bytes depend on the module alone.
 * GNU's two tools, and not Node's zlib, as their output has not changed for years and Node's does between versions.
 *
 * @param module a file named `plugin.wasm`
 */
export function layerOf(module: string): Layer {
  const fixed = ["--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mode=0644", "--mtime=@0"];
  const tar = execFileSync("tar", [...fixed, "-C", dirname(module), "-cf", "-", MODULE_IN_LAYER], UNBOUNDED);
  return { tar, gzipped: execFileSync("gzip", ["-n", "-9"], { input: tar, ...UNBOUNDED }) };
}

const UNBOUNDED = { maxBuffer: Infinity };
