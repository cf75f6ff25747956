import type { CommentedManifest } from "../manifest.ts";
import { type Role, passwordVariable, pluginConfigOf } from "../roles.ts";
import type { NodeCacheValues, Values } from "../values/values.ts";
import { phaseComment, pluginMetadata, pluginName } from "./plugin.ts";

const TYPE = "type.googleapis.com/";
const WASM = `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`;

/** Envoy's words for Istio's fail strategies. */
const FAILURE_POLICIES = { FAIL_RELOAD: "FAIL_RELOAD", FAIL_CLOSE: "FAIL_CLOSED", FAIL_OPEN: "FAIL_OPEN" } as const;

/** A role as an EnvoyFilter that loads the module from the node's cache. */
export function envoyFilter(values: Values, nodeCache: NodeCacheValues, role: Role): CommentedManifest {
  const patches = [extensionPatch(values, nodeCache, role), filterPatch(values, role), ...routePatches(values, role)];
  const config = "spec.configPatches[0].patch.value.typed_config.config";
  return {
    manifest: {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: pluginMetadata(values, role),
      spec: {
        workloadSelector: { labels: values.gateway.selector },
        priority: values.priority,
        configPatches: patches,
      },
    },
    comments: {
      "spec.configPatches[0].applyTo":
        "The filter's configuration is an extension of its own: a change of it does not touch the listener, so that no\nconnection is drained.",
      [`${config}.failure_policy`]: "What becomes of requests after a fault in the module; FAIL_RELOAD starts it anew.",
      [`${config}.vm_config`]:
        "Without a vm_id, as Istio writes it: both roles share one VM per worker, with those of another form, too.",
      [`${config}.vm_config.code`]: "The node cache keeps each module under its digest.",
      [`${config}.configuration`]: "Not a Struct: Envoy hands that to the filter as protobuf bytes, not as JSON.",
      "spec.configPatches[1].patch.operation": positionComment(role),
      ...Object.fromEntries(
        values.disableOn.map((_, index) => [
          `spec.configPatches[${index + 2}].applyTo`,
          "The filter does nothing on this route, also not remove the headers that only records set.",
        ]),
      ),
    },
  };
}

function positionComment(role: Role): string {
  const where =
    role.name === "routing"
      ? "Also before external authorization (CUSTOM), which phase AUTHN is behind."
      : "Behind CORS, too, so that a stored response has its headers for the origin that asks now.";
  return `${phaseComment(role)}\n${where}`;
}

function extensionPatch(values: Values, { path, sha256 }: NodeCacheValues, role: Role): Record<string, unknown> {
  const name = pluginName(values, role);
  const variable = passwordVariable(role.tree);
  const environment = variable === undefined ? {} : { environment_variables: { host_env_keys: [variable] } };
  return {
    applyTo: "EXTENSION_CONFIG",
    match: { context: "GATEWAY" },
    patch: {
      operation: "ADD",
      value: {
        name,
        typed_config: {
          "@type": WASM,
          config: {
            name,
            root_id: name,
            failure_policy: FAILURE_POLICIES[values.failStrategy],
            vm_config: {
              runtime: "envoy.wasm.runtime.v8",
              code: { local: { filename: `${path}/${sha256}.wasm` } },
              ...environment,
            },
            configuration: {
              "@type": `${TYPE}google.protobuf.StringValue`,
              value: `${JSON.stringify(pluginConfigOf(role), null, 2)}\n`,
            },
          },
        },
      },
    },
  };
}

function filterPatch(values: Values, role: Role): Record<string, unknown> {
  const filter = { name: "envoy.filters.network.http_connection_manager" };
  const isRouting = role.name === "routing";
  const place = isRouting ? filter : { ...filter, subFilter: { name: "envoy.filters.http.router" } };
  return {
    applyTo: "HTTP_FILTER",
    match: { context: "GATEWAY", listener: { filterChain: { filter: place } } },
    patch: {
      operation: isRouting ? "INSERT_FIRST" : "INSERT_BEFORE",
      value: {
        name: pluginName(values, role),
        config_discovery: {
          config_source: { ads: {}, initial_fetch_timeout: "0s", resource_api_version: "V3" },
          type_urls: [WASM],
        },
      },
    },
  };
}

/** Per route: the filter is switched off there. */
function routePatches(values: Values, role: Role): Record<string, unknown>[] {
  return values.disableOn.map((route) => ({
    applyTo: "HTTP_ROUTE",
    match: { context: "GATEWAY", routeConfiguration: { vhost: { route: { name: route } } } },
    patch: {
      operation: "MERGE",
      value: {
        typed_per_filter_config: {
          [pluginName(values, role)]: { "@type": `${TYPE}envoy.config.route.v3.FilterConfig`, disabled: true },
        },
      },
    },
  }));
}
