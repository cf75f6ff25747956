import { type AdminText, BadAdminOutput, parseAdminJson } from "./admin-output.ts";
import { type Message, messageIn } from "./any.ts";
import { type HttpChain, httpChainsOf } from "./http-chain.ts";
import { at, countAt, entriesAt, listAt, textAt } from "./json.ts";

const EXPECTED = "what GET /config_dump of Envoy's admin interface answers";

/** What an Envoy is configured with, as far as it concerns HTTP requests. */
export interface ConfigDump {
  readonly proxy: ProxyIdentity;
  /** Of listeners that serve. */
  readonly chains: readonly HttpChain[];
  /** Of versions of listeners that do not serve yet. */
  readonly warmingChains: readonly HttpChain[];
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  /** Route configurations by their names. */
  readonly routes: ReadonlyMap<string, unknown>;
  /** What extension config discovery (ECDS) was sent last, whether Envoy took it or not. */
  readonly extensions: readonly DiscoveredExtension[];
  readonly refusedListeners: readonly RefusedListener[];
}

/** A listener of which Envoy refused the last version. */
export interface RefusedListener {
  readonly name: string;
  readonly reason: string;
  /** Whether a version from before serves. */
  readonly isServing: boolean;
}

export interface ProxyIdentity {
  /** As in `istio-ingressgateway-5f7…istio-system`; empty where it has none. */
  readonly node: string;
  /** As in `1.40.0`; empty where the dump does not have it. */
  readonly version: string;
}

export interface ClusterConfig {
  /** Whether it waits for its first endpoints and takes no requests yet. */
  readonly isWarming: boolean;
  /** Whether its endpoints come with the requests or from other clusters, so that it has none of its own. */
  readonly hasOwnEndpoints: boolean;
}

export interface DiscoveredExtension {
  readonly name: string;
  /** Empty where the dump has none, as with delta xDS. */
  readonly version: string;
  /** When it came, as in `2026-11-26T12:39:34.872Z`; undefined where the dump does not have it. */
  readonly lastUpdated: string | undefined;
  readonly config: Message;
}

/** @throws BadAdminOutput where the text is no config_dump, or one without listeners or clusters */
export function readConfigDump(input: AdminText): ConfigDump {
  const dump = parseAdminJson(input, EXPECTED);
  const sections = sectionsOf(dump, input.from);
  const listeners = sectionOf(sections, "ListenersConfigDump", input.from);
  const clusters = sectionOf(sections, "ClustersConfigDump", input.from);
  return {
    proxy: identityOf(sections.get("BootstrapConfigDump")),
    chains: chainsIn(listeners),
    warmingChains: warmingChainsIn(listeners),
    clusters: clustersIn(clusters),
    routes: routesIn(sections.get("RoutesConfigDump")),
    extensions: extensionsIn(sections.get("EcdsConfigDump")),
    refusedListeners: refusedIn(listeners),
  };
}

/** A chain's route configuration; undefined where it is not in the dump, or only a request tells (SRDS). */
export function routeConfigOf({ routes }: HttpChain, dump: ConfigDump): unknown {
  switch (routes.kind) {
    case "inline":
      return routes.config;
    case "named":
      return dump.routes.get(routes.name);
    case "scoped":
      return undefined;
  }
}

/**
 * The parts of a dump by the last word of their types. Of some types there are several, such as an EcdsConfigDump each for
 * HTTP, network and listener filters: they count as one.
 */
function sectionsOf(dump: Readonly<Record<string, unknown>>, from: string): ReadonlyMap<string, unknown> {
  const parts = at(dump, "configs");
  if (!Array.isArray(parts)) {
    throw new BadAdminOutput(`${from} is no Envoy config_dump: it has no list "configs" (expected ${EXPECTED})`);
  }
  const sections = new Map<string, Record<string, unknown>>();
  for (const part of parts as readonly unknown[]) {
    const { type } = messageIn(part);
    const name = type.slice(type.lastIndexOf(".") + 1);
    const section = sections.get(name) ?? {};
    sections.set(name, section);
    for (const [field, value] of entriesAt(part)) {
      section[field] = Array.isArray(value) ? [...listAt(section, field), ...(value as unknown[])] : value;
    }
  }
  return sections;
}

function sectionOf(sections: ReadonlyMap<string, unknown>, name: string, from: string): unknown {
  const section = sections.get(name);
  if (section !== undefined) return section;
  throw new BadAdminOutput(
    `${from} is no whole Envoy config_dump: it has no ${name} (save it without ?resource= and ?mask=)`,
  );
}

function identityOf(bootstrap: unknown): ProxyIdentity {
  const node = at(bootstrap, "bootstrap", "node");
  const version = at(node, "user_agent_build_version", "version");
  const parts = ["major_number", "minor_number", "patch"].map((name) => countAt(version, name));
  return { node: textAt(node, "id") ?? "", version: version === undefined ? "" : parts.join(".") };
}

function chainsIn(section: unknown): HttpChain[] {
  const fixed = listAt(section, "static_listeners").map((entry) => at(entry, "listener"));
  const discovered = listAt(section, "dynamic_listeners").map((entry) => at(entry, "active_state", "listener"));
  return [
    ...fixed.flatMap((listener) => httpChainsOf(listener, true)),
    ...discovered.flatMap((listener) => httpChainsOf(listener, false)),
  ];
}

function warmingChainsIn(section: unknown): HttpChain[] {
  return listAt(section, "dynamic_listeners").flatMap((entry) => {
    const before = at(entry, "active_state");
    const warming = { isServedMeanwhile: before !== undefined, versionBefore: textAt(before, "version_info") };
    return httpChainsOf(at(entry, "warming_state", "listener"), false, warming);
  });
}

function refusedIn(section: unknown): RefusedListener[] {
  return listAt(section, "dynamic_listeners").flatMap((entry) => {
    const reason = textAt(entry, "error_state", "details");
    const isServing = at(entry, "active_state") !== undefined;
    return reason === undefined ? [] : [{ name: textAt(entry, "name") ?? "(unnamed)", reason, isServing }];
  });
}

function clustersIn(section: unknown): ReadonlyMap<string, ClusterConfig> {
  const clusters = new Map<string, ClusterConfig>();
  // What is active counts, also while its next version warms.
  for (const list of ["dynamic_warming_clusters", "static_clusters", "dynamic_active_clusters"]) {
    for (const entry of listAt(section, list)) {
      const cluster = at(entry, "cluster");
      const name = textAt(cluster, "name");
      if (name === undefined) continue;
      const hasOwnEndpoints = at(cluster, "type") !== "ORIGINAL_DST" && at(cluster, "cluster_type") === undefined;
      clusters.set(name, { isWarming: list === "dynamic_warming_clusters", hasOwnEndpoints });
    }
  }
  return clusters;
}

function routesIn(section: unknown): ReadonlyMap<string, unknown> {
  const entries = [...listAt(section, "static_route_configs"), ...listAt(section, "dynamic_route_configs")];
  const configs = entries.map((entry) => at(entry, "route_config"));
  return new Map(configs.map((config) => [textAt(config, "name") ?? "", config]));
}

function extensionsIn(section: unknown): DiscoveredExtension[] {
  return listAt(section, "ecds_filters").flatMap((entry) => {
    const extension = at(entry, "ecds_filter");
    const name = textAt(extension, "name");
    if (name === undefined) return [];
    const config = messageIn(at(extension, "typed_config"));
    const [version = "", lastUpdated] = [textAt(entry, "version_info"), textAt(entry, "last_updated")];
    return [{ name, version, lastUpdated, config }];
  });
}
