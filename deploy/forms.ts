import { isDeepStrictEqual } from "node:util";
import { liveObjects } from "./apply.ts";
import type { Resources } from "./cluster.ts";
import { unusable } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";
import { type KubernetesObject, nameOf } from "./manifests.ts";
import { wantedPlugins } from "./plugins.ts";
import type { ModuleDigests } from "./render.ts";

/** The kinds of object in which Istio takes the filter. */
const PLUGIN_KINDS = [
  { apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin" },
  { apiVersion: "extensions.istio.io/v1alpha1", kind: "TrafficExtension" },
  { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
] as const;

const ROLES = ["routing", "caching"] as const;

/** The objects of these that are a role of the filter, in any form. */
export function pluginObjects(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter((object) => wantedPlugins([object]).length > 0);
}

/** Every object that may be a role of the filter which these manifests are about: each form, each role. */
export function allPluginNames(rendered: readonly KubernetesObject[], resources: Resources): KubernetesObject[] {
  const names = new Map<string, KubernetesObject>();
  for (const { metadata } of pluginObjects(rendered)) {
    const base = metadata.name.replace(/-(?:routing|caching)$/, "");
    const namespace = metadata.namespace ?? "default";
    for (const kind of PLUGIN_KINDS.filter(({ apiVersion, kind }) => resources.has(`${apiVersion} ${kind}`))) {
      for (const role of ROLES) {
        const object: KubernetesObject = { ...kind, metadata: { name: `${base}-${role}`, namespace } };
        names.set(nameOf(object), object);
      }
    }
  }
  return [...names.values()];
}

/** The filter's roles that the cluster has in another form, or that the values do not have any more. */
export async function supersededPlugins(
  kubectl: Kubectl,
  rendered: readonly KubernetesObject[],
  resources: Resources,
): Promise<KubernetesObject[]> {
  const wanted = new Set(rendered.map(nameOf));
  const others = allPluginNames(rendered, resources).filter((object) => !wanted.has(nameOf(object)));
  return liveObjects(kubectl, others);
}

/**
 * While a gateway has a role in two forms, the filter's second instance leaves alone what the first one has routed, which
 * it knows by an equal module and configuration. So a form is changed by itself.
 *
 * @throws Failure where another form has another module or configuration than is wanted
 */
export function requireSamePlugins(
  superseded: readonly KubernetesObject[],
  rendered: readonly KubernetesObject[],
  digests: ModuleDigests,
): void {
  const wanted = pluginObjects(rendered);
  for (const object of superseded) {
    const twin = wanted.find(({ metadata }) => metadata.name === object.metadata.name);
    // A role that is given up has nothing to agree with.
    if (twin === undefined || twin.kind === object.kind) continue;
    const [here] = wantedPlugins([object]);
    const [there] = wantedPlugins([twin]);
    const differs = !isDeepStrictEqual(here?.configuration, there?.configuration)
      ? "configuration"
      : hasModule(object, digests)
        ? undefined
        : "module";
    if (differs !== undefined) {
      throw unusable(
        `${nameOf(object)} has another ${differs} than the values: change either the form or the ${differs}, one at a time.\n` +
          `First deploy these values in the form that is there (--form ${object.kind.toLowerCase()}), then with the new form.`,
      );
    }
  }
}

/** Whether an object names the module by one of its digests. */
function hasModule(object: KubernetesObject, { fetched, file }: ModuleDigests): boolean {
  const text = JSON.stringify(object["spec"]);
  return text.includes(fetched) || text.includes(file);
}
