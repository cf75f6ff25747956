import { isRefused } from "../admin/discovery-outcome.ts";
import { countOf, type Stats } from "../admin/stats.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** Whether Envoy has taken what it was sent: configurations of the filter (ECDS), and listeners (LDS). */
export function* discovery({ dump, stats, instances }: Examined): Iterable<Finding> {
  for (const { name, reason } of dump.refusedListeners) {
    yield finding("listener-rejected", { seen: reason, where: `listener ${name}` });
  }
  if (stats === undefined) return;
  for (const instance of instances) yield* discoveryOf(instance, stats);
}

function* discoveryOf(instance: ExaminedInstance, stats: Stats): Iterable<Finding> {
  const { name, discovered } = instance;
  const prefix = discoveryStats(name, stats);
  if (discovered === undefined || prefix === undefined) return;
  const where = placesOf(instance);
  const { version, lastUpdated } = discovered;
  // Without any that was rejected it is one that is being loaded.
  const hasRejected = countOf(stats, `${prefix}update_rejected`) > 0;
  const updateTime = stats.get(`${prefix}update_time`);
  if (hasRejected && isRefused(lastUpdated, typeof updateTime === "number" ? updateTime : undefined) === true) {
    const running = stats.get(`${prefix}version_text`) ?? "";
    const rejected = version === "" ? `what it was sent at ${lastUpdated ?? ""}` : `version ${version}`;
    const goesOn = running === "" ? "and has no other" : `and goes on with version ${running}`;
    yield finding("config-rejected", { seen: `Envoy rejected ${rejected} ${goesOn}`, where });
  }
  const conflicts = countOf(stats, `${prefix}config_conflict`);
  if (conflicts > 0) yield finding("config-conflict", { seen: `config_conflict is ${conflicts}`, where });
}

/** What the statistics of a discovered HTTP filter begin with, as scopes differ; undefined where none are kept. */
export function discoveryStats(filter: string, stats: Stats): string | undefined {
  const suffix = `extension_config_discovery.http_filter.${filter}.`;
  for (const name of stats.keys()) {
    const at = name.indexOf(suffix);
    if (at >= 0) return name.slice(0, at + suffix.length);
  }
  return undefined;
}
