import { describe, expect, it } from "vitest";
import { digestOfFile } from "../../deploy/module.ts";
import { wantedPlugins } from "../../deploy/plugins.ts";
import { proxiesByAdmin } from "../../deploy/proxies.ts";
import { allRun, describeStates, proxyStates, waitForProxies } from "../../deploy/rollout.ts";
import { differencesFrom, discoveredFilters, stillRunning } from "../../deploy/running.ts";
import { FILTER_WASM } from "../../envoy-local/lib/project.ts";
import { useEcdsEnvoy } from "./support/ecds-envoy.ts";

const CONFIG = { lookups: [{ name: "route", key: "route:{host}", service: { cluster: "routing", path: "/routes" } }] };
const SHA256 = digestOfFile(FILTER_WASM);
const DIGESTS = { fetched: "f".repeat(64), file: SHA256 };
const LIMIT = 120_000;

/** The plugin of a WasmPlugin with this configuration. */
function plugins(pluginConfig: object) {
  return wantedPlugins([
    {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "WasmPlugin",
      metadata: { name: "signpost-routing", namespace: "istio-system" },
      spec: { selector: { matchLabels: { istio: "ingressgateway" } }, pluginConfig },
    },
  ]);
}

const envoy = useEcdsEnvoy("extensions.istio.io/wasmplugin/istio-system.signpost-routing", CONFIG);

async function differences(pluginConfig: object, digests = DIGESTS): Promise<string> {
  const states = await proxyStates(proxiesByAdmin([envoy.admin]), { plugins: plugins(pluginConfig), digests });
  return describeStates(states);
}

describe("a real Envoy", () => {
  it("is seen to run the module and the configuration it has", async () => {
    expect(await differences(CONFIG)).toBe(`  ${envoy.admin}: runs it`);
  });

  it("is not taken for one that runs another module", async () => {
    expect(await differences(CONFIG, { ...DIGESTS, file: "a".repeat(64) })).toContain(
      `istio-system.signpost-routing: runs ${SHA256}`,
    );
  });

  it("is not taken for one that runs another configuration, until it does", async () => {
    const next = { ...CONFIG, debugHeader: "x-signpost" };
    expect(await differences(next)).toContain("runs with another configuration");
    const target = { plugins: plugins(next), digests: DIGESTS };
    const waiting = waitForProxies(proxiesByAdmin([envoy.admin]), target, LIMIT);
    envoy.giveModule(envoy.keepModule(), next);
    expect(allRun(await waiting)).toBe(true);
  });

  it("is seen to refuse a configuration, which its dump shows nevertheless", async () => {
    const bad = { ...CONFIG, nonsense: 1 };
    envoy.giveModule(envoy.keepModule(), bad);
    await expect.poll(() => differences(bad), { timeout: LIMIT }).toContain("refused by Envoy");
    const states = await waitForProxies(
      proxiesByAdmin([envoy.admin]),
      { plugins: plugins(bad), digests: DIGESTS },
      1500,
    );
    expect(allRun(states)).toBe(false);
    envoy.giveModule(envoy.keepModule(), CONFIG);
    await expect.poll(() => differences(CONFIG), { timeout: LIMIT }).toContain("runs it");
  });

  it("is seen to have what the agent puts in the place of a module it could not fetch", async () => {
    envoy.giveDenial();
    await expect
      .poll(() => differences(CONFIG), { timeout: LIMIT })
      .toContain("RBAC stands in for it: the agent could not");
  });

  it("that does not answer does not run it, and neither does none at all", async () => {
    const target = { plugins: plugins(CONFIG), digests: DIGESTS };
    const silent = await proxyStates(proxiesByAdmin(["http://127.0.0.1:9"]), target);
    expect(describeStates(silent)).toContain("http://127.0.0.1:9/config_dump does not answer");
    expect(allRun([])).toBe(false);
  });
});

