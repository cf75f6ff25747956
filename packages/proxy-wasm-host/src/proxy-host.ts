import type { LogLevel } from "./abi/types.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import { Clock } from "./clock.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Faults } from "./faults.ts";
import type { StreamFilters } from "./filter-manager.ts";
import { type HttpCall, HttpCalls } from "./http-call.ts";
import { type Callback, type HostCall, Journal, type JournalEntry, isCallback, isHostCall } from "./journal.ts";
import { Log, type LogEntry } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { Plugin } from "./plugin.ts";
import { DeterministicRandom } from "./random.ts";
import type { ForeignFunction, Services } from "./services.ts";
import { SharedData } from "./shared-data.ts";
import { SharedQueues } from "./shared-queues.ts";
import { type AccessLogger, Stream, type StreamOptions } from "./stream.ts";
import { loadModule } from "./wasm-module.ts";
import { Worker } from "./worker.ts";

/** Midnight of 1 January 2025, UTC: a date that no test has to think about. */
const START_TIME = Date.UTC(2025, 0, 1);

export interface ProxyHostOptions {
  /** The module: its bytes, or the path of its file. */
  module: Uint8Array | string;
  /** Number of workers, each with a VM of its own; 1 by default. */
  workers?: number;
  /** Also a VM on the main thread, as Envoy has: it is configured, ticks and calls, and sees no traffic. */
  mainThread?: boolean;
  vmId?: string;
  vmConfiguration?: Bytes;
  /** Environment variables of the VMs. */
  environment?: Readonly<Record<string, string>>;
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

export interface PluginOptions {
  rootId: string;
  /** Name of the plugin, as `plugin_name` and in logs; the root id by default. */
  name?: string;
  /** Text, or bytes as they are. */
  configuration: Bytes;
}

/** An Envoy as far as Proxy-Wasm filters see one. Nothing happens in it on its own: time and peers are the test's. */
export class ProxyHost {
  readonly workers: readonly Worker[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly faults: Faults;
  readonly #services: Services;
  readonly #plugins = new Set<Plugin>();

  private constructor(services: Services, workers: (onReload: (worker: Worker) => void) => readonly Worker[]) {
    this.#services = services;
    this.clock = services.clock;
    this.metrics = services.metrics;
    this.faults = services.faults;
    this.workers = workers((worker) => {
      for (const plugin of this.#plugins) plugin.restart(worker);
    });
  }

  /** Loads the module into a VM per worker; rejects when Envoy would not load it, saying why. */
  static async create(options: ProxyHostOptions): Promise<ProxyHost> {
    const count = options.workers ?? 1;
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`workers: ${count} is not a number of workers`);
    const module = await loadModule(options.module);
    const services = createServices(options);
    const names = [
      ...Array.from({ length: count }, (_, index) => index),
      ...(options.mainThread === true ? ["main" as const] : []),
    ];
    const proxy = new ProxyHost(services, (onReload) =>
      names.map((name) => new Worker(name, module, services, onReload)),
    );
    const failure = proxy.workers[0]?.trapped;
    if (failure !== undefined) {
      // What the module itself had to say about it.
      const said = services.log.entries.filter(({ message }) => !message.startsWith(failure));
      const lines = said.map(({ level, message }) => `\n  ${level}: ${message}`);
      throw new Error(`Failed to initialize Wasm code: ${failure}${lines.join("")}`);
    }
    return proxy;
  }

  /** A plugin with a root in every VM. Whether the module has accepted it is in `configured`. */
  addPlugin({ rootId, name = rootId, configuration }: PluginOptions): Plugin {
    const plugin = new Plugin(this, { rootId, name, configuration });
    this.#plugins.add(plugin);
    return plugin;
  }

  /** A stream through these plugins, in this order for the request and in the opposite one for the response. */
  openStream(plugins: readonly Plugin[], options: StreamOptions = {}): Stream {
    const worker = this.vm(options.worker ?? 0);
    return new Stream(this.#services, () => takeRoots(plugins, options.accessLoggers ?? [], worker), options);
  }

  /** The VM of a worker, or of the main thread. */
  vm(name: number | "main"): Worker {
    const worker = this.workers.find((candidate) => candidate.name === name);
    if (worker === undefined) {
      throw new RangeError(`no VM ${name}: there are ${this.workers.map((candidate) => candidate.name).join(", ")}`);
    }
    return worker;
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

function createServices(options: ProxyHostOptions): Services {
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
    vmId: options.vmId ?? "",
    vmConfiguration: toBytes(options.vmConfiguration ?? ""),
    environment: options.environment ?? {},
    violations: [],
  };
}

/** The roots a new stream goes to; each is kept alive until the stream is over. */
function takeRoots(plugins: readonly Plugin[], loggers: readonly AccessLogger[], worker: Worker): StreamFilters {
  const registry = worker.roots;
  const roots = plugins.map((plugin) => plugin.rootFor(worker));
  const accessLoggers = loggers.map((plugin) => plugin.rootFor(worker)).filter((root) => root !== undefined);
  const retained = [...roots.filter((root) => root !== undefined), ...accessLoggers];
  for (const root of retained) registry.retain(root);
  return {
    roots,
    accessLoggers,
    release: () => {
      for (const root of retained) registry.release(root);
    },
  };
}
