import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MARK } from "../../cli/src/render/layout.ts";
import { fileWith, signpost, temporaryDirectory } from "./support/cli.ts";
import { yamlOf } from "./support/manifests.ts";
import { FULL_VALUES, VALUES, at, changed, documentsOf, filesBelow, find, render } from "./support/render.ts";

describe("a rendered tree", () => {
  it("does not change when it is rendered again, nor with what else is there", async () => {
    const directory = temporaryDirectory();
    const values = fileWith(yamlOf(FULL_VALUES), "values.yaml");
    await signpost(["render", values, "--out", directory]);
    const before = filesBelow(directory);
    writeFileSync(join(directory, "base/mine.yaml"), "# mine\n");
    const { stdout } = await signpost(["render", values, "--out", directory]);
    expect(stdout).toBe(`${before.size} files in ${directory}, 0 of them changed\n`);
    expect(filesBelow(directory)).toEqual(new Map([...before, ["base/mine.yaml", "# mine\n"]].sort() as never));
  });

  it("loses what the values no longer have", async () => {
    const directory = temporaryDirectory();
    await signpost(["render", fileWith(yamlOf(FULL_VALUES)), "--out", directory]);
    const without = changed(FULL_VALUES, { nodeCache: undefined });
    const { stdout } = await signpost(["render", fileWith(yamlOf(without)), "--out", directory]);
    expect(stdout).toContain("removed overlays/envoyfilter-node-cache/routing.yaml\n");
    expect([...filesBelow(directory).keys()].filter((path) => path.includes("envoyfilter"))).toEqual([]);
  });

  it("has a mark in every file", async () => {
    const directory = temporaryDirectory();
    await signpost(["render", fileWith(yamlOf(FULL_VALUES)), "--out", directory]);
    for (const [path, text] of filesBelow(directory)) expect(text.startsWith(`${MARK}\n`), path).toBe(true);
  });

  const gatewayFiles = async (folder: string): Promise<{ pod: unknown; helm: unknown }> => {
    const directory = temporaryDirectory();
    await signpost(["render", fileWith(yamlOf(FULL_VALUES)), "--out", directory]);
    const read = (name: string): unknown => documentsOf(readFileSync(join(directory, folder, name), "utf8"))[0];
    return { pod: at(read("deployment-patch.yaml"), "spec.template"), helm: read("helm-values.yaml") };
  };

  it("says what the gateway's pods need, as a patch and as Helm's values", async () => {
    const { pod, helm } = await gatewayFiles("gateway");
    expect(at(pod, "metadata.annotations")).toEqual({
      "sidecar.istio.io/statsInclusionPrefixes": [
        "extension_config_discovery",
        "cluster.outbound|443|v2|routing.example.com",
        "cluster.outbound|7379||webdis.edge-cache.svc.cluster.local",
      ].join(","),
      "sidecar.istio.io/statsInclusionSuffixes": "downstream_rq_5xx,downstream_rq_completed",
    });
    const bootstrap = "/etc/istio/signpost-bootstrap";
    const password = {
      name: "WEBDIS_PASSWORD",
      valueFrom: { secretKeyRef: { name: "edge-secrets", key: "webdis-password" } },
    };
    expect(at(pod, "spec.containers.0")).toEqual({
      name: "istio-proxy",
      env: [{ name: "ISTIO_BOOTSTRAP_OVERRIDE", value: `${bootstrap}/custom_bootstrap.json` }, password],
      volumeMounts: [{ name: "signpost-bootstrap", mountPath: bootstrap, readOnly: true }],
    });
    expect(at(pod, "spec.volumes")).toEqual([{ name: "signpost-bootstrap", configMap: { name: "edge-bootstrap" } }]);
    expect(helm).toEqual({
      podAnnotations: at(pod, "metadata.annotations"),
      env: { ISTIO_BOOTSTRAP_OVERRIDE: `${bootstrap}/custom_bootstrap.json` },
      envVarFrom: [password],
      volumeMounts: at(pod, "spec.containers.0.volumeMounts"),
      volumes: at(pod, "spec.volumes"),
    });
  });

  it("has a directory of the node, which Pod Security refuses, only where the module comes from it", async () => {
    const without = await gatewayFiles("gateway");
    expect(JSON.stringify(without)).not.toContain("hostPath");
    const { pod, helm } = await gatewayFiles("gateway/node-cache");
    expect(at(pod, "spec.volumes.1.hostPath.path")).toBe("/var/lib/edge");
    expect(at(helm, "volumes")).toEqual(at(pod, "spec.volumes"));
    expect(at(helm, "volumeMounts.1.mountPath")).toBe("/var/lib/edge");
  });
});

describe("the command line of render", () => {
  it("takes values from --set, which go before the file's", async () => {
    const digits = "1".repeat(64);
    const set = ["--set", `module.sha256=${digits}`, "--set", "callouts.routing.port=9090", "--set", "priority=3"];
    const { documents, stderr } = await render(VALUES, ...set);
    expect(stderr).toBe("");
    expect(at(find(documents, "WasmPlugin"), "spec")).toMatchObject({ sha256: digits, priority: 3 });
    expect(at(find(documents, "WasmPlugin"), "spec.pluginConfig.lookups.0.service.cluster")).toBe(
      "outbound|9090||routing.shop.svc.cluster.local",
    );
  });

  it("chooses documents by --kind", async () => {
    const { documents } = await render(FULL_VALUES, "--kind", "DestinationRule,WasmPlugin");
    expect(documents.map(({ kind }) => kind)).toEqual([
      "DestinationRule",
      "DestinationRule",
      "WasmPlugin",
      "WasmPlugin",
    ]);
  });

  it("has help that fits into 100 columns", async () => {
    const { code, stdout } = await signpost(["render", "--help"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  it("reads standard input for -", async () => {
    const { code, stdout } = await signpost(["render", "-"], { input: yamlOf(VALUES) });
    expect(code).toBe(0);
    expect(stdout).toContain("kind: WasmPlugin");
  });

  it.each<[string, object, string[], string]>([
    ["a form the values have nothing for", VALUES, ["--form", "envoyfilter"], "the values have no nodeCache"],
    ["an unknown form", VALUES, ["--form", "lua"], "Allowed choices are"],
    ["an unknown kind", VALUES, ["--kind", "Deployment"], "--kind Deployment: there is none (there are ConfigMap, "],
    ["--kind with --out", VALUES, ["--kind", "WasmPlugin", "--out", "x"], "--kind is for standard output"],
    ["a --set without a value", VALUES, ["--set", "module"], "--set module: not path=value"],
    ["a --set of no element", VALUES, ["--set", "config.lookups[3].name=x"], "there is no element [3] to set"],
  ])("with %s ends with 2", async (_, values, options, message) => {
    const { code, stdout, stderr } = await render(values, ...options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("ends with 2 where the directory cannot be written", async () => {
    const { code, stderr } = await render(VALUES, "--out", join(fileWith("", "file"), "below"));
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be written");
  });

  it("writes into a directory that is there already", async () => {
    const directory = join(temporaryDirectory(), "istio");
    mkdirSync(directory);
    expect((await render(VALUES, "--out", directory)).code).toBe(0);
  });
});
