import { stringify } from "yaml";
import { type CommentedManifest, yamlText } from "./manifest.ts";
import { calloutManifests } from "./manifests/callouts.ts";
import { envoyFilter } from "./manifests/envoy-filter.ts";
import { type PodOptions, deploymentPatch, helmValues } from "./manifests/gateway-pods.ts";
import { redisManifests } from "./manifests/redis.ts";
import { redisProxyManifests } from "./manifests/redis-proxy.ts";
import { routeManifests } from "./manifests/routes.ts";
import { bootstrapOverride } from "./manifests/telemetry.ts";
import { trafficExtension } from "./manifests/traffic-extension.ts";
import { wasmPlugin } from "./manifests/wasm-plugin.ts";
import { webdisManifests } from "./manifests/webdis.ts";
import { namespace, peerAuthentication } from "./manifests/workload.ts";
import type { Role } from "./roles.ts";
import type { Values } from "./values/values.ts";

/** The kinds in which Istio takes the filter, by the names of `--form`. */
export const FORMS = ["wasmplugin", "trafficextension", "envoyfilter"] as const;
export type Form = (typeof FORMS)[number];

/** Where each form is below `overlays/`. */
const OVERLAYS: Readonly<Record<Form, string>> = {
  wasmplugin: "wasmplugin",
  trafficextension: "trafficextension",
  envoyfilter: "envoyfilter-node-cache",
};

/** A file of a rendered tree, its path with slashes. */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}

/** Begins every rendered file, and tells it from others. */
export const MARK = "# Rendered by `signpost render`: change the values, not this file.";

/** The manifests beside the filter itself, by the names of their files. */
function baseManifests(values: Values): Map<string, CommentedManifest[]> {
  const { webdis, redis, redisCluster, routes } = values;
  const files = new Map<string, CommentedManifest[]>();
  if (webdis !== undefined) {
    files.set("namespace", [namespace(values), { manifest: peerAuthentication(values) }]);
    if (redis !== undefined) files.set("redis", redisManifests(values, redis));
    if (redisCluster !== undefined) files.set("redis-proxy", redisProxyManifests(values, redisCluster));
    files.set("webdis", webdisManifests(values, webdis));
  }
  files.set("callouts", calloutManifests(values));
  files.set("telemetry", [bootstrapOverride(values)]);
  if (routes !== undefined) files.set("routes", routeManifests(values, routes));
  return files;
}

/** The filter's roles in a form; undefined where the values do not say where the module comes from. */
function formManifests(
  values: Values,
  roles: readonly Role[],
  form: Form,
): Map<string, CommentedManifest[]> | undefined {
  const { module, nodeCache } = values;
  const manifestOf = (role: Role): CommentedManifest | undefined => {
    if (form === "envoyfilter") return nodeCache && envoyFilter(values, nodeCache, role);
    if (form === "wasmplugin") return module && wasmPlugin(values, module, role);
    return module && trafficExtension(values, module, role);
  };
  const files = new Map<string, CommentedManifest[]>();
  for (const role of roles) {
    const manifest = manifestOf(role);
    if (manifest === undefined) return undefined;
    files.set(role.name, [manifest]);
  }
  return files;
}

/** All documents of one form, as one text; undefined as with `formManifests`. */
export function renderStream(
  values: Values,
  roles: readonly Role[],
  form: Form,
  kinds: readonly string[] | undefined,
): { text: string; kinds: ReadonlySet<string> } | undefined {
  const plugins = formManifests(values, roles, form);
  if (plugins === undefined) return undefined;
  const manifests = [...baseManifests(values).values(), ...plugins.values()].flat();
  const chosen = manifests.filter(({ manifest }) => kinds?.includes(manifest.kind) ?? true);
  return { text: yamlText(chosen), kinds: new Set(manifests.map(({ manifest }) => manifest.kind)) };
}

/** The whole tree: a base, an overlay for each form, and what the gateway's pods need. */
export function renderTree(values: Values, roles: readonly Role[]): RenderedFile[] {
  const base = baseManifests(values);
  const files = [...folder("base", base, [])];
  for (const form of FORMS) {
    const plugins = formManifests(values, roles, form);
    if (plugins !== undefined) files.push(...folder(`overlays/${OVERLAYS[form]}`, plugins, ["../../base"]));
  }
  files.push(...gatewayFiles(values, "gateway", { hasNodeCache: false }));
  if (values.nodeCache !== undefined) {
    files.push(...gatewayFiles(values, "gateway/node-cache", { hasNodeCache: true }));
  }
  return files;
}

/** What the gateway's pods need. A directory of the node is only for those that load the module from it. */
function gatewayFiles(values: Values, path: string, options: PodOptions): RenderedFile[] {
  const { namespace: where, deployment } = values.gateway;
  const patch = `kubectl -n ${where} patch deployment ${deployment} --patch-file istio/${path}/deployment-patch.yaml`;
  return [
    file(
      `${path}/deployment-patch.yaml`,
      `# What the gateway's pods need${options.hasNodeCache ? " for the EnvoyFilter form" : ""}:\n# ${patch}\n${yamlText([deploymentPatch(values, options)])}`,
    ),
    file(
      `${path}/helm-values.yaml`,
      `# The same for a gateway of Istio's Helm chart, 1.27 or later:\n# helm upgrade … --reuse-values --values FILE\n${stringify(helmValues(values, options), { lineWidth: 0 })}`,
    ),
  ];
}

function folder(
  path: string,
  files: ReadonlyMap<string, CommentedManifest[]>,
  bases: readonly string[],
): RenderedFile[] {
  const names = [...files.keys()].map((name) => `${name}.yaml`);
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: [...bases, ...names],
  };
  return [
    file(`${path}/kustomization.yaml`, stringify(kustomization, { lineWidth: 0 })),
    ...[...files].map(([name, manifests]) => file(`${path}/${name}.yaml`, yamlText(manifests))),
  ];
}

function file(path: string, content: string): RenderedFile {
  return { path, text: `${MARK}\n${content}` };
}
