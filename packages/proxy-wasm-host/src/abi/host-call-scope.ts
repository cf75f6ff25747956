import { toText } from "../bytes.ts";
import type { Context } from "../context.ts";
import type { HostCall, JournalValue } from "../journal.ts";
import type { GuestMemory } from "../memory.ts";
import { parsePairs, type Pair } from "../pairs.ts";
import type { Services } from "../services.ts";
import type { WasmVm } from "../wasm-vm.ts";
import { Status } from "./status.ts";
import { type LogLevel, nameOf } from "./types.ts";

/** One call of the module into the host: for whom it is, the module's memory, and what is noted in the journal. */
export class HostCallScope {
  readonly vm: WasmVm;
  readonly memory: GuestMemory;
  readonly context: Context;
  readonly #entry: HostCall | undefined;
  readonly #arguments: Record<string, JournalValue> = {};

  constructor(vm: WasmVm, memory: GuestMemory, name: string) {
    this.vm = vm;
    this.memory = memory;
    this.context = vm.effectiveContext;
    if (!vm.services.journal.recording) return;
    this.#entry = {
      kind: "host call",
      name,
      vm: vm.name,
      vmId: vm.services.vmId,
      contextId: this.context.id,
      arguments: this.#arguments,
      status: undefined,
    };
    // At once, so that calls into the module that this one leads to (for memory) come after it.
    vm.services.journal.add(this.#entry);
  }

  get services(): Services {
    return this.vm.services;
  }

  /** Writes a line of the module into the log. */
  log(level: LogLevel, message: string): void {
    const { name, services } = this.vm;
    services.log.write({ level, message, vm: name, vmId: services.vmId, contextId: this.context.id });
  }

  /** Notes a decoded argument or result; bytes as text. */
  note(name: string, value: JournalValue | Uint8Array): void {
    if (this.#entry !== undefined) this.#arguments[name] = value instanceof Uint8Array ? toText(value) : value;
  }

  /** Notes a numbered constant of the ABI by its name. */
  noteConstant(name: string, constants: Readonly<Record<string, number>>, value: number): void {
    if (this.#entry !== undefined) this.#arguments[name] = nameOf(constants, value);
  }

  notePairs(name: string, pairs: readonly Pair[]): void {
    if (this.#entry === undefined) return;
    this.#arguments[name] = pairs.map(([key, value]) => [toText(key), toText(value)] as const);
  }

  /** Reads pairs; undefined when they lie outside the memory, none when they are malformed. */
  readPairs(pointer: number, size: number): Pair[] | undefined {
    const bytes = this.memory.read(pointer, size);
    return bytes === undefined ? undefined : parsePairs(bytes);
  }

  /** Hands bytes to the module in memory of its own; no bytes need none: their pointer is 0. */
  returnBytes(bytes: Uint8Array, pointerPointer: number, sizePointer: number): Status {
    let pointer = 0;
    if (bytes.length > 0) {
      const allocated = this.vm.allocate(bytes.length);
      // A failed allocation has no status of its own in proxy-wasm-cpp-host.
      if (allocated === undefined || !this.memory.write(allocated, bytes)) return Status.InvalidMemoryAccess;
      pointer = allocated;
    }
    if (!this.memory.writeU32(pointerPointer, pointer)) return Status.InvalidMemoryAccess;
    if (!this.memory.writeU32(sizePointer, bytes.length)) return Status.InvalidMemoryAccess;
    return Status.Ok;
  }

  returnU32(pointer: number, value: number): Status {
    return this.memory.writeU32(pointer, value) ? Status.Ok : Status.InvalidMemoryAccess;
  }

  returnU64(pointer: number, value: bigint): Status {
    return this.memory.writeU64(pointer, value) ? Status.Ok : Status.InvalidMemoryAccess;
  }

  finish(status: number | undefined): void {
    if (this.#entry !== undefined) this.#entry.status = status;
  }
}

/** A function of the host; `i32` arguments come as numbers, `i64` ones as bigint. */
export type HostFunction = (scope: HostCallScope, ...args: never[]) => number | undefined;

export type HostFunctions = Readonly<Record<string, HostFunction>>;
