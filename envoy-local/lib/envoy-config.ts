import { LOOPBACK } from "./ports.ts";
import { STATS_TAGS } from "../../cli/src/render/manifests/stats-tags.ts";

/** An HTTP filter of Envoy, as its configuration has it. */
export interface HttpFilter {
  readonly name: string;
  readonly typed_config: Readonly<Record<string, unknown>>;
}

/** The clusters of the harness and the ports behind them. */
export type Upstreams = Readonly<Record<"webdis" | "routing-service" | "cell-1" | "cell-2", number>>;

/** One Wasm plugin. */
export interface WasmPlugin {
  /** Path of the module. */
  readonly module: string;
  /** Gets to the filter as it is when it is text, else as JSON. */
  readonly configuration: string | Readonly<Record<string, unknown>>;
  /** Also the plugin's root_id; two plugins need two. */
  readonly name?: string;
  /** Plugins with the same module and VM id share a VM per worker. */
  readonly vmId?: string;
  /** Environment variables of the VM. */
  readonly environment?: Readonly<Record<string, string>>;
}

const EXTENSIONS = "type.googleapis.com/envoy.extensions";
const UPSTREAM_HTTP = `${EXTENSIONS}.upstreams.http`;
const UPSTREAM_HTTP_KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

export function wasmFilter(plugin: WasmPlugin): HttpFilter {
  const { module, configuration, name = "signpost", vmId = "signpost", environment } = plugin;
  const value = typeof configuration === "string" ? configuration : JSON.stringify(configuration);
  return {
    name,
    typed_config: {
      "@type": `${EXTENSIONS}.filters.http.wasm.v3.Wasm`,
      config: {
        name,
        root_id: name,
        // A trapped VM comes back; with the default, FAIL_CLOSED, it answers 503 until Envoy restarts.
        failure_policy: "FAIL_RELOAD",
        vm_config: {
          vm_id: vmId,
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename: module } },
          ...(environment === undefined ? {} : { environment_variables: { key_values: environment } }),
        },
        configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value },
      },
    },
  };
}

/**
 * The whole of the harness' configuration: one listener with `filters` in front of the router, and an admin interface.
 *
 * Requests go where the header `x-cell` says, or the first segment of the path; all else is answered with 404.
 *
 * @param port of the listener; 0 takes a free one
 */
export function bootstrap(port: number, filters: readonly HttpFilter[], upstreams: Upstreams): object {
  return envoyConfig([listener("http", port, filters, cellRoutes())], upstreams);
}

/** Where a cluster is: a port of the loopback address, or the path of a Unix socket. */
export type ClusterAddress = number | string;

/** A cluster with more settings than an address: those of its HTTP connections (`HttpProtocolOptions`), say. */
export interface ClusterSettings {
  readonly at: ClusterAddress;
  /** What is beside `name`, `type`, `connect_timeout` and `load_assignment`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A cluster whose upstream is spoken to as said: `{http2_protocol_options: {}}`, say. */
export function explicitHttp(at: ClusterAddress, protocol: Readonly<Record<string, unknown>>): ClusterSettings {
  const options = { "@type": `${UPSTREAM_HTTP}.v3.HttpProtocolOptions`, explicit_http_config: protocol };
  return { at, settings: { typed_extension_protocol_options: { [UPSTREAM_HTTP_KEY]: options } } };
}

/** A configuration of these listeners, of clusters by name, and of an admin interface on any free port. */
export function envoyConfig(
  listeners: readonly object[],
  clusters: Readonly<Record<string, ClusterAddress | ClusterSettings>>,
): object {
  return {
    // Discovery, even from files, wants to know who asks.
    node: { id: "signpost", cluster: "signpost" },
    admin: { address: address(0) },
    stats_config: { stats_tags: STATS_TAGS },
    static_resources: {
      listeners,
      clusters: Object.entries(clusters).map(([name, where]) => cluster(name, where)),
    },
  };
}

/**
 * A listener on `port` (0: any free one) with `filters` in front of the router.
 *
 * @param settings further ones of the connection manager
 */
export function listener(
  name: string,
  port: number,
  filters: readonly object[],
  routes: readonly object[],
  settings: Readonly<Record<string, unknown>> = {},
): object {
  return {
    name,
    address: address(port),
    filter_chains: [
      { filters: [{ name: "http", typed_config: { ...connectionManager(name, filters, routes), ...settings } }] },
    ],
  };
}

/** One route for all requests: `{route: {cluster: "…"}}`, say. */
export function everythingTo(action: object): object[] {
  return [{ match: { prefix: "/" }, ...action }];
}

function address(where: ClusterAddress): object {
  if (typeof where === "string") return { pipe: { path: where } };
  return { socket_address: { address: LOOPBACK, port_value: where } };
}

function connectionManager(name: string, filters: readonly object[], routes: readonly object[]): object {
  return {
    "@type": `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    http_filters: [
      ...filters,
      { name: "router", typed_config: { "@type": `${EXTENSIONS}.filters.http.router.v3.Router` } },
    ],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
  };
}

/** To the cell in the header `x-cell`, or in the first segment of the path; all else is answered with 404. */
export function cellRoutes(): object[] {
  const cells = ["cell-1", "cell-2"];
  return [
    ...cells.map((cell) => ({
      match: { prefix: "/", headers: [{ name: "x-cell", string_match: { exact: cell } }] },
      route: { cluster: cell },
    })),
    ...cells.map((cell) => ({ match: { prefix: `/${cell}/` }, route: { cluster: cell } })),
    ...everythingTo({ direct_response: { status: 404, body: { inline_string: "no route\n" } } }),
  ];
}

function cluster(name: string, where: ClusterAddress | ClusterSettings): object {
  const { at, settings } = typeof where === "object" ? where : { at: where, settings: {} };
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(at) } }] }],
    },
    ...settings,
  };
}
