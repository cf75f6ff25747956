import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkJson, signpost, temporaryDirectory } from "./support/cli.ts";
import {
  FULL_VALUES,
  ISTIO,
  SHIPPED_VALUES,
  VALUES,
  at,
  changed,
  documentsOf,
  filesBelow,
  find,
  render,
} from "./support/render.ts";

/** Parts of the shipped tree that are written by hand. */
const BY_HAND = /^(?:values\.yaml|(?:sample|node-cache)\/.*)$/;

const FORMS = ["wasmplugin", "trafficextension", "envoyfilter"];

describe("istio/", () => {
  it("is what render writes of its values, byte for byte", async () => {
    const directory = temporaryDirectory();
    const { code, stderr } = await signpost(["render", SHIPPED_VALUES, "--out", directory]);
    expect(code, stderr).toBe(0);
    const shipped = [...filesBelow(ISTIO)].filter(([path]) => !BY_HAND.test(path));
    expect(new Map(shipped)).toEqual(filesBelow(directory));
  });

  it("is YAML for Kubernetes", () => {
    for (const [path, text] of filesBelow(ISTIO)) {
      if (!path.endsWith(".yaml")) continue;
      expect(documentsOf(text).length, path).toBeGreaterThan(0);
    }
  });

  it("is accepted by check", async () => {
    const plugins = [...filesBelow(ISTIO).keys()].filter((path) =>
      /^overlays\/.*\/(?:routing|caching)\.yaml$/.test(path),
    );
    expect(plugins).toHaveLength(6);
    const { files } = await checkJson(plugins.map((path) => join(ISTIO, path)));
    const said = files.flatMap(({ file, diagnostics }) => diagnostics.map((each) => ({ file, ...each })));
    expect(said).toEqual([]);
  });

  it.each(["base", "overlays/wasmplugin", "overlays/trafficextension", "overlays/envoyfilter-node-cache", "sample"])(
    "%s is whole for kustomize: each of its files is named, and each that is named is there",
    (folder) => {
      const files = filesBelow(join(ISTIO, folder));
      const [kustomization] = documentsOf(files.get("kustomization.yaml") ?? "");
      const generated = (at(kustomization, "configMapGenerator") ?? []) as { files: string[] }[];
      const named = [
        ...(at(kustomization, "resources") as string[]).filter((path) => !path.startsWith("../")),
        ...generated.flatMap((map) => map.files.map((file) => file.slice(file.indexOf("=") + 1))),
      ];
      expect([...named, "kustomization.yaml"].sort()).toEqual([...files.keys()]);
      const bases = (at(kustomization, "resources") as string[]).filter((path) => path.startsWith("../"));
      for (const base of bases) expect(existsSync(join(ISTIO, folder, base, "kustomization.yaml")), base).toBe(true);
    },
  );
});

/** The pluginConfig of each role, however the form writes it. */
function pluginConfigs(text: string): Record<string, unknown> {
  const configs: Record<string, unknown> = {};
  for (const document of documentsOf(text)) {
    const name = String(at(document, "metadata.name"));
    const patch = at(document, "spec.configPatches.0.patch.value.typed_config.config.configuration.value");
    const config = at(document, "spec.pluginConfig") ?? at(document, "spec.wasm.pluginConfig");
    if (config !== undefined) configs[name] = config;
    else if (typeof patch === "string") configs[name] = JSON.parse(patch);
  }
  return configs;
}

describe("the configuration", () => {
  it("is the same in every form, each role having its part", async () => {
    const { responseCache, debugHeader } = FULL_VALUES.config;
    const webdis = { ...FULL_VALUES.config.webdis, cluster: "outbound|7379||webdis.edge-cache.svc.cluster.local" };
    const [lookup] = FULL_VALUES.config.lookups;
    const service = { ...lookup?.service, cluster: "outbound|443|v2|routing.example.com" };
    for (const form of FORMS) {
      const { stdout, stderr } = await render(FULL_VALUES, "--form", form);
      expect(pluginConfigs(stdout), `${form} ${stderr}`).toEqual({
        "edge-routing": { webdis, lookups: [{ ...lookup, service }], debugHeader },
        "edge-caching": { webdis, responseCache },
      });
    }
  });

  it("has no caching role without a responseCache, and no routing role without lookups", async () => {
    expect(Object.keys(pluginConfigs((await render(VALUES)).stdout))).toEqual(["signpost-routing"]);
    const cacheOnly = changed(VALUES, { config: { responseCache: { shared: false } }, callouts: undefined });
    expect(pluginConfigs((await render(cacheOnly)).stdout)).toEqual({
      "signpost-caching": { responseCache: { shared: false } },
    });
  });

  it("leaves Webdis out of a cache that is local only", async () => {
    const values = changed(FULL_VALUES, { "config.responseCache": { shared: false } });
    expect(pluginConfigs((await render(values)).stdout)["edge-caching"]).toEqual({ responseCache: { shared: false } });
  });

  it("takes a cluster's name as it is", async () => {
    const cluster = "outbound|8080|blue|routing.example.com";
    const values = changed(VALUES, { "config.lookups.0.service.cluster": cluster, callouts: undefined });
    const { stdout } = await render(values);
    expect(at(pluginConfigs(stdout)["signpost-routing"], "lookups.0.service.cluster")).toBe(cluster);
  });
});

