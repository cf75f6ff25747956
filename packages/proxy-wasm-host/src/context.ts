import { Status } from "./abi/status.ts";
import { BufferType } from "./abi/types.ts";
import type { GuestBuffer } from "./guest-buffer.ts";
import { readOnlyBuffer } from "./guest-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import type { LocalReply } from "./local-reply.ts";
import type { PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { WasmVm } from "./wasm-vm.ts";

/**
 * What a host call is made for: the VM (0), a plugin's root, or a stream. The defaults are what Envoy answers where a
 * context has no such thing.
 */
export abstract class Context {
  readonly vm: WasmVm;
  readonly id: number;
  /** Whether the module knows of this context (`proxy_on_context_create`, or it exports no such callback). */
  createdInVm = false;

  constructor(vm: WasmVm, id: number) {
    this.vm = vm;
    this.id = id;
    vm.contexts.set(id, this);
  }

  /** The plugin's root; undefined for the VM's own context. */
  abstract get root(): RootContext | undefined;

  /** The map for reading, undefined when the stream is not in the phase that has it. */
  headerMap(_type: number): HeaderMap | undefined {
    return undefined;
  }

  /** The map for changing. */
  writableHeaderMap(_type: number): HeaderMap | undefined {
    return undefined;
  }

  /** Whether a missing map reads as a map without entries: so it is while the access log is written. */
  get logging(): boolean {
    return false;
  }

  buffer(type: number): GuestBuffer | undefined {
    return type === BufferType.VmConfiguration ? readOnlyBuffer(this.vm.services.vmConfiguration) : undefined;
  }

  continueStream(_type: number): Status {
    return Status.Ok;
  }

  closeStream(_type: number): Status {
    return Status.Ok;
  }

  sendLocalReply(_reply: LocalReply): void {
    // Outside a stream there is nobody to answer; the host call succeeds all the same.
  }

  clearRouteCache(): void {
    // As above: no stream, no route.
  }

  /** A value that only this context's stream has, by the first part of its path. */
  property(_name: string): PropertyValue | undefined {
    return undefined;
  }

  setProperty(_path: string, _value: Uint8Array): Status {
    return Status.NotFound;
  }

  /** The VM forgets the context; the module has been told, or there is nobody left to tell. */
  release(): void {
    this.vm.contexts.delete(this.id);
  }
}

/** Context 0: what the host calls the module's allocator and initialisation for. */
export class VmContext extends Context {
  constructor(vm: WasmVm) {
    super(vm, 0);
  }

  get root(): undefined {
    return undefined;
  }
}
