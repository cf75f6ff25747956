import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { istioctlAnalyze, istioctlValidate } from "./support/istioctl.ts";
import { meshForTests } from "./support/for-tests.ts";
import { everythingTo, gateway, manifest, serviceEntry, wasmPlugin } from "./support/manifests.ts";
import type { Manifest } from "./support/kubernetes-api.ts";

const directory = scratchDirectory();
const mesh = meshForTests();

afterAll(() => {
  removeDirectory(directory);
});

/** A folder with one file for each manifest. */
function folderOf(name: string, manifests: readonly Manifest[]): string {
  const folder = `${directory}/${name}`;
  mkdirSync(folder);
  manifests.forEach((each, index) => {
    writeFileSync(`${folder}/${index}.yaml`, JSON.stringify(each, null, 2)); // JSON is YAML
  });
  return folder;
}

const PLUGIN = wasmPlugin("signpost", { url: "oci://registry.test/signpost:1", pluginConfig: { lookups: [] } });
const SOUND = [gateway("public", [8080]), everythingTo("public", "echo"), serviceEntry("echo", 8081), PLUGIN];

/** An EnvoyFilter that inserts the filter with these fields. */
function envoyFilter(fields: object): Manifest {
  const type = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
  return manifest("networking.istio.io/v1alpha3", "EnvoyFilter", "signpost", {
    workloadSelector: { labels: { istio: "ingressgateway" } },
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        match: { context: "GATEWAY" },
        patch: { operation: "INSERT_FIRST", value: { name: "signpost", typed_config: { "@type": type, ...fields } } },
      },
    ],
  });
}

const UNKNOWN_IN_PLUGIN = { ...PLUGIN, spec: { ...(PLUGIN["spec"] as object), failureStrategy: "FAIL_OPEN" } };

describe("manifests that are sound", () => {
  it("have no problems", async () => {
    expect(await mesh().problemsOf(folderOf("sound", SOUND))).toEqual([]);
  });

  it("leave nothing behind", async () => {
    expect(await mesh().kubectl("get", "gateways.networking.istio.io", "--all-namespaces", "--output=name")).toBe("");
  });
});

describe("a field that a WasmPlugin does not have", () => {
  const folder = folderOf("unknown-in-plugin", [UNKNOWN_IN_PLUGIN]);

  it("is found by istioctl validate", async () => {
    expect((await istioctlValidate(folder)).join("\n")).toContain('unknown field "failureStrategy"');
  });

  it("is found by the API server", async () => {
    expect((await mesh().kubernetes.dryRun(folder)).join("\n")).toContain("failureStrategy");
  });
});

describe("a field that the configuration inside an EnvoyFilter does not have", () => {
  it("is found by istioctl validate, which only warns of it", async () => {
    const folder = folderOf("unknown-in-envoy-filter", [envoyFilter({ confg: {} })]);
    expect((await istioctlValidate(folder)).join("\n")).toContain("confg");
  });
});

describe("a value that a WasmPlugin cannot have", () => {
  it("is found by the API server", async () => {
    const wrong = { ...PLUGIN, spec: { ...(PLUGIN["spec"] as object), sha256: "abc" } };
    expect((await mesh().kubernetes.dryRun(folderOf("wrong-value", [wrong]))).join("\n")).toContain("sha256");
  });
});

describe("a VirtualService of a Gateway that is not there", () => {
  it("is found by istioctl analyze", async () => {
    const problems = await istioctlAnalyze(folderOf("no-gateway", [everythingTo("public", "echo")]));
    expect(problems.join("\n")).toContain("[IST0101]");
  });
});
