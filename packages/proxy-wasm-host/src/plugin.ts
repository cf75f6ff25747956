import type { Bytes } from "./bytes.ts";
import type { VmName } from "./journal.ts";
import type { PluginSettings, RootContext } from "./root-context.ts";
import type { Stream, StreamOptions } from "./stream.ts";
import type { Worker } from "./worker.ts";

/** What a plugin needs of the proxy it is part of: the VMs of its module, and streams. */
export interface PluginHost {
  readonly workers: readonly Worker[];
  openStream(plugins: readonly Plugin[], options?: StreamOptions): Stream;
}

/** A filter of the proxy: one root in every VM. */
export class Plugin {
  readonly #host: PluginHost;
  readonly #roots = new Map<Worker, RootContext>();
  #settings: PluginSettings;
  #removed = false;

  constructor(host: PluginHost, settings: PluginSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#start(settings);
  }

  get name(): string {
    return this.#settings.name;
  }

  get rootId(): string {
    return this.#settings.rootId;
  }

  get configuration(): Bytes {
    return this.#settings.configuration;
  }

  /** Whether every VM has accepted the configuration. Streams of a plugin that is not configured get 503. */
  get configured(): boolean {
    return this.#roots.size === this.#host.workers.length;
  }

  /** Id of the root that new streams of a worker get; undefined when there is none. */
  rootContextId(worker = 0): number | undefined {
    return this.rootFor(worker)?.id;
  }

  openStream(options: StreamOptions = {}): Stream {
    return this.#host.openStream([this], options);
  }

  /**
   * A new configuration, in a new root. New streams go to it once every VM has accepted it; the old root goes when its
   * last stream has. Refused (false): everything stays as it was.
   */
  update(configuration: Bytes): boolean {
    if (this.#removed) throw new Error(`plugin ${this.rootId} has been removed`);
    // A VM that has trapped does not stop an update: Envoy makes a new one.
    for (const worker of this.#host.workers) if (worker.trapped !== undefined) worker.reload();
    const before = new Map(this.#roots);
    if (!this.#start({ ...this.#settings, configuration })) return false;
    for (const [worker, root] of before) worker.roots.release(root);
    return true;
  }

  /** Takes no more streams; its roots go when their last streams have. */
  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    for (const [worker, root] of this.#roots) worker.roots.release(root);
    this.#roots.clear();
  }

  /** The root for a new stream, undefined when there is none that could take it. */
  rootFor(worker: VmName): RootContext | undefined {
    const found = this.#host.workers.find(({ name }) => name === worker);
    return found === undefined ? undefined : this.#roots.get(found);
  }

  /** The worker has a new VM. */
  restart(worker: Worker): void {
    this.#roots.delete(worker);
    if (this.#removed) return;
    const root = worker.roots.acquire(this.#settings);
    if (root !== undefined) this.#roots.set(worker, root);
  }

  #start(settings: PluginSettings): boolean {
    const roots = new Map<Worker, RootContext>();
    for (const worker of this.#host.workers) {
      const root = worker.roots.acquire(settings);
      if (root === undefined) {
        for (const [other, acquired] of roots) other.roots.release(acquired);
        return false;
      }
      roots.set(worker, root);
    }
    this.#settings = settings;
    this.#roots.clear();
    for (const [worker, root] of roots) this.#roots.set(worker, root);
    return true;
  }
}
