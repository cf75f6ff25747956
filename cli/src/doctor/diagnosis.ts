import type { ProxyIdentity } from "./admin/config-dump.ts";
import type { Digest, FailurePolicy } from "./admin/wasm-message.ts";
import type { Examined, ExaminedInstance } from "./examined.ts";
import { type Finding, arranged } from "./finding.ts";
import { placeOf } from "./instance.ts";
import { findingsIn } from "./rules/index.ts";
import { type WebdisProbing, uncheckedIn } from "./unchecked.ts";

/** What `signpost doctor` says of a proxy. */
export interface Diagnosis {
  readonly proxy: ProxyIdentity;
  readonly plugins: readonly PluginSummary[];
  readonly findings: readonly Finding[];
  /** What was not looked at, and what it would take. */
  readonly unchecked: readonly string[];
}

/** A Signpost filter, in short; nothing of it is secret. */
export interface PluginSummary {
  readonly name: string;
  readonly places: readonly string[];
  /** The module's file or address; null where the code is in the configuration itself. */
  readonly module: string | null;
  readonly digest: Digest | null;
  readonly failurePolicy: FailurePolicy;
  readonly lookups: readonly string[];
  readonly responseCache: boolean;
  readonly clusters: readonly string[];
}

/** @param ofWebdis what was found at Webdis */
export function diagnosisOf(examined: Examined, ofWebdis: readonly Finding[], probing: WebdisProbing): Diagnosis {
  return {
    proxy: examined.dump.proxy,
    plugins: examined.instances.map(summaryOf),
    findings: arranged([...findingsIn(examined), ...ofWebdis]),
    unchecked: uncheckedIn(examined, probing),
  };
}

function summaryOf(instance: ExaminedInstance): PluginSummary {
  const { name, places, message, digest, configuration } = instance;
  return {
    name,
    places: places.map((place) => placeOf(place, name)),
    module: message.module ?? null,
    digest: digest ?? null,
    failurePolicy: message.failurePolicy,
    lookups: configuration.lookups.map((lookup) => lookup.name),
    responseCache: configuration.hasResponseCache,
    clusters: [...configuration.clusters.keys()],
  };
}

export function countBySeverity({ findings }: Diagnosis, severity: Finding["severity"]): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
