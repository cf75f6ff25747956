import type { ConfigDump } from "../admin/config-dump.ts";
import type { HttpChain } from "../admin/http-chain.ts";
import type { Examined } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { configOf } from "../instance.ts";
import { undeliveredIn } from "../undelivered.ts";
import { waiting } from "./delivery.ts";

/** Whether a version of a listener that has the filter waits for something else than its configuration. */
export function* warming(examined: Examined): Iterable<Finding> {
  const { dump, instances } = examined;
  const told = new Set(undeliveredIn(examined).map(({ place }) => place.chain));
  const names = new Set(instances.map(({ name }) => name));
  for (const chain of dump.warmingChains) {
    if (told.has(chain) || !chain.filters.some(({ name }) => names.has(name))) continue;
    const missing = missingIn(chain, dump);
    const why = missing.length === 0 ? "it is warming" : `it waits for ${missing.join(", ")}`;
    yield waiting({ chain }, `${chain.label}: ${why}`, chain.label);
  }
}

/** What is to be discovered for a chain and is not there. */
function missingIn(chain: HttpChain, dump: ConfigDump): string[] {
  const filters = chain.filters.filter(
    (filter) => filter.discoveredTypes !== undefined && configOf(filter, dump) === undefined,
  );
  const { routes } = chain;
  const isWithoutRoutes = routes.kind === "named" && !dump.routes.has(routes.name);
  return [
    ...filters.map(({ name }) => `the configuration of ${name}`),
    ...(isWithoutRoutes ? [`the routes ${routes.name}`] : []),
  ];
}
