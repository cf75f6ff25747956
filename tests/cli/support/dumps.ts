import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FindingId } from "../../../cli/src/doctor/catalogue/index.ts";
import type { Diagnosis } from "../../../cli/src/doctor/diagnosis.ts";
import { type Outcome, type RunOptions, signpost, temporaryDirectory } from "./cli.ts";
import { type Fields, pluginMessage, stringValue, typedConfig } from "./manifests.ts";

const TYPE = "type.googleapis.com/";
const ADMIN = `${TYPE}envoy.admin.v3.`;
const HTTP = `${TYPE}envoy.extensions.filters.http`;

/** What istiod calls the filter of the WasmPlugin istio-system/signpost. */
export const FILTER = "extensions.istio.io/wasmplugin/istio-system.signpost";

export const CLUSTERS = {
  webdis: "outbound|7379||webdis.signpost.svc.cluster.local",
  cell: "outbound|80||cell-1.default.svc.cluster.local",
};

/** A digest, as Istio's agent calls the files it has fetched. */
export const DIGEST = "5".repeat(64);

/** When the last version of every discovered filter came. */
export const SENT = "2026-11-26T12:39:34.872Z";

/** A configuration with nothing to complain about; `sections` replace parts of it. */
export function pluginConfig(sections: Fields = {}): Fields {
  return {
    webdis: { cluster: CLUSTERS.webdis },
    lookups: [{ name: "route", match: { hosts: ["shop.example.com"] }, key: "route:{host}" }],
    ...sections,
  };
}

/** A Wasm filter as Istio's agent hands it to Envoy; `fields` replace those of its `PluginConfig`. */
export function deliveredPlugin(config: unknown = pluginConfig(), fields: Fields = {}): Fields {
  const vm = {
    vm_id: "signpost",
    runtime: "envoy.wasm.runtime.v8",
    code: { local: { filename: `/var/lib/istio/data/6a1f/${DIGEST}.wasm` } },
  };
  return typedConfig(pluginMessage(stringValue(JSON.stringify(config)), { vm_config: vm, ...fields }));
}

/** A filter's module at a remote address, which Envoy fetches itself. */
export function remoteModule(uri = "http://modules.example.com/signpost.wasm"): Fields {
  const remote = { http_uri: { uri, cluster: CLUSTERS.cell, timeout: "5s" }, sha256: DIGEST };
  return { vm_config: { vm_id: "signpost", runtime: "envoy.wasm.runtime.v8", code: { remote } } };
}

/** A filter whose configuration is discovered. */
export function discovered(name = FILTER): Fields {
  return {
    name,
    config_discovery: {
      config_source: { ads: {}, resource_api_version: "V3" },
      type_urls: [`${HTTP}.wasm.v3.Wasm`, `${HTTP}.rbac.v3.RBAC`],
    },
  };
}

export const RBAC: Fields = {
  name: "envoy.filters.http.rbac",
  typed_config: { "@type": `${HTTP}.rbac.v3.RBAC`, rules: { policies: {} } },
};

