import type { ClusterStatus } from "./admin/cluster-status.ts";
import type { ConfigDump } from "./admin/config-dump.ts";
import type { Readings } from "./admin/readings.ts";
import type { Stats } from "./admin/stats.ts";
import type { Digest } from "./admin/wasm-message.ts";
import type { Finding } from "./finding.ts";
import type { Instance } from "./instance.ts";
import type { Diagnostic } from "../plugin-config/index.ts";

/** All that the rules look at: what a proxy says of itself, and what the filter's own module says of its configuration. */
export interface Examined {
  readonly dump: ConfigDump;
  /** Undefined where only a config_dump was given. */
  readonly clusters: ReadonlyMap<string, ClusterStatus> | undefined;
  readonly stats: Stats | undefined;
  /** The same, for what it counted and when. */
  readonly readings: Readings | undefined;
  readonly instances: readonly ExaminedInstance[];
  /** The name given for the plugin, if any. */
  readonly name: string | undefined;
  /** SHA-256 that the module should have, if one was given. */
  readonly expectedDigest: string | undefined;
  /** SHA-256 of the module that gave the verdicts. */
  readonly ownDigest: string;
}

export interface ExaminedInstance extends Instance {
  readonly verdict: readonly Diagnostic[];
  /** As far as it can be told. */
  readonly digest: Digest | undefined;
}

/** Looks at one kind of thing; what it finds depends on nothing else. */
export type Rule = (examined: Examined) => Iterable<Finding>;
