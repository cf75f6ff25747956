import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Beside the bundle as it is installed; else what the checkout has built. */
const PLACES = ["signpost.wasm", "../../build/signpost.wasm"].map((place) => join(import.meta.dirname, place));

/** The module cannot be had. */
export class NoModule extends Error {}

/**
 * The filter's release module.
 *
 * @param override another module's file
 * @throws NoModule
 */
export function signpostModule(override?: string): Uint8Array {
  const file = override ?? PLACES.find((place) => existsSync(place));
  if (file === undefined) throw new NoModule("signpost.wasm is missing: run ./build.sh, or give one with --module");
  try {
    return readFileSync(file);
  } catch (error) {
    throw new NoModule(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
