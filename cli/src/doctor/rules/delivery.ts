import { WASM_FILTER } from "../admin/wasm-message.ts";
import type { HttpFilter } from "../admin/http-chain.ts";
import { at } from "../admin/json.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { configOf, placeOf, resourceName } from "../instance.ts";

const RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC";

/** Whether the module is there at all, and what stands in its place where it is not. */
export function* delivery(examined: Examined): Iterable<Finding> {
  const undelivered = [...undeliveredIn(examined)];
  yield* undelivered;
  if (examined.instances.length === 0 && undelivered.length === 0) {
    const { chains } = examined.dump;
    const filters = [...new Set(chains.flatMap((chain) => chain.filters.map(({ name }) => name)))];
    const seen =
      chains.length === 0 ? "no listener speaks HTTP" : `none of these HTTP filters is Signpost: ${filters.join(", ")}`;
    yield finding("module-not-loaded", { seen, where: "all listeners" });
  }
  yield* disabledIn(examined);
}

function* undeliveredIn(examined: Examined): Iterable<Finding> {
  const { dump } = examined;
  for (const chain of dump.chains) {
    for (const [index, filter] of chain.filters.entries()) {
      if (!mayBeSignpost(filter, examined)) continue;
      const where = placeOf({ chain, index }, filter.name);
      const config = configOf(filter, dump);
      if (config === undefined) {
        yield finding("module-not-delivered", { seen: `no configuration for ${filter.name} has come`, where });
      } else if (config.type === RBAC) {
        // What Istio's agent puts there: rules that allow nothing, or no rules at all.
        const denies = at(config.value, "rules") !== undefined;
        const seen = `in the place of ${filter.name} is an RBAC filter that ${denies ? "refuses" : "passes"} everything`;
        yield finding(denies ? "module-denied" : "module-skipped", { seen, where });
      }
    }
  }
}

/** Whether a discovered filter is meant to be Signpost, as far as its name tells. */
function mayBeSignpost({ name, discoveredTypes }: HttpFilter, examined: Examined): boolean {
  if (discoveredTypes?.includes(WASM_FILTER) !== true) return false;
  if (examined.name !== undefined) return [name, resourceName(name)].includes(examined.name);
  return name.toLowerCase().includes("signpost");
}

function* disabledIn({ instances }: Examined): Iterable<Finding> {
  for (const { name, places } of instances) {
    for (const place of places) {
      if (place.chain.filters[place.index]?.isDisabled !== true) continue;
      yield finding("module-disabled", { seen: `${name} has disabled: true`, where: placeOf(place, name) });
    }
  }
}
