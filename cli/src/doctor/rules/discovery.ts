import { isRefused } from "../admin/discovery-outcome.ts";
import { type Stats, countOf } from "../admin/stats.ts";
import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** Whether Envoy has taken what it was sent: configurations of the filter (ECDS), and listeners (LDS). */
export function* discovery({ dump, stats, instances }: Examined): Iterable<Finding> {
  for (const { name, reason, isServing } of dump.refusedListeners) {
    const now = isServing ? "the version before serves, and a restart would leave none" : "nobody listens there";
    yield finding("listener-rejected", { seen: `${reason} (${now})`, where: `listener ${name}` });
  }
  if (stats === undefined) return;
  for (const instance of instances) yield* discoveryOf(instance, stats);
}

function* discoveryOf(instance: ExaminedInstance, stats: Stats): Iterable<Finding> {
  const prefix = discoveryStats(instance.name, stats);
  if (instance.discovered === undefined || prefix === undefined) return;
  const where = placesOf(instance);
  if (isRejected(instance, stats)) {
    yield finding("config-rejected", {
      seen: `Envoy rejected ${sentLast(instance)}; ${whatServes(instance, prefix, stats)}`,
      where,
    });
    yield* unsetVariable(instance, where);
  }
  const conflicts = countOf(stats, `${prefix}config_conflict`);
  if (conflicts > 0) yield finding("config-conflict", { seen: `config_conflict is ${conflicts}`, where });
}

/** Whether Envoy has rejected the last configuration that was discovered for a filter. */
export function isRejected({ name, discovered }: ExaminedInstance, stats: Stats): boolean {
  const prefix = discoveryStats(name, stats);
  if (discovered === undefined || prefix === undefined) return false;
  const updateTime = stats.get(`${prefix}update_time`);
  // Without any that was rejected it is one that is being loaded.
  const hasRejected = countOf(stats, `${prefix}update_rejected`) > 0;
  const time = typeof updateTime === "number" ? updateTime : undefined;
  return hasRejected && isRefused(discovered.lastUpdated, time) === true;
}

function sentLast({ discovered }: ExaminedInstance): string {
  const { version = "", lastUpdated = "" } = discovered ?? {};
  return version === "" ? `what it was sent at ${lastUpdated}` : `version ${version}`;
}

/** What requests meet now, and what they would after a restart. */
function whatServes({ hasDefault }: ExaminedInstance, prefix: string, stats: Stats): string {
  const atRestart = hasDefault ? "the listener's default_config" : "none, and every request would get 500";
  const taken = countOf(stats, `${prefix}update_time`);
  // The version is empty where a discovery service, or a file, gives it none: it does not tell whether there is one.
  if (taken > 0) {
    const running = stats.get(`${prefix}version_text`) ?? "";
    const which = running === "" ? `the one of ${new Date(taken).toISOString()}` : `version ${running}`;
    return `${which} serves; after a restart there would be ${atRestart}`;
  }
  return hasDefault ? "the listener's default_config serves" : "there is none from before, and every request gets 500";
}

/** With nothing else wrong, a variable that the VM is to take from the proxy's environment may not be there. */
function* unsetVariable({ configuration, message, verdict }: ExaminedInstance, where: string): Iterable<Finding> {
  const { passwordEnv = "" } = configuration.webdis ?? {};
  const isFromHost = message.environment.has(passwordEnv) && message.environment.get(passwordEnv) === undefined;
  if (!isFromHost || verdict.some(({ severity }) => severity === "error")) return;
  const seen = `webdis.passwordEnv is ${passwordEnv}, which the VM takes from the proxy's environment (host_env_keys)`;
  yield finding("password-variable-unset", { seen, where });
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
