import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everythingTo, explicitHttp, listener } from "../../envoy-local/lib/envoy-config.ts";
import type { Envoy } from "../../envoy-local/lib/envoy.ts";
import { send } from "../../envoy-local/lib/http-client.ts";
import { nodeProgram } from "../../envoy-local/lib/node-program.ts";
import { LOOPBACK, freePort } from "../../envoy-local/lib/ports.ts";
import { FILTER_WASM } from "../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { DiscoveredFilter } from "./support/discovered-filter.ts";
import {
  CELL,
  HOST,
  type Json,
  ROUTING,
  type SetUp,
  WEBDIS,
  configuration,
  examine,
  plugin,
} from "./support/doctor.ts";
import { statsReach } from "./support/stats.ts";

const TYPE = "type.googleapis.com/envoy.";
const FILTERS = `${TYPE}extensions.filters.`;
const MODULES = "modules";
/** Nobody answers there. */
const NOBODY = await freePort();

const scratch = scratchDirectory();
const cell = nodeProgram({ name: "cell-1", directory: scratch, script: "envoy-local/origin/echo.ts" });
const wasm = readFileSync(FILTER_WASM);
const SHA256 = createHash("sha256").update(wasm).digest("hex");
let modules: Server;

beforeAll(async () => {
  modules = createServer((_, response) => response.end(wasm));
  await new Promise<void>((resolve) => modules.listen(0, LOOPBACK, resolve));
  await cell.start();
});

afterAll(async () => {
  modules.close();
  await cell.stop();
  removeDirectory(scratch);
});

function clusters(): SetUp["clusters"] {
  const { port } = modules.address() as AddressInfo;
  return { [WEBDIS]: cell.port, [ROUTING]: cell.port, [CELL]: cell.port, [MODULES]: port };
}

/** The filter with a module that Envoy is to fetch. */
function remote(sha256 = SHA256, cluster = MODULES): Json {
  const http_uri = { uri: "http://modules.local/signpost.wasm", cluster, timeout: "5s" };
  return plugin(configuration(), {}, { code: { remote: { http_uri, sha256 } } });
}

/** What becomes of a request whose client chooses the cell itself. */
async function forged(envoy: Envoy): Promise<{ status: number; cell: string }> {
  const reply = await send({ port: envoy.port, path: "/other", headers: { host: HOST, "x-cell": "forged" } });
  return { status: reply.status, cell: reply.body.includes("forged") ? "forged" : "" };
}

describe("a module at a remote address", () => {
  it("is fetched when a listener starts", async () => {
    const { ids } = await examine({
      clusters: clusters(),
      filters: () => [{ name: "signpost", typed_config: remote() }],
      before: async (envoy) => expect(await forged(envoy)).toEqual({ status: 200, cell: "" }),
    });
    expect(ids).toEqual([]);
  });

  it.each([
    ["has another sha256", () => remote("0".repeat(64)), ["digest-not-ours"]],
    ["cannot be had", () => remote(SHA256, "nobody"), []],
  ])("is not run where it %s: every request gets 503", async (_, typed, others) => {
    const { ids, code } = await examine({
      clusters: { ...clusters(), nobody: NOBODY },
      filters: () => [{ name: "signpost", typed_config: typed() }],
      before: async (envoy) => {
        await statsReach(envoy, { "wasm.remote_load_fetch_failures": 1 });
        expect(await forged(envoy)).toEqual({ status: 503, cell: "" });
      },
    });
    expect(ids).toEqual(["all-requests-failing", ...others, "module-not-running"]);
    expect(code).toBe(1);
  });

  it("is never fetched for a configuration that discovery brings later: requests pass unfiltered", async () => {
    let filter: DiscoveredFilter | undefined;
    const { ids, code } = await examine({
      clusters: clusters(),
      filters: (directory) => {
        filter = new DiscoveredFilter("signpost", `${directory}/ecds.json`);
        filter.send(plugin(configuration()));
        return [filter.httpFilter];
      },
      before: async (envoy) => {
        expect(await forged(envoy)).toEqual({ status: 200, cell: "" });
        filter?.send(remote());
        await statsReach(envoy, {
          "extension_config_discovery.http_filter.signpost.update_success": 2,
          "wasm.wasm_vm_count": 0,
        });
        expect(await forged(envoy)).toEqual({ status: 200, cell: "forged" });
      },
    });
    expect(ids).toEqual(["module-not-running", "module-remote-discovered"]);
    expect(code).toBe(1);
  });
});

