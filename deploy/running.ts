import { isDeepStrictEqual } from "node:util";
import type { WantedPlugin } from "./plugins.ts";

/** An HTTP filter as extension config discovery (ECDS) gave it to an Envoy. */
export interface DiscoveredFilter {
  readonly name: string;
  /** As in `envoy.extensions.filters.http.wasm.v3.Wasm`. */
  readonly type: string;
  /** The module's file; undefined where it is no Wasm filter. */
  readonly file: string | undefined;
  /** The module's configuration, as a value; undefined where it has none. */
  readonly configuration: unknown;
  /** Why Envoy refused the last version; undefined where it did not. */
  readonly refusal: string | undefined;
}

const WASM = "envoy.extensions.filters.http.wasm.v3.Wasm";

interface EcdsEntry {
  readonly ecds_filter?: { readonly name?: string; readonly typed_config?: WasmMessage };
  readonly error_state?: { readonly details?: string };
}

interface WasmMessage {
  readonly "@type"?: string;
  readonly config?: {
    readonly vm_config?: { readonly code?: { readonly local?: { readonly filename?: string } } };
    readonly configuration?: { readonly value?: unknown };
  };
}

/** The filters of an Envoy's `/config_dump`. @throws when the text is none */
export function discoveredFilters(dump: string): DiscoveredFilter[] {
  const { configs } = JSON.parse(dump) as { configs?: { "@type"?: string; ecds_filters?: EcdsEntry[] }[] };
  if (!Array.isArray(configs)) throw new Error("it is no config_dump: it has no list “configs”");
  return configs
    .filter((part) => part["@type"]?.endsWith(".EcdsConfigDump"))
    .flatMap((part) => (part.ecds_filters ?? []).map(filterOf));
}

function filterOf({ ecds_filter, error_state }: EcdsEntry): DiscoveredFilter {
  const message = ecds_filter?.typed_config;
  const value = message?.config?.configuration?.value;
  return {
    name: ecds_filter?.name ?? "",
    type: (message?.["@type"] ?? "").replace(/^.*\//, ""),
    file: message?.config?.vm_config?.code?.local?.filename,
    configuration: typeof value === "string" ? valueOf(value) : value,
    refusal: error_state?.details,
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
 * Istio's agent and the node cache name a module's file after the file's digest, whatever it was fetched by.
 *
 * @param sha256 of the module's file, in hexadecimal
 */
export function differencesFrom(
  wanted: readonly WantedPlugin[],
  sha256: string,
  filters: readonly DiscoveredFilter[],
): string[] {
  return wanted.flatMap((plugin) => {
    const difference = differenceOf(plugin, sha256, filters);
    return difference === undefined ? [] : [`${plugin.filter}: ${difference}`];
  });
}

function differenceOf(plugin: WantedPlugin, sha256: string, filters: readonly DiscoveredFilter[]): string | undefined {
  const filter = filters.find(({ name }) => name === plugin.filter || name.endsWith(`/${plugin.filter}`));
  if (filter === undefined) return "not there";
  if (filter.type !== WASM) {
    return `${filter.type} stands in for it: the agent could not fetch the module, or its digest is another (see the pod's log)`;
  }
  if (filter.refusal !== undefined) return `refused by Envoy: ${filter.refusal}`;
  const runs = digestIn(filter.file);
  if (runs !== sha256) return `runs ${runs ?? filter.file ?? "another module"}`;
  return isDeepStrictEqual(filter.configuration, plugin.configuration) ? undefined : "runs with another configuration";
}

/** The digest that a module's file is named after. */
export function digestIn(file: string | undefined): string | undefined {
  return /(?:^|\/)([0-9a-f]{64})\.wasm$/.exec(file ?? "")?.[1];
}