describe("what a proxy runs", () => {
  it.each([
    "extensions.istio.io/wasmplugin/istio-system.signpost-routing",
    "extensions.istio.io/trafficextension/istio-system.signpost-routing~istio-translated-wasmplugin",
  ])("is found under Istio's name %s", (name) => {
    const filter = {
      name,
      type: "envoy.extensions.filters.http.wasm.v3.Wasm",
      configuration: CONFIG,
      isRefused: false,
    };
    expect(
      differencesFrom(plugins(CONFIG), DIGESTS, [{ ...filter, file: `/var/lib/istio/data/x/${SHA256}.wasm` }]),
    ).toEqual([]);
  });

  it("is known by the digest of the image's manifest, which the agent may name the file after", () => {
    const name = "extensions.istio.io/wasmplugin/istio-system.signpost-routing";
    const filter = {
      name,
      type: "envoy.extensions.filters.http.wasm.v3.Wasm",
      configuration: CONFIG,
      isRefused: false,
    };
    const running = (digest: string) => [{ ...filter, file: `/var/lib/istio/data/x/${digest}.wasm` }];
    expect(differencesFrom(plugins(CONFIG), DIGESTS, running(DIGESTS.fetched))).toEqual([]);
    expect(differencesFrom(plugins(CONFIG), DIGESTS, running("b".repeat(64)))).not.toEqual([]);
  });

  it("is not said to be certain where statistics do not tell", () => {
    const state = { proxy: "pod a", differences: [], isCertain: false };
    expect(describeStates([state])).toContain("sidecar.istio.io/statsInclusionPrefixes: extension_config_discovery");
  });

  it("is not taken from a plugin whose name only ends alike", () => {
    const name = "extensions.istio.io/wasmplugin/other-istio-system.signpost-routing";
    const filter = { name, type: "", file: undefined, configuration: undefined, isRefused: false };
    expect(differencesFrom(plugins(CONFIG), DIGESTS, [filter])).toEqual(["istio-system.signpost-routing: not there"]);
  });

  it("is not read from what is no dump", () => {
    expect(() => discoveredFilters("{}", "")).toThrow("it is no config_dump");
  });
});

describe("the plugins of manifests", () => {
  it("are those of TrafficExtensions and EnvoyFilters, too", () => {
    const metadata = { name: "signpost-routing", namespace: "edge" };
    const selector = { istio: "edge" };
    const wanted = wantedPlugins([
      {
        apiVersion: "extensions.istio.io/v1alpha1",
        kind: "TrafficExtension",
        metadata,
        spec: { selector: { matchLabels: selector }, wasm: { pluginConfig: CONFIG } },
      },
      {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata,
        spec: {
          workloadSelector: { labels: selector },
          configPatches: [
            {
              applyTo: "EXTENSION_CONFIG",
              patch: {
                value: {
                  name: "signpost-routing",
                  typed_config: { config: { configuration: { value: JSON.stringify(CONFIG) } } },
                },
              },
            },
            { applyTo: "HTTP_FILTER", patch: { value: { name: "signpost-routing" } } },
          ],
        },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata },
    ]);
    expect(wanted).toEqual([
      {
        kind: "TrafficExtension",
        filter: "edge.signpost-routing",
        namespace: "edge",
        labels: selector,
        configuration: CONFIG,
      },
      { kind: "EnvoyFilter", filter: "signpost-routing", namespace: "edge", labels: selector, configuration: CONFIG },
    ]);
  });
});

describe("the name of a filter", () => {
  const object = (kind: string) => {
    const metadata = { name: "signpost-routing", namespace: "istio-system" };
    const wasm = { pluginConfig: CONFIG };
    const value = {
      name: "signpost-routing",
      typed_config: { config: { configuration: { value: JSON.stringify(CONFIG) } } },
    };
    const specs: Record<string, object> = {
      WasmPlugin: wasm,
      TrafficExtension: { wasm },
      EnvoyFilter: { configPatches: [{ applyTo: "EXTENSION_CONFIG", patch: { value } }] },
    };
    return wantedPlugins([{ apiVersion: "v1", kind, metadata, spec: specs[kind] }]);
  };
  const BY_KIND = {
    WasmPlugin: [
      "extensions.istio.io/wasmplugin/istio-system.signpost-routing",
      "extensions.istio.io/trafficextension/istio-system.signpost-routing~istio-translated-wasmplugin",
    ],
    TrafficExtension: ["extensions.istio.io/trafficextension/istio-system.signpost-routing"],
    EnvoyFilter: ["signpost-routing"],
  };
  const ALL = Object.values(BY_KIND).flat();

  it.each(Object.entries(BY_KIND))("tells a %s from the same plugin in another form", (kind, names) => {
    const [wanted] = [object(kind)];
    for (const name of ALL) {
      const filter = { name, type: "envoy.extensions.filters.http.wasm.v3.Wasm", file: `/${SHA256}.wasm` };
      const found = [{ ...filter, configuration: CONFIG, isRefused: false }];
      const isIts = names.includes(name);
      expect(differencesFrom(wanted, DIGESTS, found), name).toHaveLength(isIts ? 0 : 1);
      expect(stillRunning(wanted, found), name).toHaveLength(isIts ? 1 : 0);
    }
  });
});
