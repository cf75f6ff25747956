import { describe, expect, it } from "vitest";
import { type FileReport, checkText } from "../../cli/src/check/check-file.ts";
import { signpostModule } from "../../cli/src/module.ts";
import {
  CONFIG,
  type Fields,
  envoyFilter,
  envoyFilterWith,
  pluginMessage,
  stringValue,
  struct,
  trafficExtension,
  typedConfig,
  typedStruct,
  wasmPlugin,
  yamlOf,
} from "./support/manifests.ts";

const JSON_CONFIG = JSON.stringify(CONFIG);
const CACHE = { webdis: { cluster: "webdis" }, responseCache: {} };
const module = signpostModule();

async function check(text: string, name?: string): Promise<FileReport> {
  return checkText(text, "manifest.yaml", { module, name });
}

/** What there is to say, as `error spec.phase: …`; the module's word on what is not built yet left out. */
async function saidOf(manifest: Fields, name?: string): Promise<string[]> {
  const { diagnostics } = await check(yamlOf(manifest), name);
  return diagnostics
    .filter(({ message }) => message !== "not supported yet")
    .map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

describe("a manifest with nothing to complain about", () => {
  it.each<[string, Fields]>([
    ["a WasmPlugin", wasmPlugin(CONFIG)],
    ["a TrafficExtension", trafficExtension(CONFIG)],
    ["an EnvoyFilter with the filter's own type", envoyFilter(typedConfig(pluginMessage(stringValue(JSON_CONFIG))))],
    ["an EnvoyFilter with a TypedStruct", envoyFilter(typedStruct(pluginMessage(stringValue(JSON_CONFIG))))],
    [
      "an EnvoyFilter with the newer TypedStruct",
      envoyFilter(typedStruct(pluginMessage(stringValue(JSON_CONFIG)), "xds.type.v3.TypedStruct")),
    ],
    [
      "an extension configuration",
      envoyFilter(typedConfig(pluginMessage(stringValue(JSON_CONFIG))), "EXTENSION_CONFIG"),
    ],
    [
      "an EnvoyFilter with fields named as in JSON",
      envoyFilter(
        typedConfig({
          name: "signpost",
          failurePolicy: "FAIL_RELOAD",
          vmConfig: { environmentVariables: { keyValues: { WEBDIS_PASSWORD: "x" } } },
          configuration: stringValue(JSON_CONFIG),
        }),
      ),
    ],
    [
      "an EnvoyFilter with bytes",
      envoyFilter(
        typedConfig(
          pluginMessage({
            "@type": "type.googleapis.com/google.protobuf.BytesValue",
            value: Buffer.from(JSON_CONFIG).toString("base64"),
          }),
        ),
      ),
    ],
    [
      "a listener within an EnvoyFilter",
      envoyFilterWith({
        applyTo: "LISTENER",
        patch: {
          operation: "ADD",
          value: {
            filter_chains: [
              {
                filters: [
                  {
                    name: "http",
                    typed_config: {
                      "@type": "type.googleapis.com/x.HttpConnectionManager",
                      http_filters: [
                        { name: "signpost", typed_config: typedConfig(pluginMessage(stringValue(JSON_CONFIG))) },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        },
      }),
    ],
    ["a List", { apiVersion: "v1", kind: "List", items: [wasmPlugin(CONFIG)] }],
  ])("%s", async (_, manifest) => {
    const report = await check(yamlOf(manifest));
    expect(report.documents).toHaveLength(1);
    expect(report.diagnostics).toEqual([]);
  });
});

describe("a mistake in a manifest", () => {
  const broken = { ...CONFIG, debugHeader: "x y" };
  const message = 'error debugHeader: "x y" is not a header\'s name';

  it.each<[string, Fields]>([
    ["a WasmPlugin", wasmPlugin(broken)],
    ["a TrafficExtension", trafficExtension(broken)],
    ["an EnvoyFilter", envoyFilter(typedStruct(pluginMessage(stringValue(JSON.stringify(broken)))))],
  ])("is found in %s", async (_, manifest) => {
    expect(await saidOf(manifest)).toEqual([message]);
  });

  it("is told with the document it is in", async () => {
    const { diagnostics } = await check(yamlOf(wasmPlugin(CONFIG), wasmPlugin(broken, {}, "signpost-2")));
    expect(diagnostics.map(({ document }) => document)).toEqual(["WasmPlugin/signpost-2"]);
  });

  it("is found beside a document that is no YAML", async () => {
    const { diagnostics } = await check(`a: [\n---\n${yamlOf(wasmPlugin(broken))}`);
    expect(diagnostics.map(({ position }) => position?.line)).toEqual([2, expect.any(Number)]);
    expect(diagnostics[1]?.path).toBe("debugHeader");
  });

  it("in the JSON of an EnvoyFilter is found at its line", async () => {
    const text = yamlOf(envoyFilter(typedConfig(pluginMessage(stringValue('{\n  "webdis": }\n')))));
    const [diagnostic] = (await check(text)).diagnostics;
    expect(diagnostic?.message).toContain("not JSON");
    const { line, column } = diagnostic?.position ?? { line: 0, column: 0 };
    expect(text.split("\n")[line - 1]?.slice(column - 1)).toBe("}");
  });
});

describe("how an EnvoyFilter must not write the configuration", () => {
  const path = "spec.configPatches[0].patch.value.typed_config.config.configuration";

  it.each<[string, unknown, RegExp]>([
    ["a Struct", struct(CONFIG), /a google\.protobuf\.Struct reaches the filter as protobuf bytes.*StringValue/],
    ["a Value", { "@type": "type.googleapis.com/google.protobuf.Value", value: CONFIG }, /Value reaches the filter as/],
    ["a bare text", JSON_CONFIG, /without an "@type" Envoy does not take it/],
    ["an object without a type", CONFIG, /without an "@type" Envoy does not take it/],
    ["a StringValue that is no text", stringValue(CONFIG), /the value of a StringValue is a text/],
  ])("%s", async (_, configuration, message) => {
    const said = await saidOf(envoyFilter(typedConfig(pluginMessage(configuration))));
    expect(said).toEqual([expect.stringMatching(message)]);
    expect(said[0]).toContain(`error ${path}: `);
  });

  it("does not keep the mistakes in it from being told", async () => {
    const said = await saidOf(envoyFilter(typedConfig(pluginMessage(struct({ ...CONFIG, debugHeader: "x y" })))));
    expect(said).toContainEqual(expect.stringContaining("error debugHeader: "));
  });
});

describe("the password's variable", () => {
  const missing = "the VM gets no environment variable WEBDIS_PASSWORD";

  it.each<[string, Fields]>([
    ["a WasmPlugin", wasmPlugin(CONFIG, { vmConfig: { env: [{ name: "OTHER", valueFrom: "HOST" }] } })],
    ["a TrafficExtension", trafficExtension(CONFIG, { wasm: { failStrategy: "FAIL_RELOAD", pluginConfig: CONFIG } })],
    ["an EnvoyFilter", envoyFilter(typedConfig(pluginMessage(stringValue(JSON_CONFIG), { vm_config: {} })))],
  ])("has to be declared by %s", async (_, manifest) => {
    expect(await saidOf(manifest)).toEqual([expect.stringContaining(`error webdis.passwordEnv: ${missing}`)]);
  });

  it("is not asked of a configuration by itself", async () => {
    expect((await check(yamlOf(CONFIG))).diagnostics).toEqual([]);
  });

  it("goes to the module with the value that the manifest has", async () => {
    const env = [{ name: "WEBDIS_PASSWORD", value: "secret" }];
    expect(await saidOf(wasmPlugin(CONFIG, { vmConfig: { env } }))).toEqual([]);
  });

  it("is complained of once where its name is wrong", async () => {
    const config = { ...CONFIG, webdis: { ...CONFIG.webdis, passwordEnv: "a=b" } };
    expect((await saidOf(wasmPlugin(config))).filter((said) => said.includes("passwordEnv"))).toHaveLength(1);
  });
});

describe("advice", () => {
  const lookupsLate = /^warning spec\.phase: .*after authorization.*lookups.*\(use AUTHN\)$/;
  const cacheEarly = /^warning spec\.phase: .*before authorization: responseCache .*\(use STATS\)$/;

  it.each<[string, Fields, RegExp[]]>([
    ["lookups in STATS", wasmPlugin(CONFIG, { phase: "STATS" }), [lookupsLate]],
    ["lookups without a phase", wasmPlugin(CONFIG, { phase: undefined }), [lookupsLate]],
    ["lookups in AUTHZ", wasmPlugin(CONFIG, { phase: "AUTHZ" }), []],
    ["a cache in AUTHN", wasmPlugin(CACHE, { phase: "AUTHN" }), [cacheEarly]],
    ["a cache in AUTHZ", wasmPlugin(CACHE, { phase: "AUTHZ" }), [cacheEarly]],
    ["a cache in STATS", wasmPlugin(CACHE, { phase: "STATS" }), []],
    ["a cache without a phase", wasmPlugin(CACHE, { phase: undefined }), []],
    ["lookups of a TrafficExtension in STATS", trafficExtension(CONFIG, { phase: "STATS" }), [lookupsLate]],
    [
      "a cache of one, the phase's name in full",
      trafficExtension(CACHE, { phase: "EXECUTION_PHASE_AUTHN" }),
      [cacheEarly],
    ],
  ])("on the phase: %s", async (_, manifest, expected) => {
    expect(await saidOf(manifest)).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
  });

  it.each<[string, Fields, string[]]>([
    [
      "FAIL_OPEN with lookups",
      wasmPlugin(CONFIG, { failStrategy: "FAIL_OPEN" }),
      ["warning spec.failStrategy: FAIL_OPEN: "],
    ],
    ["FAIL_OPEN without lookups", wasmPlugin(CACHE, { failStrategy: "FAIL_OPEN", phase: "STATS" }), []],
    ["FAIL_CLOSE", wasmPlugin(CONFIG, { failStrategy: "FAIL_CLOSE" }), []],
    ["none", wasmPlugin(CONFIG, { failStrategy: undefined }), ["warning spec.failStrategy: not given: "]],
    [
      "Envoy's fail_open",
      envoyFilter(typedConfig(pluginMessage(stringValue(JSON_CONFIG), { failure_policy: undefined, fail_open: true }))),
      ["warning spec.configPatches[0].patch.value.typed_config.config.fail_open: FAIL_OPEN: "],
    ],
  ])("on what happens when the module fails: %s", async (_, manifest, expected) => {
    expect(await saidOf(manifest)).toEqual(expected.map((start) => expect.stringContaining(start) as string));
  });

  it.each<[string, Fields, number]>([
    ["https without a digest", wasmPlugin(CONFIG, { url: "https://example.com/signpost.wasm" }), 1],
    ["https with a digest", wasmPlugin(CONFIG, { url: "https://example.com/s.wasm", sha256: "0".repeat(64) }), 0],
    ["an image", wasmPlugin(CONFIG, { url: "oci://example.com/signpost:1" }), 0],
    ["a file", wasmPlugin(CONFIG, { url: "file:///opt/signpost.wasm" }), 0],
    ["Envoy's remote source", remoteFilter({}), 1],
    ["Envoy's remote source with a digest", remoteFilter({ sha256: "0".repeat(64) }), 0],
  ])("on where the module comes from: %s", async (_, manifest, count) => {
    const said = await saidOf(manifest);
    expect(said.filter((text) => text.startsWith("warning ") && text.includes(": no sha256"))).toHaveLength(count);
    expect(said).toHaveLength(count);
  });

  it.each<[string, Fields]>([
    ["an empty configuration", wasmPlugin({})],
    ["none at all", wasmPlugin(undefined)],
    ["none in an EnvoyFilter", envoyFilter(typedConfig(pluginMessage(undefined)))],
  ])("on a filter that does nothing: %s", async (_, manifest) => {
    expect(await saidOf(manifest)).toEqual([
      "warning : neither lookups nor responseCache: all requests pass as they are",
    ]);
  });
});

function remoteFilter(remote: Fields): Fields {
  const code = { remote: { http_uri: { uri: "https://example.com/s.wasm" }, ...remote } };
  const vm_config = { code, environment_variables: { host_env_keys: ["WEBDIS_PASSWORD"] } };
  return envoyFilter(typedConfig(pluginMessage(stringValue(JSON_CONFIG), { vm_config })));
}

describe("which of several Wasm plugins is Signpost", () => {
  const other = wasmPlugin({ rules: [] }, { url: "oci://example.com/acl" }, "acl");
  const another = wasmPlugin({ rules: [] }, { url: "oci://example.com/waf" }, "waf");

  it.each<[string, Fields]>([
    ["by the document's name", wasmPlugin(CONFIG, { url: "oci://example.com/x" }, "my-signpost")],
    ["by the plugin's name", wasmPlugin({}, { url: "oci://example.com/x", pluginName: "signpost" }, "x")],
    ["by the module's address", wasmPlugin({}, { url: "oci://example.com/signpost:1" }, "x")],
    ["by a section of its configuration", wasmPlugin({ lookups: [] }, { url: "oci://example.com/x" }, "x")],
  ])("is seen %s", async (_, manifest) => {
    const { documents, others } = await check(yamlOf(other, manifest));
    expect(documents).toHaveLength(1);
    expect(others).toEqual(["WasmPlugin/acl"]);
  });

  it("is the only one there is", async () => {
    expect((await check(yamlOf(other))).documents).toEqual(["WasmPlugin/acl"]);
  });

  it("is said with a name", async () => {
    const { documents, others } = await check(yamlOf(other, wasmPlugin(CONFIG)), "acl");
    expect({ documents, others }).toEqual({ documents: ["WasmPlugin/acl"], others: ["WasmPlugin/signpost"] });
  });

  it("can be told by an EnvoyFilter's filter", async () => {
    const patch = (name: string): Fields => ({
      patch: { value: { name, typed_config: typedConfig({ configuration: stringValue('{"nope": 1}') }) } },
    });
    const { diagnostics } = await check(yamlOf(envoyFilterWith(patch("acl"), patch("routes"))), "routes");
    expect(diagnostics[0]?.path).toBe("nope");
  });

  it.each<[string, string, string | undefined, string]>([
    ["none of several", yamlOf(other, another), undefined, "say which one is with --name (there are acl, waf)"],
    ["none of the name", yamlOf(other, another), "route", "no Wasm plugin is named route: there are acl, waf"],
    [
      "other documents only",
      yamlOf({ apiVersion: "v1", kind: "ConfigMap" }),
      undefined,
      "holds no Signpost configuration",
    ],
    ["a Lua extension", yamlOf(trafficExtension({}, { wasm: undefined, lua: {} })), undefined, "holds no Signpost"],
    ["another's WasmPlugin", yamlOf({ ...other, apiVersion: "example.com/v1" }), undefined, "holds no Signpost"],
  ])("cannot be told: %s", async (_, text, name, message) => {
    const { diagnostics } = await check(text, name);
    expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([expect.stringContaining(message)]);
    expect(diagnostics[0]?.severity).toBe("error");
  });
});
