import { Status } from "./abi/status.ts";
import { BufferType, HeaderMapType } from "./abi/types.ts";
import type { Timer } from "./clock.ts";
import { type LoggedStream, loggedHeaderMap, seenByLogger } from "./access-log.ts";
import { StreamlessContext } from "./context.ts";
import { type GuestBuffer, readOnlyBuffer } from "./guest-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import { HttpCall, type HttpCallRequest, type HttpCallResponse } from "./http-call.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import type { DeclaredProperty } from "./declared-property.ts";
import type { PropertyValue } from "./properties.ts";
import type { WasmVm } from "./wasm-vm.ts";

/** A plugin's settings, as one root context has them. */
export interface PluginSettings {
  readonly name: string;
  readonly rootId: string;
  readonly configuration: Bytes;
}

/** A plugin in one VM, under one configuration. */
export class RootContext extends StreamlessContext {
  readonly plugin: PluginSettings;
  /** What `proxy_get_status` tells: why the last call failed. */
  callStatus: { code: number; message: string } = { code: Status.Ok, message: "" };

  readonly #calls = new Set<HttpCall>();
  readonly #properties = new Map<string, DeclaredProperty>();
  #response: HttpCallResponse | undefined;
  #logged: LoggedStream | undefined;
  #configurationReadable = false;
  #tick: Timer | undefined;
  #tickPeriod = 0;

  constructor(vm: WasmVm, plugin: PluginSettings) {
    super(vm, vm.allocateContextId());
    this.plugin = plugin;
  }

  get root(): this {
    return this;
  }

  /** The first declaration of a name stays. */
  declareProperty(property: DeclaredProperty): Status {
    if (this.#properties.has(property.name)) return Status.BadArgument;
    this.#properties.set(property.name, property);
    return Status.Ok;
  }

  /** Whether what this plugin's streams set under that name can be set only once. */
  hasReadOnlyProperty(name: string): boolean {
    return this.#properties.get(name)?.readOnly ?? false;
  }

  /** `proxy_on_context_create`, `proxy_on_vm_start` and `proxy_on_configure`; false when one of them says no. */
  start(): boolean {
    // Envoy starts the VM anew for every root: `proxy_on_vm_start` runs once per root, not once per VM.
    this.#withConfiguration(() => {
      this.vm.callback("proxy_on_context_create", this, [0]);
    });
    this.createdInVm = true;
    const started = this.vm.callback("proxy_on_vm_start", this, [this.vm.services.vmConfiguration.length]);
    if (started.result === 0 || this.vm.failed) return false;
    const size = toBytes(this.plugin.configuration).length;
    const configured = this.#withConfiguration(() => this.vm.callback("proxy_on_configure", this, [size]));
    return configured.result !== 0 && !this.vm.failed;
  }

  /** Ticks every `milliseconds` from now; 0 ends it. */
  setTickPeriod(milliseconds: number): void {
    this.#tick?.cancel();
    this.#tickPeriod = milliseconds;
    if (milliseconds > 0) {
      this.#tick = this.vm.services.clock.schedule(milliseconds, () => {
        this.#onTick();
      });
    }
  }

  /** Sends a call on its way; its callback comes to this root, whatever context has made it. */
  call(request: Omit<HttpCallRequest, "vm" | "vmId" | "rootContextId">): HttpCall {
    const { calls, clock, vmId } = this.vm.services;
    const call = new HttpCall({ ...request, vm: this.vm.name, vmId, rootContextId: this.id }, (response) => {
      calls.remove(call);
      this.#calls.delete(call);
      if (response === "lost") return;
      // A reply that comes while the module runs waits for the end of that callback.
      this.vm.afterCallback(() => {
        this.#onCallResponse(call.token, response);
      });
    });
    const timer =
      call.timeoutMs > 0
        ? clock.schedule(call.timeoutMs, () => {
            call.timeOut();
          })
        : undefined;
    this.#calls.add(call);
    calls.add(call, timer);
    return call;
  }

  onQueueReady(token: number): void {
    this.vm.callback("proxy_on_queue_ready", this, [token]);
  }

  /** This plugin is an access logger: a stream is over, and is to be logged. */
  logStream(stream: LoggedStream): void {
    this.#logged = stream;
    this.vm.callback("proxy_on_log", this, []);
    this.#logged = undefined;
  }

  override get logging(): boolean {
    return this.#logged !== undefined;
  }

  property(name: string): PropertyValue | undefined {
    return this.#logged?.property(name, seenByLogger(this.#logged));
  }

  headerMap(type: number): HeaderMap | undefined {
    const logged = this.#logged && loggedHeaderMap(this.#logged, type);
    if (logged !== undefined) return logged;
    if (type === HeaderMapType.HttpCallResponseHeaders) return this.#response?.headers;
    if (type === HeaderMapType.HttpCallResponseTrailers) return this.#response?.trailers;
    return undefined;
  }

  buffer(type: number): GuestBuffer | undefined {
    if (type === BufferType.HttpCallResponseBody) {
      return this.#response === undefined ? undefined : readOnlyBuffer(this.#response.body);
    }
    if (type === BufferType.PluginConfiguration) {
      // Envoy shows it only while `proxy_on_context_create` and `proxy_on_configure` run.
      return this.#configurationReadable ? readOnlyBuffer(toBytes(this.plugin.configuration)) : undefined;
    }
    return this.vmBuffer(type);
  }

  override release(): void {
    this.setTickPeriod(0);
    this.vm.services.calls.cancel(this.#calls);
    this.#calls.clear();
    super.release();
  }

  #withConfiguration<T>(run: () => T): T {
    this.#configurationReadable = true;
    try {
      return run();
    } finally {
      this.#configurationReadable = false;
    }
  }

  #onTick(): void {
    if (!this.vm.exportsFunction("proxy_on_tick")) return;
    this.vm.callback("proxy_on_tick", this, []);
    // The module may have set another period meanwhile, or none, or be done.
    if (this.vm.contexts.has(this.id)) this.setTickPeriod(this.#tickPeriod);
  }

  #onCallResponse(token: number, response: HttpCallResponse | "reset"): void {
    if (response === "reset") {
      this.callStatus = { code: Status.BrokenConnection, message: "reset" };
      this.#callBack([token, 0, 0, 0], () => {
        this.callStatus = { code: Status.BrokenConnection, message: "" };
      });
      return;
    }
    this.#response = response;
    const { headers, body, trailers } = response;
    this.#callBack([token, headers.size, body.length, trailers?.size ?? 0], () => {
      this.#response = undefined;
    });
  }

  /** `forget` comes before anything the module has asked for meanwhile: a resumed stream no longer finds the reply. */
  #callBack(args: number[], forget: () => void): void {
    if (this.vm.exportsFunction("proxy_on_http_call_response")) {
      this.vm.callback("proxy_on_http_call_response", this, args, { afterwards: forget });
    } else {
      forget();
    }
  }
}