/** A filter of any kind whose configuration is discovered from a file. */
function discoveredFrom(directory: string, name: string, typed: Json): Json {
  const filter = new DiscoveredFilter(name, `${directory}/${name}.json`, [String(typed["@type"])]);
  filter.send(typed);
  return filter.httpFilter as Json;
}

describe("a gateway that discovers network and listener filters, too", () => {
  it("is well", async () => {
    const { ids, plugins } = await examine({
      clusters: clusters(),
      filters: (directory) => [discoveredFrom(directory, "signpost", plugin(configuration()))],
      bootstrap: (config, directory) => {
        const resources = config["static_resources"] as { listeners: { filter_chains: { filters: Json[] }[] }[] };
        const network = { "@type": `${FILTERS}network.rbac.v3.RBAC`, stat_prefix: "l4" };
        const tls = { "@type": `${FILTERS}listener.tls_inspector.v3.TlsInspector` };
        for (const each of resources.listeners) {
          each.filter_chains[0]?.filters.unshift(discoveredFrom(directory, "l4", network));
          Object.assign(each, { listener_filters: [discoveredFrom(directory, "tls", tls)] });
        }
        return config;
      },
    });
    expect(ids).toEqual([]);
    expect(plugins).toMatchObject([{ name: "signpost", lookups: ["route"] }]);
  });
});

/** A filter whose configuration nobody sends, and which Envoy waits for without end, as Istio's are. */
const WAITING = {
  name: "signpost",
  config_discovery: {
    type_urls: [`${FILTERS}http.wasm.v3.Wasm`],
    config_source: {
      resource_api_version: "V3",
      initial_fetch_timeout: "0s",
      api_config_source: {
        api_type: "GRPC",
        transport_api_version: "V3",
        grpc_services: [{ envoy_grpc: { cluster_name: "istiod" } }],
      },
    },
  },
};

/** Sends listeners, all of which have these filters. */
function sendListeners(directory: string, version: string, names: readonly string[], filters: readonly object[]): void {
  const resources = names.map((name) => ({
    "@type": `${TYPE}config.listener.v3.Listener`,
    ...listener(name, 0, filters, everythingTo({ route: { cluster: CELL } })),
  }));
  writeFileSync(`${directory}/lds.new`, JSON.stringify({ version_info: version, resources }));
  renameSync(`${directory}/lds.new`, `${directory}/lds.json`);
}

describe("a listener that waits for the module", () => {
  it("is seen to wait, and what serves meanwhile", async () => {
    let directory = "";
    const istiod = explicitHttp(NOBODY, { http2_protocol_options: {} });
    const { ids, findings, code } = await examine({
      clusters: { ...clusters(), istiod: istiod.at },
      cluster: (each) => (each["name"] === "istiod" ? { ...each, ...istiod.settings } : each),
      filters: () => [],
      bootstrap: (config, where) => {
        directory = where;
        sendListeners(directory, "1", ["serving"], []);
        const lds_config = { resource_api_version: "V3", path_config_source: { path: `${directory}/lds.json` } };
        return { ...config, dynamic_resources: { lds_config } };
      },
      before: async (envoy) => {
        await statsReach(envoy, { "listener_manager.total_listeners_active": 2 });
        sendListeners(directory, "2", ["serving", "new"], [WAITING]);
        await statsReach(envoy, { "listener_manager.total_listeners_warming": 2 });
      },
    });
    expect(ids).toEqual(["listener-update-waits", "listener-waits"]);
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      {
        seen: "no configuration for signpost has come: until then nobody listens there",
        where: "listener new, filter signpost",
      },
      {
        seen: "no configuration for signpost has come: until then the version before (1) serves",
        where: "listener serving, filter signpost",
      },
    ]);
  });
});
