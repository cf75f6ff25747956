import { bodyWritersAmong } from "../../body-writers.ts";
import { type ConfigDump, routeConfigOf } from "../admin/config-dump.ts";
import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { type Place, configOf, placeOf } from "../instance.ts";

/** Whether filters stand between a response cache and its clients that would write a body behind its 304. */
export function* bodyWriters({ dump, instances }: Examined): Iterable<Finding> {
  for (const { name, configuration, places } of instances) {
    if (!configuration.hasResponseCache) continue;
    for (const place of places) {
      const writers = bodyWritersBefore(place, dump);
      if (writers.length === 0) continue;
      const seen = `${writers.join(", ")} is before the responseCache of ${name}, and may write response bodies`;
      yield finding("body-writer-before-cache", { seen, where: placeOf(place, name) });
    }
  }
}

function bodyWritersBefore({ chain, index }: Place, dump: ConfigDump): string[] {
  const filters = chain.filters.slice(0, index).map((filter) => {
    const message = configOf(filter, dump);
    return { ...filter, type: message?.type ?? "", config: message?.value };
  });
  return bodyWritersAmong(filters, routeConfigOf(chain, dump));
}
