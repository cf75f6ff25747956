import { isDeepStrictEqual } from "node:util";
import { isRefused } from "../cli/src/doctor/admin/discovery-outcome.ts";
import { differingFields } from "./differences.ts";
import type { WantedPlugin } from "./plugins.ts";
import type { ModuleDigests } from "./render.ts";

/** An HTTP filter as extension config discovery (ECDS) gave it to an Envoy. */
export interface DiscoveredFilter {
  readonly name: string;
  /** As in `envoy.extensions.filters.http.wasm.v3.Wasm`. */
  readonly type: string;
  /** The module's file; undefined where it is no Wasm filter. */
  readonly file: string | undefined;
  /** The module's configuration, as a value; undefined where it has none. */
  readonly configuration: unknown;
  /** Whether Envoy refused this last version, and goes on with the one before; undefined where its statistics do not tell. */
  readonly isRefused: boolean | undefined;
}

const WASM = "envoy.extensions.filters.http.wasm.v3.Wasm";

interface EcdsEntry {
  readonly ecds_filter?: { readonly name?: string; readonly typed_config?: WasmMessage };
  readonly last_updated?: string;
}

interface WasmMessage {
  readonly "@type"?: string;
  readonly config?: {
    readonly vm_config?: { readonly code?: { readonly local?: { readonly filename?: string } } };
    readonly configuration?: { readonly value?: unknown };
  };
}

/**
 * The filters of an Envoy.
 *
 * @param dump what `/config_dump` answers
 * @param stats what `/stats` answers, with at least the subscriptions' `update_time`
 * @throws when the dump is none
 */
export function discoveredFilters(dump: string, stats: string): DiscoveredFilter[] {
  const { configs } = JSON.parse(dump) as { configs?: { "@type"?: string; ecds_filters?: EcdsEntry[] }[] };
  if (!Array.isArray(configs)) throw new Error("it is no config_dump: it has no list “configs”");
  const updates = updateTimes(stats);
  return configs
    .filter((part) => part["@type"]?.endsWith(".EcdsConfigDump"))
    .flatMap((part) => (part.ecds_filters ?? []).map((entry) => filterOf(entry, updates)));
}

/** The statistics that `discoveredFilters` needs, as a regular expression for Envoy. */
export const UPDATE_TIMES = "^extension_config_discovery\\.http_filter\\..*\\.update_time$";

/** When each filter was last updated, in milliseconds since 1970. */
function updateTimes(stats: string): ReadonlyMap<string, number> {
  const lines = stats.matchAll(/^extension_config_discovery\.http_filter\.(.+)\.update_time: (\d+)$/gm);
  return new Map([...lines].map(([, name = "", time]) => [name, Number(time)]));
}

function filterOf({ ecds_filter, last_updated }: EcdsEntry, updates: ReadonlyMap<string, number>): DiscoveredFilter {
  const name = ecds_filter?.name ?? "";
  const message = ecds_filter?.typed_config;
  const value = message?.config?.configuration?.value;
  return {
    name,
    type: (message?.["@type"] ?? "").replace(/^.*\//, ""),
    file: message?.config?.vm_config?.code?.local?.filename,
    configuration: typeof value === "string" ? valueOf(value) : value,
    isRefused: isRefused(last_updated, updates.get(name)),
  };
}

/** JSON, or the text where it is none. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * What keeps an Envoy from running these plugins with this very module and configuration; empty when nothing does.
 *
 * A module's file is named after a digest: Istio's agent takes the one that it compared, an image's manifest's for `oci://`
 * with a sha256 (measured with 1.31), else the file's; the node cache takes the file's.
 */
export function differencesFrom(
  wanted: readonly WantedPlugin[],
  digests: ModuleDigests,
  filters: readonly DiscoveredFilter[],
): string[] {
  return wanted.flatMap((plugin) => {
    const difference = differenceOf(plugin, digests, filters);
    return difference === undefined ? [] : [`${plugin.filter}: ${difference}`];
  });
}

function differenceOf(
  plugin: WantedPlugin,
  digests: ModuleDigests,
  filters: readonly DiscoveredFilter[],
): string | undefined {
  const filter = filters.find(({ name }) => isFilterOf(name, plugin));
  if (filter === undefined) return "not there";
  if (filter.type !== WASM) {
    return `${filter.type} stands in for it: the agent could not fetch the module, or its digest is another (see the pod's log)`;
  }
  const runs = digestIn(filter.file);
  if (runs === undefined || ![digests.fetched, digests.file].includes(runs))
    return `runs ${runs ?? filter.file ?? "another module"}`;
  if (!isDeepStrictEqual(filter.configuration, plugin.configuration))
    return `runs with another configuration (${differingFields(plugin.configuration, filter.configuration).join(", ")})`;
  return filter.isRefused === true ? "refused by Envoy, which goes on with what it had (its log says why)" : undefined;
}

/** The plugins of these that an Envoy still has. */
export function stillRunning(gone: readonly WantedPlugin[], filters: readonly DiscoveredFilter[]): string[] {
  return gone
    .filter((plugin) => filters.some(({ name }) => isFilterOf(name, plugin)))
    .map(({ kind, filter }) => `${filter}: still runs as ${kind}`);
}

/**
 * Whether this is the name that Istio gave a plugin's filter: `extensions.istio.io/wasmplugin/NAMESPACE.NAME`, from Istio 1.31 on
 * `extensions.istio.io/trafficextension/NAMESPACE.NAME` and, for a WasmPlugin, `~istio-translated-wasmplugin` behind it. An
 * EnvoyFilter names its filter itself.
 */
function isFilterOf(filter: string, { kind, filter: name }: WantedPlugin): boolean {
  const [, type = "", rest = ""] = /^extensions\.istio\.io\/(wasmplugin|trafficextension)\/(.*)$/.exec(filter) ?? [];
  if (type === "") return kind === "EnvoyFilter" && filter === name;
  const [, plain = rest, translated] = /^(.*)(~istio-translated-wasmplugin)$/.exec(rest) ?? [];
  const itsKind = type === "wasmplugin" || translated !== undefined ? "WasmPlugin" : "TrafficExtension";
  return kind === itsKind && plain === name;
}

/** The digest that a module's file is named after. */
export function digestIn(file: string | undefined): string | undefined {
  return /(?:^|\/)([0-9a-f]{64})\.wasm$/.exec(file ?? "")?.[1];
}
