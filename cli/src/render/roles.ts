import type { Step } from "../plugin-config/config-path.ts";
import {
  type Member,
  type ObjectTree,
  type Tree,
  itemsAt,
  member,
  textAt,
  toJson,
  valueAt,
} from "../plugin-config/tree.ts";
import { clusterName } from "./clusters.ts";
import { hintFor } from "../nearest-name.ts";
import type { Findings } from "./values/value-reader.ts";
import type { CalloutValues } from "./values/values.ts";

/** One of the filter's two instances in a gateway. */
export interface Role {
  readonly name: "routing" | "caching";
  /** Routing belongs before authorization, which sees what is routed; caching after it, which it would skip. */
  readonly phase: "AUTHN" | "STATS";
  /** Its part of the configuration, at its places in the values file. */
  readonly tree: ObjectTree;
}

/** Sections of the configuration that only one role has; all others are both's. */
const ROUTING_ONLY = ["lookups", "debugHeader"];
const CACHING_ONLY = ["responseCache"];

/**
 * The roles that a configuration has work for, each with its part of it. A field that the filter does not know stays in, so
 * that its module says so.
 *
 * @param config with names of clusters, not of callouts
 */
export function rolesOf(config: ObjectTree): Role[] {
  const roles: Role[] = [];
  const hasCache = member(config, "responseCache") !== undefined;
  if (hasLookups(config) || !hasCache) {
    roles.push({ name: "routing", phase: "AUTHN", tree: without(config, CACHING_ONLY) });
  }
  if (hasCache) {
    const unused = usesRedis(config) ? [] : ["webdis"];
    roles.push({ name: "caching", phase: "STATS", tree: without(config, [...ROUTING_ONLY, ...unused]) });
  }
  return roles;
}

/** What the filter gets, as a value. */
export function pluginConfigOf({ tree }: Role): Record<string, unknown> {
  return JSON.parse(toJson(tree)) as Record<string, unknown>;
}

function hasLookups(config: ObjectTree): boolean {
  const lookups = valueAt(config, "lookups");
  // What is no list at all is there for the module to refuse.
  return lookups !== undefined && !(lookups.kind === "array" && lookups.items.length === 0);
}

function without(config: ObjectTree, names: readonly string[]): ObjectTree {
  return { ...config, members: config.members.filter(({ name }) => !names.includes(name)) };
}

/** Whether the cache has anything to ask Redis. */
function usesRedis(config: ObjectTree): boolean {
  const shared = valueAt(config, "responseCache", "shared");
  const isLocal = shared?.kind === "scalar" && shared.value === false;
  return !isLocal || member(config, "invalidation") !== undefined;
}

/**
 * The configuration with the names of clusters in place of the callouts', and the callouts it names: all of them where it
 * names one that is not there, as nobody knows then which was meant.
 */
export function withClusters(
  config: ObjectTree,
  callouts: ReadonlyMap<string, CalloutValues>,
  findings: Findings,
): { config: ObjectTree; used: ReadonlySet<string> } {
  const used = new Set<string>();
  const nameCluster = (tree: Tree, steps: readonly Step[]): Tree => {
    if (tree.kind !== "scalar" || typeof tree.value !== "string") return tree;
    const callout = callouts.get(tree.value);
    if (callout !== undefined) {
      used.add(tree.value);
      const value = clusterName(callout);
      return { ...tree, value, json: JSON.stringify(value) };
    }
    // A cluster's name of Istio's is taken as it is.
    if (!tree.value.includes("|")) {
      for (const name of callouts.keys()) used.add(name);
      const hint = hintFor(tree.value, [...callouts.keys()]);
      findings.report("error", ["config", ...steps], `${JSON.stringify(tree.value)} is none of the callouts (${hint})`);
    }
    return tree;
  };
  const changed = mapClusters(config, [], nameCluster);
  return { config: changed.kind === "object" ? changed : config, used };
}

/** Where the configuration names clusters. */
function isCluster(steps: readonly Step[]): boolean {
  return /^(?:webdis\.cluster|tracing\.cluster|lookups\.\d+\.service\.cluster)$/.test(steps.join("."));
}

function mapClusters(tree: Tree, steps: readonly Step[], change: (tree: Tree, steps: readonly Step[]) => Tree): Tree {
  if (isCluster(steps)) return change(tree, steps);
  // Nothing below that could be one.
  if (steps.length > 3) return tree;
  if (tree.kind === "array")
    return { ...tree, items: tree.items.map((item, index) => mapClusters(item, [...steps, index], change)) };
  if (tree.kind !== "object") return tree;
  const members: Member[] = tree.members.map((each) => ({
    ...each,
    value: mapClusters(each.value, [...steps, each.name], change),
  }));
  return { ...tree, members };
}

/** The environment variable of the VM that holds Webdis' password. */
export function passwordVariable(config: ObjectTree): string | undefined {
  return textAt(config, "webdis", "passwordEnv");
}

/** The prefix of all keys; the filter's default where none is given. */
export function keyPrefix(config: ObjectTree): string {
  return textAt(config, "webdis", "keyPrefix") ?? "signpost:";
}

/** The number of the Redis database. */
export function databaseOf(config: ObjectTree): number {
  const database = valueAt(config, "webdis", "database");
  return database?.kind === "scalar" && typeof database.value === "number" ? database.value : 0;
}

/** Headers that only records set, whatever clients send: those of `owns` and `apply.headers`, in lower case. */
export function ownedHeaders(config: ObjectTree): Set<string> {
  const owned = itemsAt(config, "lookups").flatMap((lookup) => [
    ...itemsAt(lookup, "owns").map((name) => (name.kind === "scalar" ? String(name.value) : "")),
    ...itemsAt(lookup, "apply", "headers").map((header) => textAt(header, "name") ?? ""),
  ]);
  return new Set(owned.map((name) => name.toLowerCase()));
}
