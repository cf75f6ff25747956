import { Status } from "./abi/status.ts";
import { BufferType } from "./abi/types.ts";
import { NO_BYTES } from "./bytes.ts";
import { type GuestBuffer, readOnlyBuffer } from "./guest-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import type { LocalReply } from "./local-reply.ts";
import type { PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { WasmVm } from "./wasm-vm.ts";

/** What a host call is made for: the VM (0), a plugin's root, or a stream. */
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

  /** Whether the access log is being written: then a map that is not there is no error. */
  abstract get logging(): boolean;

  /** The map for reading, undefined where there is none. */
  abstract headerMap(type: number): HeaderMap | undefined;

  /** The map for changing, undefined where there is none. */
  abstract writableHeaderMap(type: number): HeaderMap | undefined;

  abstract buffer(type: number): GuestBuffer | undefined;

  abstract continueStream(type: number): Status;

  abstract closeStream(type: number): Status;

  abstract sendLocalReply(reply: LocalReply): void;

  abstract clearRouteCache(): void;

  /** An attribute of the stream, or what a filter has set there, by the first part of its path. */
  abstract property(name: string): PropertyValue | undefined;

  abstract setProperty(path: string, value: Uint8Array): Status;

  /** The VM forgets the context; the module has been told, or there is nobody left to tell. */
  release(): void {
    this.vm.contexts.delete(this.id);
  }

  protected vmBuffer(type: number): GuestBuffer | undefined {
    if (type === BufferType.VmConfiguration) return readOnlyBuffer(this.vm.services.vmConfiguration);
    // Every context has one for data passed with a call into the module, empty where nothing has been passed.
    return type === BufferType.CallData ? readOnlyBuffer(NO_BYTES) : undefined;
  }
}

/** A context that is no stream: there is nothing to continue or answer, and trying succeeds all the same. */
export abstract class StreamlessContext extends Context {
  get logging(): boolean {
    return false;
  }

  writableHeaderMap(): undefined {
    return undefined;
  }

  continueStream(): Status {
    return Status.Ok;
  }

  closeStream(): Status {
    return Status.Ok;
  }

  sendLocalReply(): void {
    // Nobody to answer.
  }

  clearRouteCache(): void {
    // No route.
  }

  setProperty(): Status {
    return Status.NotFound;
  }
}

/** Context 0: what the host calls the module's allocator and initialisation for. */
export class VmContext extends StreamlessContext {
  constructor(vm: WasmVm) {
    super(vm, 0);
  }

  get root(): undefined {
    return undefined;
  }

  headerMap(): undefined {
    return undefined;
  }

  property(): undefined {
    return undefined;
  }

  buffer(type: number): GuestBuffer | undefined {
    return this.vmBuffer(type);
  }
}
