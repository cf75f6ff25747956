import type { Found, PluginConfigSource } from "./plugin-config-source.ts";
import { member } from "./tree.ts";

/** Sections that only Signpost's configurations have. */
const OWN_SECTIONS = ["webdis", "lookups", "responseCache", "invalidation"];

export interface Selection {
  found: Found[];
  /** Documents of the Wasm plugins that are left out. */
  others: string[];
  /** Why nothing is found. */
  problem?: string;
}

/**
 * Which of the Wasm configurations of a file are Signpost's. Those of this name, where one is given; else those whose names
 * or module say `signpost` or that have one of its sections; else the only one there is.
 */
export function selectSignpost(all: readonly Found[], name: string | undefined): Selection {
  if (all.length === 0) return { found: [], others: [], problem: NONE };
  const chosen = all.filter(({ source }) => (name === undefined ? isSignpost(source) : isNamed(source, name)));
  if (chosen.length > 0) {
    return { found: chosen, others: all.filter((config) => !chosen.includes(config)).map(labelOf) };
  }
  if (name !== undefined)
    return { found: [], others: all.map(labelOf), problem: `no Wasm plugin is named ${name}: ${namesOf(all)}` };
  if (all.length === 1) return { found: [...all], others: [] };
  return {
    found: [],
    others: all.map(labelOf),
    problem: `none of ${all.length} Wasm plugins looks like Signpost: say which one is with --name (${namesOf(all)})`,
  };
}

/** What is wrong with a file that holds none. */
export const NONE =
  "holds no Signpost configuration: neither a pluginConfig nor a WasmPlugin, TrafficExtension, EnvoyFilter or file of Envoy's with one";

function labelOf({ source }: Found): string {
  return source.document;
}

function namesOf(all: readonly Found[]): string {
  const names = new Set(all.flatMap(({ source }) => source.manifest?.names ?? []));
  return names.size === 0 ? "there is only a pluginConfig" : `there are ${[...names].join(", ")}`;
}

/** Whether a Wasm plugin goes by this name. */
export function isNamed({ manifest }: PluginConfigSource, name: string): boolean {
  return manifest?.names.includes(name) ?? false;
}

/** Whether a Wasm plugin looks like Signpost: by its names, its module, or a section of its configuration. */
export function isSignpost({ manifest, tree }: PluginConfigSource): boolean {
  if (manifest === undefined) return true;
  const said = [...manifest.names, manifest.module ?? ""];
  return (
    said.some((text) => text.toLowerCase().includes("signpost")) ||
    OWN_SECTIONS.some((name) => member(tree, name) !== undefined)
  );
}
