import type { ConfigDump, DiscoveredExtension } from "./admin/config-dump.ts";
import type { HttpChain, HttpFilter } from "./admin/http-chain.ts";
import type { Message } from "./admin/any.ts";
import { WASM_FILTER, type WasmMessage, readWasmMessage } from "./admin/wasm-message.ts";
import { type Configuration, configurationIn } from "./configuration.ts";
import { type PluginConfigSource, isNamed, isSignpost, sourceInText } from "../plugin-config/index.ts";

/** The filter as a proxy is configured with it: one Wasm plugin, in one or several chains of HTTP filters. */
export interface Instance {
  /** The HTTP filter's name: what people know it by. */
  readonly name: string;
  readonly places: readonly Place[];
  /** What extension config discovery (ECDS) sent; undefined where the configuration is the listener's. */
  readonly discovered: DiscoveredExtension | undefined;
  /** Whether the listener has a configuration to use until one was discovered. */
  readonly hasDefault: boolean;
  readonly message: WasmMessage;
  readonly configuration: Configuration;
  /** The same configuration, for the filter's own module to judge. */
  readonly source: PluginConfigSource;
}

/** Where in a chain of HTTP filters a filter stands; indexes count from 0. */
export interface Place {
  readonly chain: HttpChain;
  readonly index: number;
}

/**
 * The filters that are Signpost: those of this name, where one is given; else those whose names or module say `signpost`,
 * or whose configuration has one of its sections.
 */
export function findInstances(dump: ConfigDump, name: string | undefined): Instance[] {
  const found = new Map<string, Instance>();
  const serving = new Set(dump.chains.flatMap((chain) => chain.filters.map((filter) => filter.name)));
  for (const chain of [...dump.chains, ...dump.warmingChains]) {
    for (const [index, filter] of chain.filters.entries()) {
      const config = configOf(filter, dump);
      if (config?.type !== WASM_FILTER) continue;
      // Where a version from before has it, too, that one is looked at: it serves.
      if (chain.warming !== undefined && serving.has(filter.name)) continue;
      // A discovered configuration is one for all who use it; of the others, the same text is.
      const key = filter.discoveredTypes === undefined ? JSON.stringify(config.value) : `discovered ${filter.name}`;
      const before = found.get(key) ?? instanceOf(filter, config, dump);
      found.set(key, { ...before, places: [...before.places, { chain, index }] });
    }
  }
  return [...found.values()].filter(({ source }) => (name === undefined ? isSignpost(source) : isNamed(source, name)));
}

/** A filter's configuration: its own, or the one that was discovered for it. */
export function configOf(filter: HttpFilter, dump: ConfigDump): Message | undefined {
  if (filter.discoveredTypes === undefined) return filter.config;
  return discoveredFor(filter, dump)?.config ?? filter.config;
}

/** What was discovered for a filter: filters of other kinds may have one of the same name. */
function discoveredFor({ name, discoveredTypes }: HttpFilter, dump: ConfigDump): DiscoveredExtension | undefined {
  return dump.extensions.find((found) => found.name === name && discoveredTypes?.includes(found.config.type) === true);
}

function instanceOf(filter: HttpFilter, config: Message, dump: ConfigDump): Instance {
  const message = readWasmMessage(config.value);
  const { json } = message.configuration;
  return {
    name: filter.name,
    places: [],
    discovered: discoveredFor(filter, dump),
    hasDefault: filter.discoveredTypes !== undefined && filter.config !== undefined,
    message,
    configuration: configurationIn(json),
    source: sourceOf(filter, message),
  };
}

function sourceOf(filter: HttpFilter, message: WasmMessage): PluginConfigSource {
  const names = [filter.name, resourceName(filter.name), message.name, message.rootId].filter((name) => name !== "");
  return sourceInText(message.configuration.json, {
    kind: "Envoy",
    names,
    module: message.module,
    phase: undefined,
    failStrategy: message.failurePolicy,
    environment: message.environment,
    digest: undefined,
    moduleCluster: undefined,
    lacksDigest: false,
    isFetchedLate: false,
    clusters: undefined,
    bodyWriters: [],
    diagnose: (severity, field, text) => ({ severity, path: field, message: text, document: "" }),
  });
}

/**
 * What the WasmPlugin or TrafficExtension is called, in Istio's `extensions.istio.io/wasmplugin/NAMESPACE.NAME` or
 * `extensions.istio.io/trafficextension/NAMESPACE.NAME~istio-translated-wasmplugin`; empty for other filters.
 */
export function resourceName(filter: string): string {
  return /^extensions\.istio\.io\/\w+\/[^.]+\.([^~]+)/.exec(filter)?.[1] ?? "";
}

/** As in `listener http, filter signpost`. */
export function placeOf({ chain }: Place, filterName: string): string {
  return `${chain.label}, filter ${filterName}`;
}

/** Where all of an instance is, in few words. */
export function placesOf({ name, places }: Instance): string {
  const [first] = places;
  if (first === undefined) return `filter ${name}`;
  const others = places.length - 1;
  return `${placeOf(first, name)}${others === 0 ? "" : ` (and ${others} more)`}`;
}
