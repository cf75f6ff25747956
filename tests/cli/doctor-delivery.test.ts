import { describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import type { Fields } from "./support/manifests.ts";
import {
  DIGEST,
  FILTER,
  RBAC,
  SENT,
  type Saved,
  deliveredPlugin,
  discovered,
  doctorJson,
  gatewayDump,
  gatewayListener,
  pluginConfig,
  remoteModule,
  section,
  statsOf,
  warmingListener,
} from "./support/dumps.ts";

const TYPE = "type.googleapis.com/envoy";
const ECDS = `extension_config_discovery.http_filter.${FILTER}.`;
const LISTENER = "0.0.0.0_8080";

interface Case {
  name: string;
  saved: Saved;
  finds: FindingId[];
  seen?: string;
}

/** A section of extension config discovery for filters of another kind. */
function ecdsOf(name: string, type: string): Fields {
  const ecds_filter = {
    "@type": `${TYPE}.config.core.v3.TypedExtensionConfig`,
    name,
    typed_config: { "@type": `${TYPE}.extensions.filters.${type}` },
  };
  return section("EcdsConfigDump", { ecds_filters: [{ version_info: "1", last_updated: SENT, ecds_filter }] });
}

const NETWORK = "network.rbac.v3.RBAC";

const SECTIONS: Case[] = [
  {
    name: "network and listener filters that are discovered, too",
    saved: {
      dump: gatewayDump({ more: [ecdsOf("l4", NETWORK), ecdsOf("tls", "listener.tls_inspector.v3.TlsInspector")] }),
    },
    finds: [],
  },
  {
    name: "a network filter that goes by the same name",
    saved: { dump: gatewayDump({ more: [ecdsOf(FILTER, NETWORK)] }) },
    finds: [],
  },
  {
    name: "the filter's own configuration in the first of them",
    saved: {
      dump: {
        configs: (gatewayDump({ more: [ecdsOf("l4", NETWORK)] })["configs"] as Fields[]).reverse(),
      },
    },
    finds: [],
  },
  {
    name: "listeners, of which the second ones have the filter",
    saved: {
      dump: gatewayDump({
        listeners: [],
        more: [
          section("ListenersConfigDump", { dynamic_listeners: [gatewayListener(LISTENER, [discovered(), RBAC])] }),
        ],
      }),
    },
    finds: [],
  },
];

describe("a dump with several sections of one type is read whole:", () => {
  it.each(SECTIONS)("$name", async ({ saved, finds }) => {
    expect((await doctorJson(saved)).ids).toEqual(finds);
  });
});

const NONE = {};
const WARMING: Case[] = [
  {
    name: "it waits for this plugin, and nobody listens meanwhile",
    saved: { dump: gatewayDump({ listeners: [warmingListener(LISTENER, [discovered()])], extensions: NONE }) },
    finds: ["listener-waits"],
    seen: `no configuration for ${FILTER} has come: until then nobody listens there`,
  },
  {
    name: "it waits for this plugin, and the version before serves without it",
    saved: {
      dump: gatewayDump({
        listeners: [warmingListener(LISTENER, [discovered()], gatewayListener(LISTENER, [RBAC]))],
        extensions: NONE,
      }),
    },
    finds: ["listener-update-waits"],
    seen: `no configuration for ${FILTER} has come: until then the version before (9) serves`,
  },
  {
    name: "it waits for a plugin that another name has",
    saved: {
      dump: gatewayDump({
        listeners: [warmingListener(LISTENER, [discovered("extensions.istio.io/wasmplugin/istio-system.edge")])],
        extensions: NONE,
      }),
    },
    finds: ["listener-waits"],
    seen: "no configuration for extensions.istio.io/wasmplugin/istio-system.edge has come",
  },
  {
    name: "it waits for another plugin, and this one is there",
    saved: {
      dump: gatewayDump({ listeners: [warmingListener(LISTENER, [discovered("edge"), discovered()])] }),
    },
    finds: ["listener-waits"],
    seen: `listener ${LISTENER}: it waits for the configuration of edge: until then nobody listens there`,
  },
  {
    name: "it waits for its routes, and the version before has the filter",
    saved: {
      dump: gatewayDump({
        listeners: [
          warmingListener(LISTENER, [discovered(), discovered("edge")], gatewayListener(LISTENER, [discovered()])),
        ],
      }),
    },
    finds: ["listener-update-waits"],
    seen: "it waits for the configuration of edge: until then the version before (9) serves",
  },
];

describe("a listener that is warming is told from one without the filter:", () => {
  it.each(WARMING)("$name", async ({ saved, finds, seen }) => {
    const { ids, findings } = await doctorJson(saved);
    expect(ids).toEqual(finds);
    expect(findings[0]?.seen).toContain(seen);
  });

  it("what is wrong with the configuration that is there is said, too", async () => {
    const extensions = { [FILTER]: { typed: deliveredPlugin({ lookups: 5 }) } };
    const listeners = [warmingListener(LISTENER, [discovered(), discovered("edge")])];
    const { ids } = await doctorJson({ dump: gatewayDump({ listeners, extensions }) });
    expect(ids).toEqual(["config-refused", "listener-waits"]);
  });
});

const REMOTE = gatewayDump({
  listeners: [
    gatewayListener(LISTENER, [{ name: "signpost", typed_config: deliveredPlugin(pluginConfig(), remoteModule()) }]),
  ],
});
const LATE = gatewayDump({ extensions: { [FILTER]: { typed: deliveredPlugin(pluginConfig(), remoteModule()) } } });
const RUNNING = { "wasm.envoy.wasm.runtime.v8.active": 3, "wasm.envoy.wasm.runtime.v8.created": 4 };
const OURS = { "wasmcustom.signpost.lookup.route.answers": 0 };
const FETCHED = { "wasm.remote_load_fetch_failures": 0, "wasm.remote_load_cache_misses": 1 };
const UNFETCHED = { ...FETCHED, "wasm.remote_load_fetch_failures": 1 };

const MODULES: Case[] = [
  { name: "a VM has it", saved: { dump: REMOTE, stats: statsOf({ ...RUNNING, ...FETCHED, ...OURS }) }, finds: [] },
  {
    name: "it could not be fetched",
    saved: { dump: REMOTE, stats: statsOf(UNFETCHED) },
    finds: ["module-not-running"],
    seen: "no Wasm VM runs (wasm.….active is 0); wasm.remote_load_fetch_failures is 1",
  },
  {
    name: "other plugins' VMs run, and none has it",
    saved: { dump: REMOTE, stats: statsOf({ ...RUNNING, ...UNFETCHED, "wasmcustom.other.requests": 5 }) },
    finds: ["module-not-running"],
    seen: "the module at http://modules.example.com/signpost.wasm runs in no VM: there are none of its metrics",
  },
  {
    name: "discovery brought it after the start",
    saved: { dump: LATE, stats: statsOf({ "wasm.wasm_vm_count": 0, "wasm.signpost.vm_reload": 0 }) },
    finds: ["module-not-running", "module-remote-discovered"],
    seen: "no Wasm VM runs",
  },
  {
    name: "discovery brought it, and statistics were not given",
    saved: { dump: LATE },
    finds: ["module-remote-discovered"],
    seen: `the module of ${FILTER} is at http://modules.example.com/signpost.wasm`,
  },
  {
    name: "the proxy does not keep such statistics",
    saved: { dump: REMOTE, stats: statsOf({ "http.outbound_0.0.0.0_8080.downstream_rq_5xx": 0 }) },
    finds: [],
  },
];

describe("a module at a remote address:", () => {
  it.each(MODULES)("$name", async ({ saved, finds, seen }) => {
    const { ids, findings, code } = await doctorJson(saved, ["--digest", DIGEST]);
    expect(ids).toEqual(finds);
    if (seen !== undefined) expect(findings[0]?.seen).toContain(seen);
    expect(code).toBe(finds.includes("module-not-running") ? 1 : 0);
  });

  it("that a VM lacks is told of a file, too", async () => {
    const { ids } = await doctorJson({ dump: gatewayDump(), stats: statsOf({ "wasm.wasm_vm_count": 0 }) });
    expect(ids).toEqual(["module-not-running"]);
  });
});

const REJECTED = { [`${ECDS}update_rejected`]: 1 };

describe("a configuration that Envoy rejected:", () => {
  it("what serves is told where versions have no names", async () => {
    const stats = statsOf({
      ...REJECTED,
      [`${ECDS}version_text`]: "",
      [`${ECDS}update_time`]: Date.parse(SENT) - 1000,
    });
    const { findings } = await doctorJson({ dump: gatewayDump(), stats });
    expect(findings).toMatchObject([
      {
        id: "config-rejected",
        seen: "Envoy rejected version 9; the one of 2026-11-26T12:39:33.872Z serves; after a restart there would be none, and every request would get 500",
      },
    ]);
  });

  it("the listener's default serves where there is one", async () => {
    const filter = discovered();
    const config_discovery = { ...(filter["config_discovery"] as Fields), default_config: deliveredPlugin() };
    const dump = gatewayDump({ listeners: [gatewayListener(LISTENER, [{ ...filter, config_discovery }])] });
    const { findings } = await doctorJson({ dump, stats: statsOf({ ...REJECTED, [`${ECDS}update_time`]: 0 }) });
    expect(findings[0]?.seen).toBe("Envoy rejected version 9; the listener's default_config serves");
  });

  it("a variable that only the proxy's environment has is named where nothing else is wrong", async () => {
    const webdis = {
      cluster: "outbound|7379||webdis.signpost.svc.cluster.local",
      username: "u",
      passwordEnv: "WEBDIS",
    };
    const vm_config = {
      code: { local: { filename: `/${DIGEST}.wasm` } },
      environment_variables: { host_env_keys: ["WEBDIS"] },
    };
    const typed = deliveredPlugin(pluginConfig({ webdis }), { vm_config });
    const stats = statsOf({ ...REJECTED, [`${ECDS}update_time`]: 0 });
    const { ids } = await doctorJson({ dump: gatewayDump({ extensions: { [FILTER]: { typed } } }), stats });
    expect(ids).toEqual(["config-rejected", "password-variable-unset"]);
  });
});
