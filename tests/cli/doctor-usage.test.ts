import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { signpost } from "./support/cli.ts";
import { doctor, gatewayDump, pluginConfig, deliveredPlugin, CLUSTERS, FILTER } from "./support/dumps.ts";

describe("a wrong command line of the doctor has exit code 2:", () => {
  it.each([
    ["neither a proxy nor a file", [], "give --admin URL, or --config-dump FILE"],
    ["both", ["--admin", "http://127.0.0.1:1", "--config-dump", "x"], "--admin cannot be combined with files"],
    ["an address that is none", ["--admin", "127.0.0.1:15000"], '--admin: "127.0.0.1:15000" is no address'],
    ["credentials in an address", ["--admin", "http://a:b@127.0.0.1"], "credentials do not belong into the address"],
    ["a digest that is none", ["--admin", "http://127.0.0.1:1", "--digest", "abc"], '--digest: "abc" is no SHA-256'],
    [
      "a file that is not there",
      ["--config-dump", "none.json"],
      "--config-dump: none.json cannot be read: there is no such file",
    ],
    ["standard input twice", ["--config-dump", "-", "--stats", "-"], "can be read once only"],
    ["a module that is not there", ["--admin", "http://127.0.0.1:1", "--module", "none.wasm"], "none.wasm"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await signpost(["doctor", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });
});

describe("what is no answer of Envoy's has exit code 2:", () => {
  it.each([
    ["a dump that is not JSON", { dump: "<html>" }, "dump.json is not JSON"],
    [
      "istioctl's form of a dump (proxy-config all)",
      {
        dump: {
          configs: [{ "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", dynamicListeners: [] }],
        },
      },
      "dump.json is istioctl's form, with names such as dynamicListeners: give what GET /config_dump of Envoy's admin interface answers (in a pod: pilot-agent request GET config_dump)",
    ],
    [
      "istioctl's form of a part of it (proxy-config listeners)",
      { dump: [{ name: "0.0.0.0_8080", filterChains: [], trafficDirection: "OUTBOUND" }] },
      "dump.json is istioctl's form",
    ],
    [
      "istioctl's form of endpoints",
      { dump: gatewayDump(), clusters: [{ name: "webdis", addedViaApi: true, hostStatuses: [] }] },
      "clusters.json is istioctl's form",
    ],
    ["a dump that is a list", { dump: [] }, "dump.json is JSON, but no object (expected what GET /config_dump"],
    [
      "a dump of something else",
      { dump: { items: [] } },
      'dump.json is no Envoy config_dump: it has no list "configs"',
    ],
    ["a part of a dump", { dump: { configs: [] } }, "no whole Envoy config_dump: it has no ListenersConfigDump"],
    [
      "clusters of something else",
      { dump: gatewayDump(), clusters: gatewayDump() },
      'clusters.json has no list "cluster_statuses"',
    ],
    ["clusters as text", { dump: gatewayDump(), clusters: "xds::default_priority" }, "?format=json"],
    ["statistics of something else", { dump: gatewayDump(), stats: gatewayDump() }, 'stats.json has no list "stats"'],
    [
      "statistics that are a page",
      { dump: gatewayDump(), stats: "<html>\n" },
      'no list of Envoy\'s statistics: "<html>"',
    ],
  ])("%s", async (_, saved, message) => {
    const { code, stdout, stderr } = await doctor(saved);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("a proxy that is not there", async () => {
    // Nobody listens on port 1.
    const { code, stderr } = await signpost(["doctor", "--admin", "http://127.0.0.1:1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("http://127.0.0.1:1/config_dump cannot be asked: connect ECONNREFUSED");
  });

  it("a server that is no proxy", async () => {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await signpost(["doctor", "--admin", `http://127.0.0.1:${port}/gateway/`]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `http://127.0.0.1:${port}/gateway/config_dump answers 404: is this Envoy's admin interface?`,
    );
  });
});

describe("odd shapes in a dump", () => {
  const ODD: unknown[] = [null, 5, "x", [], {}, [null], [[]], [{}], { name: 5 }, [{ name: null, value: {} }]];

  /** The dump with each of its values in turn replaced by each odd one; sections stay what they are. */
  function* mutants(value: unknown): Generator {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const withPart = (part: unknown): unknown =>
        Array.isArray(value)
          ? value.map((item: unknown, index) => (String(index) === key ? part : item))
          : { ...value, [key]: part };
      if (key !== "configs" && key !== "@type") for (const odd of ODD) yield withPart(odd);
      for (const mutant of mutants(inner)) yield withPart(mutant);
    }
  }

  it("never bring the doctor down", async () => {
    const { readConfigDump } = await import("../../cli/src/doctor/admin/config-dump.ts");
    const { findInstances } = await import("../../cli/src/doctor/instance.ts");
    const { findingsIn } = await import("../../cli/src/doctor/rules/index.ts");
    const { BadAdminOutput } = await import("../../cli/src/doctor/admin/admin-output.ts");
    let read = 0;
    for (const mutant of mutants(gatewayDump())) {
      try {
        const dump = readConfigDump({ from: "mutant", text: JSON.stringify(mutant) });
        const instances = findInstances(dump, undefined).map((each) => ({ ...each, verdict: [], digest: undefined }));
        const nothing = {
          clusters: undefined,
          stats: new Map(),
          readings: undefined,
          name: undefined,
          expectedDigest: undefined,
          ownDigest: "",
        };
        findingsIn({ dump, instances, ...nothing });
        read++;
      } catch (error) {
        expect(error, JSON.stringify(mutant)).toBeInstanceOf(BadAdminOutput);
      }
    }
    expect(read).toBeGreaterThan(500);
  });
});

describe("Webdis' password", () => {
  const webdis = { cluster: CLUSTERS.webdis, username: "signpost", passwordEnv: "SIGNPOST_TEST_PASSWORD" };
  const vm_config = { environment_variables: { host_env_keys: ["SIGNPOST_TEST_PASSWORD"] } };
  const dump = gatewayDump({
    extensions: { [FILTER]: { typed: deliveredPlugin(pluginConfig({ webdis }), { vm_config }) } },
  });

  it("must be there where Webdis is asked", async () => {
    const { code, stderr } = await doctor({ dump }, ["--webdis", "http://127.0.0.1:1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--webdis: the password is missing: set the environment variable SIGNPOST_TEST_PASSWORD");
  });

  it("may come from this command's environment", async () => {
    const environment = { SIGNPOST_TEST_PASSWORD: "x" };
    const { code, stdout } = await doctor({ dump }, ["--webdis", "http://127.0.0.1:1"], { environment });
    expect(code).toBe(1);
    expect(stdout).toContain("error: webdis-unreachable: connect ECONNREFUSED");
  });

  it("is nobody's where no configuration has webdis", async () => {
    const without = gatewayDump({ extensions: { [FILTER]: { typed: deliveredPlugin({}) } } });
    const { code, stdout } = await doctor({ dump: without }, ["--webdis", "http://127.0.0.1:1"]);
    expect(code).toBe(0);
    expect(stdout).toContain("not looked at: Webdis: no Signpost filter's configuration has webdis");
  });
});
