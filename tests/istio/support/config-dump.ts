import type { ConfigDump } from "./ingress-gateway.ts";
import { ISTIO_NAMESPACE } from "./istiod.ts";

/** A Wasm plugin as Envoy was sent it. */
export interface SentPlugin {
  /** The module's file, where the agent has put it. */
  readonly file: string | undefined;
  readonly rootId: string | undefined;
  readonly failurePolicy: string | undefined;
  /** The plugin's configuration; undefined when there is none. */
  readonly pluginConfig: unknown;
}

/** The parts of a `/config_dump` that concern filters which came by extension config discovery (ECDS). */
interface EcdsFilter {
  readonly ecds_filter: { readonly name: string; readonly typed_config: Readonly<Record<string, unknown>> };
}

interface WasmConfig {
  readonly config?: {
    readonly root_id?: string;
    readonly failure_policy?: string;
    readonly vm_config?: { readonly code?: { readonly local?: { readonly filename?: string } } };
    readonly configuration?: { readonly value?: string };
  };
}

/** Which filter a plugin of the gateway's namespace has become; undefined when Envoy has none by its name. */
export function filterTypeIn(dump: ConfigDump, name: string): string | undefined {
  const type = ecdsFilter(dump, name)?.typed_config["@type"];
  return typeof type === "string" ? type.replace(/^type\.googleapis\.com\//, "") : undefined;
}

/**
 * A plugin of the gateway's namespace, by its name; undefined when Envoy was sent no Wasm plugin for it.
 *
 * Envoy shows what it was sent last, also when it has refused that: the stats tell.
 */
export function pluginIn(dump: ConfigDump, name: string): SentPlugin | undefined {
  const { config } = (ecdsFilter(dump, name)?.typed_config ?? {}) as WasmConfig;
  if (config === undefined) return undefined;
  const value = config.configuration?.value;
  return {
    file: config.vm_config?.code?.local?.filename,
    rootId: config.root_id,
    failurePolicy: config.failure_policy,
    pluginConfig: value === undefined ? undefined : JSON.parse(value),
  };
}

/** Whether a plugin was sent, and is a filter of listeners that are at work, all listeners that it is for. */
export function isListenedWith(dump: ConfigDump, name: string): boolean {
  const filter = ecdsName(dump, name);
  if (filter === undefined) return false;
  const listeners = section<Listener>(dump, "ListenersConfigDump", "dynamic_listeners");
  const active = listeners.filter(({ active_state }) => mentions(active_state, filter));
  return active.length > 0 && !listeners.some(({ warming_state }) => mentions(warming_state, filter));
}

/** The names of the HTTP filters of the listener on `port`, in the order that requests pass them. */
export function filtersOn(dump: ConfigDump, port: number): string[] {
  const listeners = section<Listener>(dump, "ListenersConfigDump", "dynamic_listeners");
  const found = listeners.find(({ name }) => name?.endsWith(`_${port}`));
  const filters = found?.active_state?.listener?.filter_chains[0]?.filters ?? [];
  return filters.flatMap(({ typed_config: { http_filters = [] } }) => http_filters.map(({ name }) => name));
}

/** A part of a `/config_dump` that concerns a listener: what is at work, and what is to take its place. */
interface Listener {
  readonly name?: string;
  readonly active_state?: {
    readonly listener?: {
      readonly filter_chains: readonly {
        readonly filters: readonly {
          readonly typed_config: { readonly http_filters?: readonly { readonly name: string }[] };
        }[];
      }[];
    };
  };
  readonly warming_state?: object;
}

function mentions(state: object | undefined, filter: string): boolean {
  return JSON.stringify(state ?? {}).includes(JSON.stringify(filter));
}

/**
 * The name that Istio gives a plugin's configuration, in stats too: `extensions.istio.io/trafficextension/NAMESPACE.NAME`,
 * and `~istio-translated-wasmplugin` after it where it comes from a WasmPlugin. That of an EnvoyFilter has the name it says.
 */
export function ecdsName(dump: ConfigDump, name: string): string | undefined {
  return ecdsFilter(dump, name)?.name;
}

function section<T>(dump: ConfigDump, type: string, field: string): T[] {
  return dump.configs
    .filter((each) => each["@type"].endsWith(`.${type}`))
    .flatMap((each) => (each[field] ?? []) as T[]);
}

function ecdsFilter(dump: ConfigDump, name: string): EcdsFilter["ecds_filter"] | undefined {
  const filters = section<EcdsFilter>(dump, "EcdsConfigDump", "ecds_filters").map((each) => each.ecds_filter);
  return filters.find(
    (filter) =>
      filter.name === name || filter.name.replace(/^.*\//, "").replace(/~.*$/, "") === `${ISTIO_NAMESPACE}.${name}`,
  );
}
