import { type Message, messageIn, typeName } from "./any.ts";
import { at, listAt, textAt, textsAt } from "./json.ts";

const CONNECTION_MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** A chain of HTTP filters, and how requests are routed after them: one HTTP connection manager of a listener. */
export interface HttpChain {
  /** As in `listener 0.0.0.0_8443, chain shop`. */
  readonly label: string;
  /** What its statistics begin with, after `http.`. */
  readonly statPrefix: string;
  readonly filters: readonly HttpFilter[];
  readonly routes: RouteSource;
  /** Whether the listener is part of the bootstrap configuration: in Istio those are for probes and metrics. */
  readonly isStatic: boolean;
  /** Set where this version of the listener does not serve yet: it waits for something that is to be discovered. */
  readonly warming: Warming | undefined;
}

export interface Warming {
  /** Whether a version from before serves until then. */
  readonly isServedMeanwhile: boolean;
  /** Undefined where the dump has none, as with delta xDS. */
  readonly versionBefore: string | undefined;
}

export interface HttpFilter {
  readonly name: string;
  /** Its configuration; where that is discovered, the one to use until something was. */
  readonly config: Message | undefined;
  /** Types that extension config discovery (ECDS) may give it; undefined where the configuration is in the listener. */
  readonly discoveredTypes: readonly string[] | undefined;
  readonly isDisabled: boolean;
}

/** Where a chain's routes are: in the listener, under a name of their own (RDS), or where only a request tells (SRDS). */
export type RouteSource =
  | { readonly kind: "inline"; readonly config: unknown }
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "scoped" };

/** The chains of a listener. */
export function httpChainsOf(listener: unknown, isStatic: boolean, warming?: Warming): HttpChain[] {
  const name = textAt(listener, "name") ?? "(unnamed)";
  const chains = [...listAt(listener, "filter_chains"), at(listener, "default_filter_chain")];
  return chains.flatMap((chain) => {
    const chainName = textAt(chain, "name");
    const label = chainName === undefined ? `listener ${name}` : `listener ${name}, chain ${chainName}`;
    return listAt(chain, "filters")
      .map((filter) => messageIn(at(filter, "typed_config")))
      .filter(({ type }) => type === CONNECTION_MANAGER)
      .map(({ value }) => ({ ...chainOf(value, label), isStatic, warming }));
  });
}

function chainOf(manager: unknown, label: string): Omit<HttpChain, "isStatic" | "warming"> {
  return {
    label,
    statPrefix: textAt(manager, "stat_prefix") ?? "",
    filters: listAt(manager, "http_filters").map(filterOf),
    routes: routesOf(manager),
  };
}

function filterOf(filter: unknown): HttpFilter {
  const discovery = at(filter, "config_discovery");
  const config = discovery === undefined ? at(filter, "typed_config") : at(discovery, "default_config");
  return {
    name: textAt(filter, "name") ?? "(unnamed)",
    config: config === undefined ? undefined : messageIn(config),
    discoveredTypes: discovery === undefined ? undefined : textsAt(discovery, "type_urls").map(typeName),
    isDisabled: at(filter, "disabled") === true,
  };
}

function routesOf(manager: unknown): RouteSource {
  const name = textAt(manager, "rds", "route_config_name");
  if (name !== undefined) return { kind: "named", name };
  const config = at(manager, "route_config");
  return config === undefined ? { kind: "scoped" } : { kind: "inline", config };
}
