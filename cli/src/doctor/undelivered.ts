import type { ConfigDump } from "./admin/config-dump.ts";
import type { HttpFilter } from "./admin/http-chain.ts";
import { at } from "./admin/json.ts";
import { WASM_FILTER } from "./admin/wasm-message.ts";
import type { Examined } from "./examined.ts";
import { type Place, configOf, resourceName } from "./instance.ts";

export const RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC";

/** A filter that is meant to be Signpost and has no module. */
export interface Undelivered {
  readonly name: string;
  readonly place: Place;
  /** What is there instead: nothing, or a filter that refuses or passes every request. */
  readonly instead: "nothing" | "denies" | "passes";
}

/** The filters that are meant to be Signpost, as far as their names tell, and have no module. */
export function undeliveredIn(examined: Examined): Undelivered[] {
  const { dump, instances } = examined;
  const all = [...dump.chains, ...dump.warmingChains].flatMap((chain) =>
    chain.filters.flatMap((filter, index): Undelivered[] => {
      const instead = insteadOfModule(filter, dump);
      return instead === undefined ? [] : [{ name: filter.name, place: { chain, index }, instead }];
    }),
  );
  const named = all.filter(({ name }) => isMeant(name, examined.name));
  if (named.length > 0 || instances.length > 0 || examined.name !== undefined) return named;
  // Where Signpost is nowhere, a module that could not be had may well be it, whatever the plugin is called.
  return all.filter(({ instead, place }) => instead !== "nothing" || place.chain.warming !== undefined);
}

/** Whether Istio's agent has put this filter in the place of a module that it could not get: it authorizes nobody. */
export function isStandIn(filter: HttpFilter, dump: ConfigDump): boolean {
  return ["denies", "passes"].includes(insteadOfModule(filter, dump) ?? "");
}

/** What is in the place of a Wasm module that is discovered; undefined where it is the module, or another kind of filter. */
function insteadOfModule(filter: HttpFilter, dump: ConfigDump): Undelivered["instead"] | undefined {
  if (filter.discoveredTypes?.includes(WASM_FILTER) !== true) return undefined;
  const config = configOf(filter, dump);
  if (config === undefined) return "nothing";
  if (config.type !== RBAC) return undefined;
  // The agent's are `{"rules": {}, "rules_stat_prefix": "wasm-default-deny"}` and, without rules, `wasm-default-allow`.
  return at(config.value, "rules") === undefined ? "passes" : "denies";
}

function isMeant(filter: string, name: string | undefined): boolean {
  if (name !== undefined) return [filter, resourceName(filter)].includes(name);
  return filter.toLowerCase().includes("signpost");
}
