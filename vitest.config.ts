import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * How long a test or a hook may take, in milliseconds. What a test waits for it waits for as long as it takes, so that a slow
 * machine does not fail it; this ends what never comes.
 */
const PATIENCE = 600_000;

/** A tier of ./test.sh, whose tests are in this directory. */
function tier(name: string, directory: string, more: object = {}): object {
  const include = [`${directory}/**/*.test.ts`];
  return { test: { name, include, testTimeout: PATIENCE, hookTimeout: PATIENCE, ...more } };
}

export default defineConfig({
  test: {
    // Tests on real parts wait most of the time: there is work for the cores meanwhile.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      tier("unit", "tests/unit"),
      tier("host", "packages/proxy-wasm-host/tests"),
      tier("sdk", "packages/as-proxy-wasm-sdk/tests"),
      tier("filter", "tests/filter"),
      tier("fuzz", "tests/fuzz"),
      tier("cli", "tests/cli"),
      tier("deploy", "tests/deploy"),
      tier("envoy", "tests/envoy"),
      tier("conformance", "tests/conformance"),
      tier("chaos", "tests/chaos"),
      tier("compose", "tests/compose"),
      // Each file starts a control plane and a gateway of its own.
      tier("istio", "tests/istio", { fileParallelism: false }),
    ],
  },
});
