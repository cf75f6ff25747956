import type { LogLevel } from "./abi/types.ts";
import { Clock } from "./clock.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Faults } from "./faults.ts";
import type { StreamFilters } from "./filter-manager.ts";
import { type HttpCall, HttpCalls } from "./http-call.ts";
import {
  type Callback,
  type HostCall,
  Journal,
  type JournalEntry,
  type VmName,
  isCallback,
  isHostCall,
} from "./journal.ts";
import { Log, type LogEntry } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { type ModuleHost, type ModuleOptions, ModuleVms, type PluginOptions } from "./module-vms.ts";
import type { Plugin } from "./plugin.ts";
import { DeterministicRandom } from "./random.ts";
import type { ForeignFunction, ProxyServices } from "./services.ts";
import { SharedData } from "./shared-data.ts";
import { SharedQueues } from "./shared-queues.ts";
import { type AccessLogger, Stream, type StreamOptions } from "./stream.ts";
import type { Worker } from "./worker.ts";

/** Midnight of 1 January 2025, UTC: a date that no test has to think about. */
const START_TIME = Date.UTC(2025, 0, 1);

export interface ProxyHostOptions extends ModuleOptions {
  /** Number of workers, each with a VM of its own; 1 by default. */
  workers?: number;
  /** Also a VM on the main thread, as Envoy has: it is configured, ticks and calls, and sees no traffic. */
  mainThread?: boolean;
  /** Clusters that can be called; any other is unknown. */
  clusters?: readonly string[];
  /** Clusters that are known and have no endpoints: a call to one fails at once. */
  emptyClusters?: readonly string[];
  /** Lines below this level are not logged; `info` by default, as in Envoy. */
  logLevel?: LogLevel;
  /** Wall time to begin with, in milliseconds since 1970. */
  startTime?: number;
  /** Seed of all randomness. */
  seed?: number;
  /** Whether host calls and callbacks are recorded; true by default. */
  recording?: boolean;
  /** Foreign functions beside `clear_route_cache`, by name. */
  foreignFunctions?: Readonly<Record<string, ForeignFunction>>;
}

/** An Envoy as far as Proxy-Wasm filters see one. Nothing happens in it on its own: time and peers are the test's. */
export class ProxyHost {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly faults: Faults;
  readonly #services: ProxyServices;
  readonly #host: ModuleHost;
  readonly #first: ModuleVms;

  private constructor(host: ModuleHost, first: ModuleVms) {
    this.#services = host.services;
    this.#host = host;
    this.#first = first;
    this.clock = host.services.clock;
    this.metrics = host.services.metrics;
    this.faults = host.services.faults;
  }