describe("where the module comes from", () => {
  it("is told to WasmPlugin and TrafficExtension alike", async () => {
    const [plugin, extension] = await Promise.all(
      ["wasmplugin", "trafficextension"].map((form) => render(FULL_VALUES, "--form", form)),
    );
    const wasm = at(find(plugin?.documents ?? [], "WasmPlugin", "edge-routing"), "spec") as object;
    const { selector, phase, priority, ...same } = wasm as Record<string, unknown>;
    expect(find(extension?.documents ?? [], "TrafficExtension", "edge-routing")).toMatchObject({
      spec: { selector, phase, priority, wasm: same },
    });
    expect(wasm).toMatchObject({
      selector: { matchLabels: { app: "gateway" } },
      phase: "AUTHN",
      priority: 20,
      url: "oci://registry.example:5000/team/signpost:0.1.0",
      sha256: FULL_VALUES.module.sha256,
      imagePullPolicy: "Always",
      imagePullSecret: "registry",
      failStrategy: "FAIL_CLOSE",
      vmConfig: { env: [{ name: "WEBDIS_PASSWORD", valueFrom: "HOST" }] },
    });
  });

  it("is for the cache after authorization", async () => {
    const { documents } = await render(FULL_VALUES);
    expect(at(find(documents, "WasmPlugin", "edge-caching"), "spec.phase")).toBe("STATS");
  });

  it.each([
    ["an image by its digest alone", { url: `oci://registry.example/signpost@sha256:${"ef".repeat(32)}` }],
    ["a file behind http", { url: "http://127.0.0.1:8000/signpost.wasm", sha256: "ef".repeat(32) }],
    ["a file of the gateway's", { url: `file:///var/lib/signpost/wasm/${"ef".repeat(32)}.wasm` }],
  ])("can be %s", async (_, module) => {
    const { stderr, documents } = await render(changed(VALUES, { module }));
    expect(stderr).toBe("");
    const { url, sha256 } = at(find(documents, "WasmPlugin"), "spec") as { url: string; sha256?: string };
    expect({ url, ...(sha256 === undefined ? {} : { sha256 }) }).toEqual(module);
  });

  it("is for the EnvoyFilter the node cache's file, named after its digest", async () => {
    const { documents } = await render(FULL_VALUES, "--form", "envoyfilter");
    const config = at(
      find(documents, "EnvoyFilter", "edge-routing"),
      "spec.configPatches.0.patch.value.typed_config.config",
    );
    expect(config).toMatchObject({
      failure_policy: "FAIL_CLOSED",
      vm_config: { code: { local: { filename: `/var/lib/edge/${FULL_VALUES.nodeCache.sha256}.wasm` } } },
    });
  });
});

describe("the EnvoyFilter", () => {
  it("puts routing first and caching last, by discovery", async () => {
    const { documents } = await render(FULL_VALUES, "--form", "envoyfilter");
    const patchOf = (name: string): unknown => at(find(documents, "EnvoyFilter", name), "spec.configPatches.1");
    expect(patchOf("edge-routing")).toMatchObject({
      patch: { operation: "INSERT_FIRST", value: { name: "edge-routing" } },
    });
    expect(patchOf("edge-caching")).toMatchObject({
      match: { listener: { filterChain: { filter: { subFilter: { name: "envoy.filters.http.router" } } } } },
      patch: { operation: "INSERT_BEFORE", value: { config_discovery: { config_source: { ads: {} } } } },
    });
  });

  it("switches both off on the routes that are named", async () => {
    const { documents } = await render(FULL_VALUES, "--form", "envoyfilter");
    for (const name of ["edge-routing", "edge-caching"]) {
      expect(at(find(documents, "EnvoyFilter", name), "spec.configPatches.2")).toEqual({
        applyTo: "HTTP_ROUTE",
        match: { context: "GATEWAY", routeConfiguration: { vhost: { route: { name: "health" } } } },
        patch: {
          operation: "MERGE",
          value: {
            typed_per_filter_config: {
              [name]: { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true },
            },
          },
        },
      });
    }
  });
});

describe("callouts", () => {
  it("outside of the mesh get a ServiceEntry, and TLS by their DestinationRule", async () => {
    const { documents } = await render(FULL_VALUES);
    expect(at(find(documents, "ServiceEntry"), "spec")).toMatchObject({
      hosts: ["routing.example.com"],
      resolution: "STATIC",
      ports: [{ number: 443, protocol: "HTTP" }],
      endpoints: [{ address: "192.0.2.10" }, { address: "192.0.2.11" }],
    });
    expect(at(find(documents, "DestinationRule", "edge-routing"), "spec")).toMatchObject({
      subsets: [{ name: "v2", labels: { version: "v2" } }],
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 32, connectTimeout: "250ms" },
          http: { http1MaxPendingRequests: 16, idleTimeout: "4s" },
        },
        tls: { mode: "SIMPLE", sni: "routing.example.com" },
      },
    });
  });

  it("by name are resolved by DNS", async () => {
    const values = changed(FULL_VALUES, { "callouts.routing.external": ["routing.example.com"] });
    expect(at(find((await render(values)).documents, "ServiceEntry"), "spec.resolution")).toBe("DNS");
  });

  it("leave a DestinationRule that is there alone", async () => {
    const { documents } = await render(changed(VALUES, { "callouts.routing.destinationRule": false }));
    expect(find(documents, "DestinationRule")).toBeUndefined();
  });

  it("stay clusters of the gateway where it has only those of its VirtualServices", async () => {
    const { documents } = await render(FULL_VALUES);
    const annotations = at(find(documents, "EnvoyFilter", "edge-callouts"), "metadata.annotations");
    expect(annotations).toEqual({
      "envoyfilter.istio.io/referenced-services": "routing.example.com,webdis.edge-cache.svc.cluster.local",
    });
  });
});
