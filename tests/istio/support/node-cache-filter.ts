import { copyFileSync } from "node:fs";
import { parse } from "yaml";
import { signpostModule } from "../../../cli/src/module.ts";
import { renderStream } from "../../../cli/src/render/layout.ts";
import { readValues } from "../../../cli/src/render/render-values.ts";
import { digestOfFile } from "../../../deploy/module.ts";
import { FILTER_WASM, requireFilter } from "../../../envoy-local/lib/project.ts";
import { CLUSTERS } from "../../fixtures/route/clusters.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { MESH_PORT, meshHost } from "./manifests.ts";

/** Where the gateway's pod has the node's modules. */
export const NODE_CACHE_PATH = "/var/lib/signpost/wasm";

/** Does what the node cache does: keeps the filter under its digest. @returns the digest */
export function fillNodeCache(folder: string): string {
  const digest = digestOfFile(requireFilter(FILTER_WASM));
  copyFileSync(FILTER_WASM, `${folder}/${digest}.wasm`);
  return digest;
}

/** There is none of this name in the mesh: its callout is of a host that nobody is. */
const UNKNOWN = "nowhere";

interface RenderedFilter extends Manifest {
  readonly spec: {
    readonly configPatches: readonly {
      readonly applyTo: string;
      readonly match: { readonly listener?: object };
    }[];
  };
}

/**
 * The EnvoyFilter that `signpost render` makes of a configuration of fixtures, under another name and for one listener
 * only. What is rendered is for all listeners of a gateway.
 */
export async function nodeCacheFilter(
  name: string,
  config: PluginConfig,
  port: number,
  sha256: string,
): Promise<Manifest> {
  const callouts = [...CLUSTERS, UNKNOWN].map((each) => [each, { host: meshHost(each), port: MESH_PORT }]);
  const values = JSON.stringify({
    nodeCache: { sha256, path: NODE_CACHE_PATH },
    callouts: Object.fromEntries(callouts) as object,
    config,
  });
  const { rendering, diagnostics } = await readValues(values, [], signpostModule(undefined));
  const rendered = rendering && renderStream(rendering.values, rendering.roles, "envoyfilter", ["EnvoyFilter"]);
  if (rendered === undefined) {
    throw new Error(`${name}: ${diagnostics.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
  }
  // The first document is that of the callouts.
  const text = rendered.text.split("---\n").find((each) => each.includes("name: signpost-routing")) ?? "";
  const filter = parse(text.replaceAll("signpost-routing", name)) as RenderedFilter;
  const configPatches = filter.spec.configPatches.map(({ match, ...patch }) => ({
    ...patch,
    match: match.listener === undefined ? match : { ...match, listener: { ...match.listener, portNumber: port } },
  }));
  return { ...filter, spec: { ...filter.spec, configPatches } };
}
