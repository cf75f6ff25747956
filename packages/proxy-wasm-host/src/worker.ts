import type { VmName } from "./journal.ts";
import type { RootRegistry } from "./root-registry.ts";
import type { Services } from "./services.ts";
import type { LoadedModule } from "./wasm-module.ts";
import { WasmVm } from "./wasm-vm.ts";

/** A thread of Envoy with its VM. */
export class Worker {
  /** Number of the worker; `main` for the main thread, which sees no traffic. */
  readonly name: VmName;
  readonly #module: LoadedModule;
  readonly #services: Services;
  readonly #onReload: (worker: Worker) => void;
  #vm: WasmVm;

  /** @param onReload starts the plugins in the new VM */
  constructor(name: VmName, module: LoadedModule, services: Services, onReload: (worker: Worker) => void) {
    this.name = name;
    this.#module = module;
    this.#services = services;
    this.#onReload = onReload;
    this.#vm = new WasmVm(name, module, services);
  }

  get roots(): RootRegistry {
    return this.#vm.roots;
  }

  /** The trap's message and stack, undefined while the VM lives. */
  get trapped(): string | undefined {
    return this.#vm.failure;
  }

  /** Size of the module's linear memory. It never shrinks. */
  get memoryBytes(): number {
    return this.#vm.memoryBytes;
  }

  /** Roots and streams the VM knows. */
  get liveContexts(): number {
    return this.#vm.contexts.size - 1;
  }

  /** A new VM with all plugins, as after the backoff of FAIL_RELOAD. Streams of the old VM get no further. */
  reload(): void {
    this.#vm.dispose();
    this.#vm = new WasmVm(this.name, this.#module, this.#services);
    this.#onReload(this);
  }
}