/** An entry of `dynamic_listeners` for one chain of HTTP filters, whose routes are discovered. */
export function gatewayListener(name: string, filters: readonly Fields[], routes = "http.8080", fields = {}): Fields {
  const manager = {
    "@type": `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: `outbound_${name}`,
    rds: { config_source: { ads: {} }, route_config_name: routes },
    http_filters: [...filters, { name: "envoy.filters.http.router" }],
  };
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  const listener = { name, filter_chains: [{ filters: [filter] }] };
  return { name, active_state: { version_info: "9", listener }, ...fields };
}

/** The same while that version waits for something; `served` is the entry of the one that serves meanwhile, if one does. */
export function warmingListener(name: string, filters: readonly Fields[], served?: Fields): Fields {
  const { active_state: state } = gatewayListener(name, filters);
  return { name, warming_state: state, ...(served === undefined ? {} : { active_state: served["active_state"] }) };
}

/** The parts of a gateway's config_dump; what is not given is as it should be. */
export interface DumpParts {
  listeners?: readonly Fields[];
  /** Configuration of discovered filters, and its version; null: none, as with delta xDS. */
  extensions?: Readonly<Record<string, { version?: string | null; typed: Fields }>>;
  clusters?: readonly string[];
  warming?: readonly string[];
  domains?: readonly string[];
  routeConfig?: Fields;
  /** Further sections, as Envoy writes several of one type. */
  more?: readonly Fields[];
}

/** What a gateway answers to /config_dump, as far as it matters. */
export function gatewayDump(parts: DumpParts = {}): Fields {
  const listeners = parts.listeners ?? [gatewayListener("0.0.0.0_8080", [discovered(), RBAC])];
  const extensions = parts.extensions ?? { [FILTER]: { typed: deliveredPlugin() } };
  const routes = [{ match: { prefix: "/" }, route: { cluster: CLUSTERS.cell } }];
  const hosts = [{ name: "shop", domains: parts.domains ?? ["shop.example.com"], routes }];
  const routeConfig = parts.routeConfig ?? { name: "http.8080", virtual_hosts: hosts };
  const version = { major_number: 1, minor_number: 38, patch: 2 };
  const named = (name: string): Fields => ({ version_info: "9", cluster: { name, type: "EDS" } });
  const configs = [
    section("BootstrapConfigDump", { bootstrap: { node: { id: "router~gw", user_agent_build_version: { version } } } }),
    section("ClustersConfigDump", {
      static_clusters: [{ cluster: { name: "xds-grpc" } }],
      dynamic_active_clusters: (parts.clusters ?? Object.values(CLUSTERS)).map(named),
      dynamic_warming_clusters: (parts.warming ?? []).map(named),
    }),
    section("EcdsConfigDump", {
      ecds_filters: Object.entries(extensions).map(([name, { version: info = "9", typed }]) => ({
        ...(info === null ? {} : { version_info: info }),
        last_updated: SENT,
        ecds_filter: { "@type": `${TYPE}envoy.config.core.v3.TypedExtensionConfig`, name, typed_config: typed },
      })),
    }),
    section("ListenersConfigDump", { dynamic_listeners: listeners }),
    section("RoutesConfigDump", { dynamic_route_configs: [{ version_info: "9", route_config: routeConfig }] }),
  ];
  return { configs: [...configs, ...(parts.more ?? [])] };
}

export function section(name: string, fields: Fields): Fields {
  return { "@type": ADMIN + name, ...fields };
}

/** What Envoy answers to /clusters?format=json: one healthy endpoint each. */
export function clusterStatuses(names: readonly string[] = Object.values(CLUSTERS)): Fields {
  const address = { socket_address: { address: "10.0.0.7", port_value: 7379 } };
  const host = {
    address,
    stats: [{ name: "rq_success", value: "7" }],
    health_status: { eds_health_status: "HEALTHY" },
  };
  return { cluster_statuses: names.map((name) => ({ name, observability_name: `${name};`, host_statuses: [host] })) };
}

/** What Envoy answers to /stats?format=json. */
export function statsOf(stats: Readonly<Record<string, number | string>>): Fields {
  return { stats: [...Object.entries(stats).map(([name, value]) => ({ name, value })), { histograms: {} }] };
}

export interface Saved {
  dump?: unknown;
  clusters?: unknown;
  stats?: unknown;
}

/** Runs the doctor on saved answers; what is text is written as it is, all else as JSON. */
export async function doctor(saved: Saved, args: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
  const directory = temporaryDirectory();
  const given: string[] = [];
  for (const [name, content] of Object.entries(saved)) {
    writeFileSync(join(directory, `${name}.json`), typeof content === "string" ? content : JSON.stringify(content));
    given.push(name === "dump" ? "--config-dump" : `--${name}`, `${name}.json`);
  }
  return signpost(["doctor", ...given, ...args], { ...options, directory });
}

/** What `--json` says, and the ids of all findings, sorted. */
export async function doctorJson(
  saved: Saved,
  args: readonly string[] = [],
): Promise<Outcome & Diagnosis & { healthy: boolean; ids: FindingId[] }> {
  const outcome = await doctor(saved, ["--json", ...args]);
  if (outcome.stdout === "") throw new Error(`exit code ${outcome.code}: ${outcome.stderr}`);
  const diagnosis = JSON.parse(outcome.stdout) as Diagnosis & { healthy: boolean };
  return { ...outcome, ...diagnosis, ids: diagnosis.findings.map(({ id }) => id).sort() };
}
