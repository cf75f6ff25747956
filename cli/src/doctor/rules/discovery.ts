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
  const { name, discoveredVersion } = instance;
  const prefix = discoveryStats(name, stats);
  if (discoveredVersion === undefined || prefix === undefined) return;
  const where = placesOf(instance);
  const running = stats.get(`${prefix}version_text`);
  const rejected = countOf(stats, `${prefix}update_rejected`);
  // The dump has the version that was sent last, the statistics the one that was taken last.
  if (rejected > 0 && running !== undefined && String(running) !== discoveredVersion) {
    const goesOn = running === "" ? "and has no other" : `and goes on with version ${running}`;
    yield finding("config-rejected", { seen: `Envoy rejected version ${discoveredVersion} ${goesOn}`, where });
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
