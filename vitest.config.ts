import { defineConfig } from "vitest/config";

const SECOND = 1000;

/** One project per tier of ./test.sh. */
export default defineConfig({
  test: {
    // By default one core is left to others.
    maxWorkers: "100%",
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 60 * SECOND } },
      { test: { name: "host", include: ["packages/proxy-wasm-host/tests/**/*.test.ts"], testTimeout: 30 * SECOND } },
      { test: { name: "sdk", include: ["packages/as-proxy-wasm-sdk/tests/**/*.test.ts"], testTimeout: 60 * SECOND } },
      { test: { name: "filter", include: ["tests/filter/**/*.test.ts"], testTimeout: 30 * SECOND } },
      {
        test: {
          name: "cli",
          include: ["tests/cli/**/*.test.ts"],
          testTimeout: 60 * SECOND,
          // Redis, Webdis and the routing service are started.
          hookTimeout: 120 * SECOND,
        },
      },
      {
        test: {
          name: "deploy",
          include: ["tests/deploy/**/*.test.ts"],
          // Images are built, pushed and pulled.
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
        },
      },
      {
        test: {
          name: "envoy",
          include: ["tests/envoy/**/*.test.ts"],
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
          // Each file starts proxies of its own: two at a time would measure each other.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "conformance",
          include: ["tests/conformance/**/*.test.ts"],
          testTimeout: 60 * SECOND,
          // The whole suite runs in a hook.
          hookTimeout: 180 * SECOND,
        },
      },
      {
        test: {
          name: "chaos",
          include: ["tests/chaos/**/*.test.ts"],
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
          // It compares latencies: nothing else may run beside it.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "compose",
          include: ["tests/compose/**/*.test.ts"],
          // A Docker engine is started.
          hookTimeout: 120 * SECOND,
        },
      },
      {
        test: {
          name: "istio",
          include: ["tests/istio/**/*.test.ts"],
          testTimeout: 120 * SECOND,
          // A control plane is started.
          hookTimeout: 180 * SECOND,
          // Each file starts a control plane and a gateway of its own.
          fileParallelism: false,
        },
      },
    ],
  },
});
