import { type Bytes, toBytes } from "./bytes.ts";
import type { VmName } from "./journal.ts";
import { Plugin } from "./plugin.ts";
import type { ProxyServices, Services } from "./services.ts";
import type { Stream, StreamOptions } from "./stream.ts";
import { loadModule } from "./wasm-module.ts";
import { Worker } from "./worker.ts";

/** A module, and what its VMs are given. */
export interface ModuleOptions {
  /** The module: its bytes, or the path of its file. */
  module: Uint8Array | string;
  vmId?: string;
  vmConfiguration?: Bytes;
  /** Environment variables of the VMs. */
  environment?: Readonly<Record<string, string>>;
}

export interface PluginOptions {
  rootId: string;
  /** Name of the plugin, as `plugin_name` and in logs; the root id by default. */
  name?: string;
  /** Text, or bytes as they are. */
  configuration: Bytes;
}

/** What the VMs of a module need of their proxy. */
export interface ModuleHost {
  readonly services: ProxyServices;
  readonly vmNames: readonly VmName[];
  openStream(plugins: readonly Plugin[], options?: StreamOptions): Stream;
}

/** One module of a proxy: a VM of it for each worker, and the plugins that run in them. */
export class ModuleVms {
  readonly workers: readonly Worker[];
  readonly #host: ModuleHost;
  readonly #plugins = new Set<Plugin>();

  private constructor(host: ModuleHost, worker: (name: VmName, onReload: (worker: Worker) => void) => Worker) {
    this.#host = host;
    this.workers = host.vmNames.map((name) =>
      worker(name, (reloaded) => {
        for (const plugin of this.#plugins) plugin.restart(reloaded);
      }),
    );
  }

  /** Loads the module into a VM per worker; rejects when Envoy would not load it, saying why. */
  static async load(host: ModuleHost, options: ModuleOptions): Promise<ModuleVms> {
    const module = await loadModule(options.module);
    const services: Services = {
      ...host.services,
      vmId: options.vmId ?? "",
      vmConfiguration: toBytes(options.vmConfiguration ?? ""),
      environment: options.environment ?? {},
    };
    const logged = services.log.entries.length;
    const vms = new ModuleVms(host, (name, onReload) => new Worker(name, module, services, onReload));
    const failure = vms.workers[0]?.trapped;
    if (failure !== undefined) {
      // What the module itself had to say about it.
      const said = services.log.entries.slice(logged).filter(({ message }) => !message.startsWith(failure));
      const lines = said.map(({ level, message }) => `\n  ${level}: ${message}`);
      throw new Error(`Failed to initialize Wasm code: ${failure}${lines.join("")}`);
    }
    return vms;
  }

  /** A plugin with a root in every VM. Whether the module has accepted it is in `configured`. */
  addPlugin({ rootId, name = rootId, configuration }: PluginOptions): Plugin {
    const plugin = new Plugin(this, { rootId, name, configuration });
    this.#plugins.add(plugin);
    return plugin;
  }

  openStream(plugins: readonly Plugin[], options?: StreamOptions): Stream {
    return this.#host.openStream(plugins, options);
  }

  /** The VM of a worker, or of the main thread. */
  vm(name: VmName): Worker {
    const worker = this.workers.find((candidate) => candidate.name === name);
    if (worker === undefined) {
      throw new RangeError(`no VM ${name}: there are ${this.workers.map((candidate) => candidate.name).join(", ")}`);
    }
    return worker;
  }
}
