import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * How long a test or a hook may take, in milliseconds. What a test waits for it waits for as long as it takes, so that a slow
 * machine does not fail it; this ends what never comes.
 */
const PATIENCE = 600_000;

/** A package that is built before it is published is tested as its sources, as `paths` in tsconfig.json says. */
const SOURCES = { "proxy-wasm-host": join(import.meta.dirname, "packages/proxy-wasm-host/src/index.ts") };

/** A tier of ./test.sh, whose tests are in this directory. */
function tier(name: string, directory: string, more: object = {}): object {
  const include = [`${directory}/**/*.test.ts`];
  return {
    resolve: { alias: SOURCES },
    test: { name, include, testTimeout: PATIENCE, hookTimeout: PATIENCE, ...more },
  };
}

/** Files that take longest, or wait most: what begins with them ends without a tail of them. */
const LONG = [
  ...["tests/chaos/soak/", "tests/chaos/warm-keys", "tests/conformance/conformance", "tests/fuzz/fuzz"],
  ...[
    "tests/packages/",
    "tests/sdks/",
    "tests/deploy/command",
    "tests/deploy/image",
    "tests/envoy/route-fixtures",
    "tests/envoy/routing-service-up",
    "tests/filter/cache-isolation.property",
    "tests/filter/cache-orders",
    "tests/filter/cache-histories.property",
    "tests/filter/host-failures",
  ],
  ...["tests/envoy/key-isolation", "tests/envoy/explain", "tests/chaos/"],
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONG.findIndex((name) => moduleId.includes(name));
      return index < 0 ? LONG.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    // Tests on real parts wait most of the time: there is work for the cores meanwhile.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      tier("unit", "tests/unit"),
      tier("host", "packages/proxy-wasm-host/tests"),
      tier("sdk", "packages/as-proxy-wasm-sdk/tests"),
      tier("packages", "tests/packages"),
      tier("filter", "tests/filter"),
      tier("fuzz", "tests/fuzz"),
      tier("go-sdk", "tests/sdks/go"),
      tier("rust-sdk", "tests/sdks/rust"),
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
