import { hostFunction } from "./abi/imports.ts";
import { HostCallScope } from "./abi/host-call-scope.ts";
import { VmContext, type Context } from "./context.ts";
import type { Callback, VmName } from "./journal.ts";
import { GuestMemory } from "./memory.ts";
import { MetricIds } from "./metrics.ts";
import { RootRegistry } from "./root-registry.ts";
import type { Services } from "./services.ts";
import type { LoadedModule } from "./wasm-module.ts";

/** What a callback came to. */
export interface CallbackOutcome {
  /** What the module returned; undefined when it exports no such callback, returned nothing, or trapped. */
  readonly result: number | undefined;
  /** Whether it sent a local response: then its stream stops, whatever the callback returned. */
  readonly stopped: boolean;
  /** Whether it trapped. */
  readonly failed: boolean;
}

/** Steps around a callback. */
export interface CallbackSteps {
  /** When the module trapped; before anything it had asked for is done. */
  readonly onFailure?: () => void;
  /** When the module is back; before anything it has asked for is done. */
  readonly afterwards?: () => void;
}

/** Nothing else of `env` may be called while a module initialises (`WasmBase::startVm`), … */
const ENV_ALLOWED_AT_START = new Set(["proxy_log", "emscripten_notify_memory_growth"]);

/** … and of WASI all but these. */
const WASI_REFUSED_AT_START = new Set(["fd_close", "fd_read", "fd_seek", "path_open", "proc_exit", "sched_yield"]);

function isAllowedAtStart(module: string, name: string): boolean {
  return module === "env" ? ENV_ALLOWED_AT_START.has(name) : !WASI_REFUSED_AT_START.has(name);
}

/** Envoy keeps the two lowest bits of a token for the kind of call; HTTP calls have 0 there. */
const CALL_TOKEN_STEP = 4;

type GuestFunction = (...args: number[]) => unknown;

/** One instance of the module: `WasmBase` of proxy-wasm-cpp-host. A trap is the end of it. */
export class WasmVm {
  readonly name: VmName;
  readonly services: Services;
  readonly contexts = new Map<number, Context>();
  readonly vmContext: VmContext;
  readonly metricIds: MetricIds;
  readonly roots: RootRegistry;

  #failure: string | undefined;
  #exports: WebAssembly.Exports = {};
  #memory: GuestMemory | undefined;
  #nextContextId = 1;
  #lastCallToken = 0;
  #instantiating = false;
  #starting = true;
  #stopIteration = false;
  #current: Context;
  #effectiveId = 0;
  /** How many calls into the module are on the stack. */
  #depth = 0;
  readonly #afterCallback: (() => void)[] = [];

  constructor(name: VmName, module: LoadedModule, services: Services) {
    this.name = name;
    this.services = services;
    this.vmContext = new VmContext(this);
    this.#current = this.vmContext;
    this.metricIds = new MetricIds(services.metrics);
    this.roots = new RootRegistry(this);
    this.#initialise(module);
  }

  /** Why the VM is dead: the trap's message and stack; undefined while it lives. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  get memoryBytes(): number {
    return this.#memory?.byteLength ?? 0;
  }

  /** Whether the module is on the stack. */
  get running(): boolean {
    return this.#depth > 0;
  }

