import type { Clock } from "./clock.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Faults } from "./faults.ts";
import type { HttpCalls } from "./http-call.ts";
import type { Journal } from "./journal.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { DeterministicRandom } from "./random.ts";
import type { SharedData } from "./shared-data.ts";
import type { SharedQueues } from "./shared-queues.ts";

/** What a foreign function of the host does with its argument; `result` goes back to the module. */
export type ForeignFunction = (argument: Uint8Array) => { status: number; result?: Uint8Array };

/** What all VMs of a proxy share, whatever they run. */
export interface ProxyServices {
  readonly clock: Clock;
  readonly random: DeterministicRandom;
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly log: Log;
  readonly faults: Faults;
  readonly metrics: Metrics;
  readonly sharedData: SharedData;
  readonly sharedQueues: SharedQueues;
  readonly calls: HttpCalls;
  /** Names of the clusters that calls can be made to. */
  readonly clusters: Set<string>;
  /** Names of those that have no endpoints. */
  readonly emptyClusters: Set<string>;
  readonly foreignFunctions: ReadonlyMap<string, ForeignFunction>;
  /** What modules did that Envoy does not define: each is a bug waiting for a crash or a hang. */
  readonly violations: string[];
}

/** That, and what the VMs of one module share. */
export interface Services extends ProxyServices {
  readonly vmId: string;
  readonly vmConfiguration: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
}