  /** Loads the module into a VM per worker; rejects when Envoy would not load it, saying why. */
  static async create(options: ProxyHostOptions): Promise<ProxyHost> {
    const count = options.workers ?? 1;
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`workers: ${count} is not a number of workers`);
    const host = moduleHost(createServices(options), [
      ...Array.from({ length: count }, (_, index) => index),
      ...(options.mainThread === true ? ["main" as const] : []),
    ]);
    return new ProxyHost(host, await ModuleVms.load(host, options));
  }

  /**
   * One more module, with VMs of its own: for chains of different filters, and for what modules share. It has plugins of its
   * own; `openStream` takes those of all modules.
   */
  async addModule(options: ModuleOptions): Promise<ModuleVms> {
    return ModuleVms.load(this.#host, options);
  }

  /** The VMs of the first module, one for each worker. */
  get workers(): readonly Worker[] {
    return this.#first.workers;
  }

  /** A plugin of the first module. Whether that has accepted it is in `configured`. */
  addPlugin(options: PluginOptions): Plugin {
    return this.#first.addPlugin(options);
  }

  /** A stream through these plugins, in this order for the request and in the opposite one for the response. */
  openStream(plugins: readonly Plugin[], options?: StreamOptions): Stream {
    return this.#host.openStream(plugins, options);
  }

  /** The first module's VM of a worker, or of the main thread. */
  vm(name: VmName): Worker {
    return this.#first.vm(name);
  }

  /** HTTP calls in flight, oldest first. */
  get calls(): HttpCall[] {
    return this.#services.calls.pending;
  }

  /** Clusters that can be called; tests may change them. */
  get clusters(): Set<string> {
    return this.#services.clusters;
  }

  /** Clusters without endpoints; tests may change them, too. */
  get emptyClusters(): Set<string> {
    return this.#services.emptyClusters;
  }

  /** Everything logged so far. */
  get logs(): readonly LogEntry[] {
    return this.#services.log.entries;
  }

  get logLevel(): LogLevel {
    return this.#services.log.level;
  }

  set logLevel(level: LogLevel) {
    this.#services.log.level = level;
  }

  /** What modules did that Envoy does not define: continuing what is not paused, answering twice. Best kept empty. */
  get violations(): readonly string[] {
    return this.#services.violations;
  }

  /** Host calls and callbacks in the order they began, since the last `takeJournal`, `takeHostCalls` or `takeCallbacks`. */
  get journal(): readonly JournalEntry[] {
    return this.#services.journal.entries;
  }

  get hostCalls(): HostCall[] {
    return this.journal.filter(isHostCall);
  }

  get callbacks(): Callback[] {
    return this.journal.filter(isCallback);
  }

  /** The journal so far, which then begins anew. */
  takeJournal(): JournalEntry[] {
    return this.#services.journal.take();
  }

  /** The host calls so far; the whole journal then begins anew. */
  takeHostCalls(): HostCall[] {
    return this.takeJournal().filter(isHostCall);
  }

  /** The callbacks so far; the whole journal then begins anew. */
  takeCallbacks(): Callback[] {
    return this.takeJournal().filter(isCallback);
  }

  /** Off saves the time and memory of recording: for load and fuzzing. */
  get recording(): boolean {
    return this.#services.journal.recording;
  }

  set recording(on: boolean) {
    this.#services.journal.recording = on;
  }
}

function createServices(options: ProxyHostOptions): ProxyServices {
  return {
    clock: new Clock(options.startTime ?? START_TIME),
    random: new DeterministicRandom(options.seed ?? 1),
    dispatcher: new Dispatcher(),
    journal: new Journal(options.recording ?? true),
    log: new Log(options.logLevel ?? "info"),
    faults: new Faults(),
    metrics: new Metrics(),
    sharedData: new SharedData(),
    sharedQueues: new SharedQueues(),
    calls: new HttpCalls(),
    clusters: new Set(options.clusters),
    emptyClusters: new Set(options.emptyClusters),
    foreignFunctions: new Map(Object.entries(options.foreignFunctions ?? {})),
    violations: [],
  };
}

function moduleHost(services: ProxyServices, vmNames: readonly VmName[]): ModuleHost {
  return {
    services,
    vmNames,
    openStream: (plugins, options = {}) => {
      const worker = options.worker ?? 0;
      if (!vmNames.includes(worker)) throw new RangeError(`no VM ${worker}: there are ${vmNames.join(", ")}`);
      return new Stream(services, () => takeRoots(plugins, options.accessLoggers ?? [], worker), options);
    },
  };
}

/** The roots a new stream goes to; each is kept alive until the stream is over. */
function takeRoots(plugins: readonly Plugin[], loggers: readonly AccessLogger[], worker: VmName): StreamFilters {
  const roots = plugins.map((plugin) => plugin.rootFor(worker));
  const accessLoggers = loggers.map((plugin) => plugin.rootFor(worker)).filter((root) => root !== undefined);
  const retained = [...roots.filter((root) => root !== undefined), ...accessLoggers];
  for (const root of retained) root.vm.roots.retain(root);
  return {
    roots,
    accessLoggers,
    release: () => {
      for (const root of retained) root.vm.roots.release(root);
    },
  };
}
