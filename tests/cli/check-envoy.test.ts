import { describe, expect, it } from "vitest";
import { checkJson, fileWith } from "./support/cli.ts";
import {
  CONFIG,
  type Fields,
  pluginMessage,
  stringValue,
  typedConfig,
  typedStruct,
  yamlOf,
} from "./support/manifests.ts";

const TYPE = "type.googleapis.com/envoy.";
const MANAGER = `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

const WELL = JSON.stringify(CONFIG);
const WRONG = '{"lookups": 5}';

function filter(json: string, fields: Fields = {}): Fields {
  return { name: "signpost", typed_config: typedConfig(pluginMessage(stringValue(json), fields)) };
}

function listener(filters: readonly Fields[]): Fields {
  const manager = { name: "hcm", typed_config: { "@type": MANAGER, stat_prefix: "http", http_filters: filters } };
  return { name: "http", filter_chains: [{ filters: [manager] }] };
}

function bootstrap(filters: readonly Fields[], clusters = ["webdis"], fields: Fields = {}): Fields {
  return {
    static_resources: { listeners: [listener(filters)], clusters: clusters.map((name) => ({ name })) },
    ...fields,
  };
}

function discovery(...resources: Fields[]): Fields {
  return { version_info: "1", resources };
}

function extension(typed: unknown): Fields {
  return { "@type": `${TYPE}config.core.v3.TypedExtensionConfig`, name: "signpost", typed_config: typed };
}

const FORMS: [string, (json: string) => Fields, string][] = [
  ["a bootstrap", (json) => bootstrap([filter(json)]), "Envoy bootstrap"],
  ["a file of ECDS", (json) => discovery(extension(filter(json)["typed_config"])), "Envoy discovery response"],
  [
    "a file of LDS",
    (json) => discovery({ "@type": `${TYPE}config.listener.v3.Listener`, ...listener([filter(json)]) }),
    "Envoy discovery response",
  ],
  [
    "a TypedStruct in it",
    (json) => discovery(extension(typedStruct(pluginMessage(stringValue(json))))),
    "Envoy discovery response",
  ],
  ["one filter", (json) => filter(json), "Envoy resource"],
];

describe("a file of Envoy's own holds the filter's configuration:", () => {
  it.each(FORMS)("%s", async (_, form, document) => {
    for (const text of [yamlOf(form(WRONG)), JSON.stringify(form(WRONG))]) {
      const { files, code } = await checkJson([fileWith(text, text.startsWith("{") ? "x.json" : "x.yaml")]);
      expect(files[0]?.diagnostics).toMatchObject([{ path: "lookups", severity: "error", document }]);
      expect(code).toBe(1);
    }
    const { files } = await checkJson([fileWith(yamlOf(form(WELL)))]);
    expect(files[0]?.diagnostics).toEqual([]);
  });

  it("with the line and column of a mistake in the text", async () => {
    const text = yamlOf(bootstrap([filter('{\n  "lookups": 5\n}')]));
    const { files } = await checkJson([fileWith(text)]);
    const line = text.split("\n").findIndex((each) => each.includes('"lookups": 5')) + 1;
    expect(files[0]?.diagnostics[0]?.line).toBe(line);
  });

  it("or none of it is Signpost's", async () => {
    const { files } = await checkJson([fileWith(yamlOf(bootstrap([])))]);
    expect(files[0]?.diagnostics[0]?.message).toContain("holds no Signpost configuration");
  });
});

async function saidOf(document: Fields): Promise<string[]> {
  const { files } = await checkJson([fileWith(yamlOf(document))]);
  return (files[0]?.diagnostics ?? []).map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

describe("what is around it is looked at, too:", () => {
  const remote = {
    code: { remote: { http_uri: { uri: "http://modules/s.wasm" }, sha256: "0".repeat(64) } },
    environment_variables: { host_env_keys: ["WEBDIS_PASSWORD"] },
  };

  it("clusters that the bootstrap does not have", async () => {
    expect(await saidOf(bootstrap([filter(WELL)], ["webdis-1"]))).toEqual([
      'warning webdis.cluster: there is no cluster "webdis" in static_resources (did you mean "webdis-1"?)',
    ]);
    const cds = { dynamic_resources: { cds_config: { ads: {} } } };
    expect(await saidOf(bootstrap([filter(WELL)], [], cds))).toEqual([]);
  });

  it("a password's variable that the VM does not get", async () => {
    expect(await saidOf(bootstrap([filter(WELL, { vm_config: {} })]))).toEqual([
      "error webdis.passwordEnv: the VM gets no environment variable WEBDIS_PASSWORD (declare it in vm_config.environment_variables.host_env_keys)",
    ]);
  });

  it("a failure policy of Istio's", async () => {
    expect(await saidOf(bootstrap([filter(WELL, { failure_policy: "FAIL_CLOSE" })]))).toEqual([
      expect.stringContaining('"FAIL_CLOSE" is not known'),
    ]);
  });

  it.each<[string, object, string]>([
    ["without a sha256", { sha256: undefined }, "no sha256: Envoy refuses a remote module without one"],
    ["whose sha256 has its algorithm before it", { sha256: `sha256:${"0".repeat(64)}` }, "no module has the sha256"],
    ["whose sha256 is in capitals", { sha256: "A".repeat(64) }, "no module has the sha256"],
    [
      "by a cluster that is not there",
      { http_uri: { uri: "http://modules/s.wasm", cluster: "module" } },
      'there is no cluster "module" in static_resources (did you mean "modules"?): the module cannot be fetched',
    ],
  ])("a remote module %s", async (_, fields, message) => {
    const uri = { uri: "http://modules/s.wasm", cluster: "modules" };
    const code = { remote: { http_uri: uri, sha256: "0".repeat(64), ...fields } };
    const vm = { ...remote, code };
    const said = await saidOf(bootstrap([filter(WELL, { vm_config: vm })], ["webdis", "modules"]));
    expect(said).toEqual([expect.stringMatching(/^error static_resources\..*\.vm_config\.code\.remote: /)]);
    expect(said[0]).toContain(message);
  });

  it("a merge key, which Envoy takes for a field", async () => {
    const text = yamlOf(bootstrap([filter(WELL)]));
    const merged = text.replace(/^( *)- name: webdis$/m, "$1- <<: { name: webdis }");
    expect(merged).not.toBe(text);
    const { files } = await checkJson([fileWith(merged)]);
    const line = merged.split("\n").findIndex((each) => each.includes("<<")) + 1;
    expect(files[0]?.diagnostics).toMatchObject([{ severity: "error", line }]);
    expect(files[0]?.diagnostics[0]?.message).toContain("Envoy knows no merge key (<<)");
    const aliased = text.replace(/^( *)- name: webdis$/m, "$1- &webdis\n$1  name: webdis\n$1- *webdis");
    expect((await checkJson([fileWith(aliased)])).files[0]?.diagnostics).toEqual([]);
  });

  it("a module that Envoy would not fetch", async () => {
    const typed = filter(WELL, { vm_config: remote })["typed_config"];
    expect(await saidOf(discovery(extension(typed)))).toEqual([
      expect.stringContaining(
        "a module at a remote address: Envoy does not fetch one that discovery brings after its start",
      ),
    ]);
    expect(await saidOf(bootstrap([filter(WELL, { vm_config: remote })]))).toEqual([]);
  });

  describe("a filter that may write response bodies", () => {
    const CACHE = filter('{"responseCache": {}}');
    const SCRIPT = 'function envoy_on_response(handle) handle:body():setBytes("written") end';

    function lua(text: string): Fields {
      const typed = { "@type": `${TYPE}extensions.filters.http.lua.v3.Lua`, inlineCode: text };
      return { name: "lua", typedConfig: typed };
    }

    it("before the response cache", async () => {
      const warned = [expect.stringContaining("lua is before responseCache and may write response bodies")];
      expect(await saidOf(bootstrap([lua(SCRIPT), CACHE]))).toEqual(warned);
      const ofLds = { "@type": `${TYPE}config.listener.v3.Listener`, ...listener([lua(SCRIPT), CACHE]) };
      expect(await saidOf(discovery(ofLds))).toEqual(warned);
    });

    it("but not after it, nor before lookups, nor where it leaves a 304 alone", async () => {
      expect(await saidOf(bootstrap([CACHE, lua(SCRIPT)]))).toEqual([]);
      expect(await saidOf(bootstrap([lua(SCRIPT), filter(WELL)]))).toEqual([]);
      const careful = SCRIPT.replace("handle:body", 'if handle:headers():get(":status") == "304" then return end $&');
      expect(await saidOf(bootstrap([lua(careful), CACHE]))).toEqual([]);
    });
  });
});
