import { describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import { pluginMessage, stringValue, typedConfig, typedStruct } from "./support/manifests.ts";
import {
  CLUSTERS,
  DIGEST,
  FILTER,
  RBAC,
  SENT,
  type Saved,
  clusterStatuses,
  deliveredPlugin,
  discovered,
  doctor,
  doctorJson,
  gatewayDump,
  gatewayListener,
  pluginConfig,
  statsOf,
} from "./support/dumps.ts";

const ECDS = `http.outbound_0.0.0.0_8080.extension_config_discovery.http_filter.${FILTER}.`;
/** When the last version of the filter was taken. */
const TAKEN = Date.parse(SENT) + 600;
const WELL: Saved = {
  dump: gatewayDump(),
  clusters: clusterStatuses(),
  stats: statsOf({
    [`${ECDS}version_text`]: "9",
    [`${ECDS}update_time`]: TAKEN,
    "http.outbound_0.0.0.0_8080.downstream_rq_5xx": 0,
    [`cluster.${CLUSTERS.webdis};.circuit_breakers.default.cx_open`]: 0,
    "wasmcustom.signpost.lookup.route.answers": 0,
  }),
};

describe("the answers of an Istio gateway that were saved", () => {
  it("are well where nothing is wrong", async () => {
    const examined = await doctorJson(WELL);
    expect(examined.findings).toEqual([]);
    expect(examined.healthy).toBe(true);
    expect(examined.code).toBe(0);
    expect(examined.proxy).toEqual({ node: "router~gw", version: "1.38.2" });
    expect(examined.plugins).toMatchObject([
      { name: FILTER, digest: { sha256: DIGEST, of: "name" }, lookups: ["route"], clusters: [CLUSTERS.webdis] },
    ]);
    expect(examined.unchecked).toEqual(["Webdis and what it lets pass (--webdis)"]);
  });

  it("need not be complete: what was not looked at is told", async () => {
    const { unchecked, code } = await doctorJson({ dump: gatewayDump() });
    expect(code).toBe(0);
    expect(unchecked).toEqual([
      expect.stringContaining("--clusters"),
      expect.stringContaining("--stats"),
      expect.stringContaining("--webdis"),
    ]);
  });

  it("may lack statistics that Istio does not keep: that is told, too", async () => {
    const { unchecked } = await doctorJson({ ...WELL, stats: statsOf({ "wasm.wasm_vm_count": 3 }) });
    expect(unchecked).toEqual([
      "whether Envoy took the configuration (extension_config_discovery): the proxy keeps no such statistics (annotate its pods with sidecar.istio.io/statsInclusionPrefixes: extension_config_discovery)",
      `Envoy's circuit breakers (circuit_breakers): the proxy keeps no such statistics (annotate its pods with sidecar.istio.io/statsInclusionPrefixes: cluster.${CLUSTERS.webdis})`,
      "how many requests were answered with 5xx (downstream_rq_5xx): the proxy keeps no such statistics (annotate its pods with sidecar.istio.io/statsInclusionSuffixes: downstream_rq_5xx,downstream_rq_completed)",
      "the filter's metrics (wasmcustom.signpost): the proxy keeps no such statistics",
      "Webdis and what it lets pass (--webdis)",
    ]);
  });

  it("may be statistics as text", async () => {
    const text = `a.version_text: "7"\nwasm.wasm_vm_count: 3\nlatency: P0(nan,1.0) P25(nan,1.025)\nother: No recorded values\n`;
    const stats = `${text}wasmcustom.signpost.writes.dropped.full: 4\n`;
    const { findings } = await doctorJson({ ...WELL, stats });
    expect(findings).toMatchObject([{ id: "writes-dropped", seen: "full 4 since Envoy started", severity: "warning" }]);
  });

  it.each([
    ["edge", "extensions.istio.io/wasmplugin/istio-system.edge"],
    ["edge", "extensions.istio.io/trafficextension/istio-system.edge~istio-translated-wasmplugin"],
  ])("are missing by the name that is given: %s, %s", async (name, filter) => {
    const dump = gatewayDump({
      listeners: [gatewayListener("0.0.0.0_8080", [discovered(filter), RBAC])],
      extensions: {},
    });
    expect((await doctorJson({ dump })).ids).toEqual(["module-not-loaded"]);
    expect((await doctorJson({ dump }, ["--name", name])).ids).toEqual(["module-not-delivered"]);
  });

  it("are examined by the name that is given", async () => {
    const named = gatewayDump({
      listeners: [
        gatewayListener("0.0.0.0_8080", [discovered("extensions.istio.io/wasmplugin/istio-system.edge"), RBAC]),
      ],
      extensions: {
        "extensions.istio.io/wasmplugin/istio-system.edge": {
          typed: deliveredPlugin({}, { name: "edge", root_id: "edge" }),
        },
      },
    });
    expect((await doctorJson({ dump: named })).ids).toEqual(["module-not-loaded"]);
    expect((await doctorJson({ dump: named }, ["--name", "edge"])).ids).toEqual(["config-empty"]);
  });
});

/** With delta xDS, as Istio's agent speaks it, a dump has no versions. */
const DELTA = gatewayDump({ extensions: { [FILTER]: { version: null, typed: deliveredPlugin() } } });
const REJECTED = { [`${ECDS}update_rejected`]: 1, [`${ECDS}version_text`]: "2026-11-26T12:39:33Z/3" };

const EDGE = "extensions.istio.io/wasmplugin/istio-system.edge";
/** What Istio's agent (1.31) puts in the place of a module that it could not get. */
const STAND_IN = {
  "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
  rules: {},
  rules_stat_prefix: "wasm-default-deny",
};

const wasm = (filename: string): object => ({ runtime: "envoy.wasm.runtime.v8", code: { local: { filename } } });

const CASES: { name: string; saved: Saved; finds: FindingId[]; seen: string; args?: string[] }[] = [
  {
    name: "a listener that was rejected",
    saved: {
      dump: gatewayDump({
        listeners: [
          gatewayListener("0.0.0.0_8080", [discovered(), RBAC], "http.8080", {
            error_state: { details: "Unable to create Wasm plugin signpost" },
          }),
        ],
      }),
    },
    finds: ["listener-rejected"],
    seen: "Unable to create Wasm plugin signpost (the version before serves, and a restart would leave none)",
  },
  {
    name: "a conflict of names",
    saved: { ...WELL, stats: statsOf({ [`${ECDS}config_conflict`]: 1, [`${ECDS}version_text`]: "9" }) },
    finds: ["config-conflict"],
    seen: "config_conflict is 1",
  },
  {
    name: "an update that was rejected once and is no more",
    saved: { dump: DELTA, stats: statsOf({ ...REJECTED, [`${ECDS}update_time`]: TAKEN }) },
    finds: [],
    seen: "",
  },
  {
    name: "an update that was rejected, where the dump has no versions",
    saved: { dump: DELTA, stats: statsOf({ ...REJECTED, [`${ECDS}update_time`]: TAKEN - 1000 }) },
    finds: ["config-rejected"],
    seen: `Envoy rejected what it was sent at ${SENT}; version 2026-11-26T12:39:33Z/3 serves; after a restart there would be none`,
  },
  {
    name: "a first update that was rejected",
    saved: {
      ...WELL,
      stats: statsOf({ [`${ECDS}update_rejected`]: 1, [`${ECDS}version_text`]: "", [`${ECDS}update_time`]: 0 }),
    },
    finds: ["config-rejected"],
    seen: "Envoy rejected version 9; there is none from before, and every request gets 500",
  },
  {
    name: "an update that is being loaded",
    saved: { ...WELL, stats: statsOf({ [`${ECDS}update_rejected`]: 0, [`${ECDS}update_time`]: 0 }) },
    finds: [],
    seen: "",
  },
  {
    name: "a module that the agent could not get, whatever the plugin is called",
    saved: {
      dump: gatewayDump({
        listeners: [gatewayListener("0.0.0.0_8080", [discovered(EDGE), RBAC])],
        extensions: { [EDGE]: { typed: STAND_IN } },
      }),
    },
    finds: ["module-denied"],
    seen: `in the place of ${EDGE} is an RBAC filter that refuses everything`,
  },
  {
    name: "another plugin's missing module, which is no authorization before the lookups",
    saved: {
      dump: gatewayDump({
        listeners: [gatewayListener("0.0.0.0_8080", [discovered(EDGE), discovered()])],
        extensions: { [EDGE]: { typed: STAND_IN }, [FILTER]: { typed: deliveredPlugin() } },
      }),
    },
    finds: [],
    seen: "",
  },
  {
    name: "a listener where the module is missing, which is not one without the filter",
    saved: {
      dump: gatewayDump({
        listeners: [
          gatewayListener("0.0.0.0_8080", [discovered()]),
          gatewayListener("0.0.0.0_8443", [discovered("signpost-2")]),
        ],
        extensions: { [FILTER]: { typed: deliveredPlugin() }, "signpost-2": { typed: STAND_IN } },
      }),
    },
    finds: ["module-denied"],
    seen: "in the place of signpost-2",
  },
  {
    name: "a configuration in a TypedStruct, wrong",
    saved: {
      dump: gatewayDump({
        extensions: { [FILTER]: { typed: typedStruct(pluginMessage(stringValue('{"lookups": 5}'))) } },
      }),
    },
    finds: ["config-refused"],
    seen: "lookups: 5 is not an array",
  },
  {
    name: "a configuration that the module warns of",
    saved: {
      dump: gatewayDump({
        extensions: {
          [FILTER]: {
            typed: deliveredPlugin({
              lookups: [
                {
                  name: "route",
                  key: "route:{host}",
                  service: { cluster: CLUSTERS.cell, path: "/routes?path={path}" },
                },
              ],
            }),
          },
        },
      }),
    },
    finds: ["config-warned"],
    seen: "lookups[0].service.path: {path} is not in the key: the answer to one request is kept for others",
  },
  {
    name: "a cluster that waits for endpoints",
    saved: { dump: gatewayDump({ clusters: [CLUSTERS.cell], warming: [CLUSTERS.webdis] }) },
    finds: ["cluster-warming"],
    seen: `${CLUSTERS.webdis} is warming`,
  },
  {
    name: "Istio's statistics of a cluster, by the name they have there",
    saved: { ...WELL, stats: statsOf({ [`cluster.${CLUSTERS.webdis};.upstream_rq_pending_overflow`]: 2 }) },
    finds: ["circuit-breaker-tripped"],
    seen: `${CLUSTERS.webdis}: upstream_rq_pending_overflow 2 since Envoy started`,
  },
  {
    name: "two modules",
    saved: {
      dump: gatewayDump({
        listeners: [gatewayListener("0.0.0.0_8080", [discovered(), RBAC, discovered("signpost-2")])],
        extensions: {
          [FILTER]: { typed: deliveredPlugin() },
          "signpost-2": {
            typed: deliveredPlugin({ responseCache: {} }, { vm_config: wasm(`/cache/${"6".repeat(64)}.wasm`) }),
          },
        },
      }),
    },
    finds: ["modules-differ"],
    seen: `${FILTER}: sha256:${DIGEST}; signpost-2: sha256:${"6".repeat(64)}`,
  },
  {
    name: "a digest that cannot be told",
    saved: {
      dump: gatewayDump({
        extensions: { [FILTER]: { typed: deliveredPlugin(pluginConfig(), { vm_config: wasm("/etc/signpost.wasm") }) } },
      }),
    },
    args: ["--digest", DIGEST],
    finds: ["digest-unknown"],
    seen: `the module is /etc/signpost.wasm, expected is sha256:${DIGEST}`,
  },
  {
    name: "a listener without the filter",
    saved: {
      dump: gatewayDump({
        listeners: [gatewayListener("0.0.0.0_8080", [discovered()]), gatewayListener("0.0.0.0_8443", [RBAC])],
      }),
    },
    finds: ["chain-without-filter"],
    seen: "listener 0.0.0.0_8443 has no Signpost filter",
  },
  {
    name: "routes that have not come",
    saved: { dump: gatewayDump({ listeners: [gatewayListener("0.0.0.0_8080", [discovered()], "https.443")] }) },
    finds: ["routes-missing"],
    seen: "the route configuration https.443 has no virtual host with routes",
  },
  {
    name: "routes that only requests bring (VHDS)",
    saved: { dump: gatewayDump({ routeConfig: { name: "http.8080", vhds: { config_source: {} } } }) },
    finds: [],
    seen: "",
  },
  {
    name: "a VM that does not come back",
    saved: { ...WELL, stats: statsOf({ "wasm.signpost.vm_reload_failure": 2 }) },
    finds: ["module-restart-failed"],
    seen: "the VM failed to start 2 times",
  },
];

describe("saved answers tell of", () => {
  it.each(CASES)("$name", async ({ saved, finds, seen, args = [] }) => {
    const examined = await doctorJson(saved, args);
    expect(examined.ids).toEqual(finds);
    expect(examined.findings[0]?.seen ?? "").toContain(seen);
  });

  it("the digest that was expected", async () => {
    expect((await doctorJson(WELL, ["--digest", `SHA256:${DIGEST}`])).ids).toEqual([]);
  });

  it("nothing secret", async () => {
    const secret = "hunter2-is-secret";
    const webdis = { cluster: CLUSTERS.webdis, username: "signpost", password: secret };
    // The password in the place of the cluster's name, as a slip of the hand has it.
    const typed = deliveredPlugin(pluginConfig({ webdis: { ...webdis, cluster: secret } }));
    const { stdout } = await doctor({ dump: gatewayDump({ extensions: { [FILTER]: { typed } } }) });
    expect(stdout).toContain("cluster-missing: there is no cluster ***");
    expect(stdout).not.toContain(secret);
  });
});

describe("the report for people", () => {
  it("has the plugin, a paragraph per finding, what was not looked at, and a verdict", async () => {
    const typed = typedConfig(
      pluginMessage(stringValue(JSON.stringify(pluginConfig())), { failure_policy: undefined }),
    );
    const { stdout, code } = await doctor({ dump: gatewayDump({ extensions: { [FILTER]: { typed } } }) });
    expect(code).toBe(0);
    expect(stdout).toBe(`envoy 1.38.2 (router~gw)
plugin ${FILTER}
  in        listener 0.0.0.0_8080, filter ${FILTER}
  module    /etc/envoy/signpost.wasm
  digest    unknown
  failure   FAIL_CLOSED
  does      lookup route
  calls     ${CLUSTERS.webdis}

warning: fail-closed: failure policy FAIL_CLOSED
  where     listener 0.0.0.0_8080, filter ${FILTER}
  remedy    Set failStrategy: FAIL_RELOAD (in an EnvoyFilter failure_policy: FAIL_RELOAD).

not looked at: endpoints and their health (--clusters)
not looked at: statistics: rejected updates, breakers, errors (--stats)
not looked at: Webdis and what it lets pass (--webdis)
well, 1 warning
`);
  });

  it("shows what is the same in two listeners once", async () => {
    const listeners = ["8080", "8443"].map((port) => gatewayListener(`0.0.0.0_${port}`, [RBAC, discovered()]));
    const { findings } = await doctorJson({ dump: gatewayDump({ listeners }) });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.where).toBe(`listener 0.0.0.0_8080, filter ${FILTER}; listener 0.0.0.0_8443, filter ${FILTER}`);
  });
});