  /** The context a host call is for: the one the module has set, as long as it exists, else that of the callback. */
  get effectiveContext(): Context {
    // 0 is no choice: it means the callback's own context, not the VM's.
    if (this.#effectiveId === 0) return this.#current;
    return this.contexts.get(this.#effectiveId) ?? this.#current;
  }

  allocateContextId(): number {
    return this.#nextContextId++;
  }

  allocateCallToken(): number {
    this.#lastCallToken += CALL_TOKEN_STEP;
    return this.#lastCallToken;
  }

  /** False when there is no such context. Holds until the callback returns. */
  setEffectiveContext(id: number): boolean {
    if (!this.contexts.has(id)) return false;
    this.#effectiveId = id;
    return true;
  }

  stopIteration(): void {
    this.#stopIteration = true;
  }

  /** Does something once the running callback is back, or now when none is running. */
  afterCallback(action: () => void): void {
    if (this.running) this.#afterCallback.push(action);
    else this.services.dispatcher.run(action);
  }

  exportsFunction(name: string): boolean {
    return typeof this.#exports[name] === "function";
  }

  /** Calls the module, then does what it has asked for meanwhile. A module that exports no such callback is not called. */
  callback(name: string, context: Context, args: readonly number[], steps: CallbackSteps = {}): CallbackOutcome {
    if (this.failed || !this.exportsFunction(name)) return { result: undefined, stopped: false, failed: false };
    return this.services.dispatcher.run(() => {
      const result = this.#call(name, context, args);
      const outcome = { result, stopped: this.#stopIteration, failed: this.failed };
      if (outcome.failed) steps.onFailure?.();
      this.#stopIteration = false;
      steps.afterwards?.();
      for (let act = this.#afterCallback.shift(); act !== undefined; act = this.#afterCallback.shift()) act();
      return outcome;
    });
  }

  /** Memory from the module's own allocator; undefined when it has none left, traps, or returns something impossible. */
  allocate(size: number): number | undefined {
    if (this.failed || this.services.faults.takeAllocationFailure()) return undefined;
    const allocator = this.exportsFunction("malloc") ? "malloc" : "proxy_on_memory_allocate";
    const pointer = this.#call(allocator, this.vmContext, [size]);
    return pointer === undefined || pointer === 0 ? undefined : pointer >>> 0;
  }

  /** The VM is replaced: its calls and ticks end, and whatever of its streams is left finds it dead. */
  dispose(): void {
    this.#failure ??= "the VM has been replaced";
    for (const context of [...this.contexts.values()]) {
      if (context === context.root) context.release();
    }
  }

  #initialise(module: LoadedModule): void {
    this.#instantiating = true;
    try {
      const instance = new WebAssembly.Instance(module.module, this.#imports(module));
      this.#exports = instance.exports;
      if (instance.exports["memory"] instanceof WebAssembly.Memory) {
        this.#memory = new GuestMemory(instance.exports["memory"]);
      }
    } catch (error) {
      this.#fail("start", error);
    }
    this.#instantiating = false;
    // A WASI reactor has _initialize and may have main; a WASI command has _start.
    if (this.exportsFunction("_initialize")) {
      this.#call("_initialize", this.vmContext, []);
      if (!this.failed && this.exportsFunction("main")) this.#call("main", this.vmContext, [0, 0]);
    } else if (!this.failed && this.exportsFunction("_start")) {
      this.#call("_start", this.vmContext, []);
    }
    this.#starting = false;
  }

  #imports(module: LoadedModule): WebAssembly.Imports {
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module.module)) {
      const run = hostFunction(from, name);
      (imports[from] ??= {})[name] = (...args: unknown[]) => this.#hostCall(from, name, run, args);
    }
    return imports;
  }

  #hostCall(
    module: string,
    name: string,
    run: (scope: HostCallScope, ...args: never[]) => number | undefined,
    args: unknown[],
  ): unknown {
    if (this.#instantiating) {
      throw new Error(
        `Envoy would have crashed: the module calls ${module}.${name} while it is instantiated (asc: --exportStart _initialize)`,
      );
    }
    if (this.#starting && !isAllowedAtStart(module, name)) {
      throw new WebAssembly.RuntimeError(
        `restricted_callback: ${module}.${name} cannot be called while the module starts`,
      );
    }
    const scope = new HostCallScope(this, this.#memory ?? NO_MEMORY, name);
    const status = this.services.faults.takeStatus(name) ?? run(scope, ...(args as never[]));
    scope.finish(status);
    return status;
  }

  /** One call into the module. Like `SaveRestoreContext`, it leaves the contexts of the call around it as they were. */
  #call(name: string, context: Context, args: readonly number[]): number | undefined {
    const called = this.#exports[name];
    if (typeof called !== "function") return undefined;
    const entry: Callback = {
      kind: "callback",
      name,
      vm: this.name,
      vmId: this.services.vmId,
      contextId: context.id,
      arguments: args,
      result: undefined,
    };
    this.services.journal.add(entry);
    const outerContext = this.#current;
    const outerEffectiveId = this.#effectiveId;
    this.#current = context;
    this.#effectiveId = 0;
    this.#depth++;
    try {
      const takesContext = name.startsWith("proxy_on_") && name !== "proxy_on_memory_allocate";
      const result = (called as GuestFunction)(...(takesContext ? [context.id, ...args] : args));
      if (typeof result === "number") entry.result = result;
      return entry.result;
    } catch (error) {
      this.#fail(name, error);
      return undefined;
    } finally {
      this.#depth--;
      this.#current = outerContext;
      this.#effectiveId = outerEffectiveId;
    }
  }

  #fail(name: string, error: unknown): void {
    // Whatever else is thrown is a defect of this host, not of the module.
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    this.#failure = `Function: ${name} failed: Uncaught ${error.name}: ${error.message}`;
    const stack = error.stack ?? "";
    this.services.log.write({
      level: "error",
      message: `${this.#failure}\n${stack}`,
      vm: this.name,
      vmId: this.services.vmId,
      contextId: undefined,
    });
  }
}

/** Stands in where a module has not got its memory yet: everything lies outside. */
const NO_MEMORY = new GuestMemory(new WebAssembly.Memory({ initial: 0 }));
