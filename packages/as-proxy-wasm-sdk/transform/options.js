import { Runtime } from "assemblyscript";

const ABORT = "~lib/as-proxy-wasm-sdk/assembly/abort/abort";

/** What hosts call before anything else. */
const STARTS = new Set(["_initialize", "_start"]);

/**
 * Fails where a flag is missing without which the module would not load, would crash Envoy, or would not compile, for reasons
 * that do not name the flag.
 *
 * @param {import("assemblyscript").Options} options
 */
export function checkOptions(options) {
  const missing = [];
  if (options.runtime !== Runtime.Minimal) {
    missing.push("--runtime minimal: the SDK collects garbage between callbacks");
  }
  if (!STARTS.has(options.exportStart ?? "")) {
    missing.push("--exportStart _initialize: Envoy crashes when a module calls the host while it is instantiated");
  }
  if (!options.globalAliases?.has("abort")) {
    missing.push(`--use abort=${ABORT}: no host has env.abort, and the module would not load`);
  }
  if (missing.length === 0) return;
  const list = missing.map((flag) => `  ${flag}`).join("\n");
  fail(
    `as-proxy-wasm-sdk: missing compiler options:\n${list}\n` +
      'All of them are in a file to extend: "extends": "./node_modules/as-proxy-wasm-sdk/asconfig.json" in your asconfig.json.',
  );
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  const error = new Error(message);
  // The compiler prints the stack, which is about this file and not about theirs.
  error.stack = message;
  throw error;
}
