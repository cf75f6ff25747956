import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the local harness. */
export const HARNESS_ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The Envoy the project is developed against; the compose file names it too. */
export const DEFAULT_ENVOY_VERSION = readFileSync(`${HARNESS_ROOT}envoy-version`, "utf8").trim();

/** The release build of the filter. */
export const FILTER_WASM = `${PROJECT_ROOT}build/signpost.wasm`;

/** The filter at `path`; an error that says how to build it when it is not there. */
export function requireFilter(path: string): string {
  if (!existsSync(path)) {
    throw new Error(`no filter at ${path}: build it with ./build.sh release`);
  }
  return path;
}

/** The Envoy binary of `version`; an error that says how to get it when it is not there. */
export function requireEnvoy(version = DEFAULT_ENVOY_VERSION): string {
  const path = `${PROJECT_ROOT}.cache/envoy/${version}/bin/envoy`;
  if (!existsSync(path)) {
    throw new Error(`no Envoy ${version} at ${path}: install it with ./envoy-local/install.sh envoy@${version}`);
  }
  return path;
}
