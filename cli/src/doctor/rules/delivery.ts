import { type ConfigDump, routeConfigOf } from "../admin/config-dump.ts";
import { at, listAt } from "../admin/json.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { type Place, placeOf } from "../instance.ts";
import { type Undelivered, undeliveredIn } from "../undelivered.ts";

/** Whether the module is there at all, and what stands in its place where it is not. */
export function* delivery(examined: Examined): Iterable<Finding> {
  const undelivered = undeliveredIn(examined);
  for (const each of undelivered) yield findingOf(each);
  if (examined.instances.length === 0 && undelivered.length === 0) {
    const chains = [...examined.dump.chains, ...examined.dump.warmingChains];
    const filters = [...new Set(chains.flatMap((chain) => chain.filters.map(({ name }) => name)))];
    const seen =
      chains.length === 0 ? "no listener speaks HTTP" : `none of these HTTP filters is Signpost: ${filters.join(", ")}`;
    yield finding("module-not-loaded", { seen, where: "all listeners" });
  }
  yield* disabledIn(examined);
}

function findingOf({ name, place, instead }: Undelivered): Finding {
  const where = placeOf(place, name);
  if (instead === "nothing") {
    const seen = `no configuration for ${name} has come`;
    return place.chain.warming === undefined
      ? finding("module-not-delivered", { seen, where })
      : waiting(place, seen, where);
  }
  const what = instead === "denies" ? "refuses" : "passes";
  const seen = `in the place of ${name} is an RBAC filter that ${what} everything`;
  return finding(instead === "denies" ? "module-denied" : "module-skipped", { seen, where });
}

/** @param why what the version of a listener that does not serve yet waits for */
export function waiting({ chain }: Pick<Place, "chain">, why: string, where: string): Finding {
  const { isServedMeanwhile, versionBefore = "" } = chain.warming ?? { isServedMeanwhile: false };
  if (!isServedMeanwhile) return finding("listener-waits", { seen: `${why}: until then nobody listens there`, where });
  const before = `the version before${versionBefore === "" ? "" : ` (${versionBefore})`}`;
  return finding("listener-update-waits", { seen: `${why}: until then ${before} serves`, where });
}

function* disabledIn({ instances, dump }: Examined): Iterable<Finding> {
  for (const { name, places } of instances) {
    for (const place of places) {
      const where = placeOf(place, name);
      if (place.chain.filters[place.index]?.isDisabled === true) {
        yield finding("module-disabled", { seen: `${name} has disabled: true`, where });
      } else if (isDisabledByRoutes(place, name, dump)) {
        yield finding("module-disabled", { seen: `every route has disabled: true for ${name}`, where });
      }
    }
  }
}

/** Whether no request of a chain meets the filter, since its routes say so (`typed_per_filter_config`). */
function isDisabledByRoutes({ chain }: Place, name: string, dump: ConfigDump): boolean {
  const config = routeConfigOf(chain, dump);
  const hosts = listAt(config, "virtual_hosts").filter((host) => listAt(host, "routes").length > 0);
  const isOff = (part: unknown): boolean => at(part, "typed_per_filter_config", name, "disabled") === true;
  const areOff = (host: unknown): boolean => listAt(host, "routes").every((route) => isOff(route) || isOff(host));
  return hosts.length > 0 && (isOff(config) || hosts.every(areOff));
}
