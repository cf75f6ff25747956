import type { KubernetesObject } from "./manifests.ts";

/** A Wasm plugin that manifests give to gateways. */
export interface WantedPlugin {
  readonly kind: "WasmPlugin" | "TrafficExtension" | "EnvoyFilter";
  /** Its filter's name in Envoy, or what that ends with; see `isFilterOf`. */
  readonly filter: string;
  /** The namespace of the gateways it is for; Istio takes a plugin for its own namespace. */
  readonly namespace: string;
  /** Labels of the gateways' pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** The configuration the module gets, as a value. */
  readonly configuration: unknown;
}

interface IstioPlugin {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly pluginConfig?: unknown;
  readonly wasm?: { readonly pluginConfig?: unknown };
}

interface EnvoyFilter {
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> };
  readonly configPatches?: readonly {
    readonly applyTo?: string;
    readonly patch?: { readonly value?: WasmExtension };
  }[];
}

interface WasmExtension {
  readonly name?: string;
  readonly typed_config?: { readonly config?: { readonly configuration?: { readonly value?: string } } };
}

/** The plugins among manifests. */
export function wantedPlugins(objects: readonly KubernetesObject[]): WantedPlugin[] {
  return objects.flatMap((object): WantedPlugin[] => {
    const namespace = object.metadata.namespace ?? "default";
    if (object.kind === "WasmPlugin" || object.kind === "TrafficExtension") {
      const { selector, pluginConfig, wasm } = object["spec"] as IstioPlugin;
      // As in extensions.istio.io/wasmplugin/istio-system.signpost-routing
      const filter = `${namespace}.${object.metadata.name}`;
      return [
        {
          kind: object.kind,
          filter,
          namespace,
          labels: selector?.matchLabels ?? {},
          configuration: wasm?.pluginConfig ?? pluginConfig,
        },
      ];
    }
    return object.kind === "EnvoyFilter" ? pluginsOfEnvoyFilter(object["spec"] as EnvoyFilter, namespace) : [];
  });
}

function pluginsOfEnvoyFilter(
  { workloadSelector, configPatches = [] }: EnvoyFilter,
  namespace: string,
): WantedPlugin[] {
  return configPatches.flatMap(({ applyTo, patch }): WantedPlugin[] => {
    const { name, typed_config } = patch?.value ?? {};
    if (applyTo !== "EXTENSION_CONFIG" || name === undefined || typed_config?.config === undefined) return [];
    const configuration = jsonOrNothing(typed_config.config.configuration?.value);
    return [{ kind: "EnvoyFilter", filter: name, namespace, labels: workloadSelector?.labels ?? {}, configuration }];
  });
}

function jsonOrNothing(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}
