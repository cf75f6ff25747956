import { Slice } from "as-bytes/assembly";
import { Context } from "./context";
import { StreamContext } from "./stream-context";
import { BufferType, getBuffer } from "../host/buffers";
import { proxyDone } from "../host/contexts";
import { Status } from "../host/status";

/**
 * One plugin's instance in this VM: its configuration and what its streams share. A VM may hold several at once:
 * plugins that share code and VM id, and during a live update the old configuration's root beside the new one's.
 */
export abstract class RootContext extends Context {
  /** The VM has started (`proxy_on_vm_start`); false makes it fail. */
  onVmStart(configurationSize: i32): bool {
    return true;
  }

  /** Read `configuration()` and compile it; false refuses it (`proxy_on_configure`). */
  onConfigure(configurationSize: i32): bool {
    return true;
  }

  /** The period set with `setTickPeriod` has passed (`proxy_on_tick`). */
  onTick(): void {}

  /** An item was put on a queue that this root registered (`proxy_on_queue_ready`). */
  onQueueReady(queueId: u32): void {}

  /** A foreign function calls back; its arguments are in `BufferType.CallData` (`proxy_on_foreign_function`). */
  onForeignFunction(functionId: u32, argumentsSize: i32): void {}

  /**
   * The plugin was removed or replaced and its last stream is gone (`proxy_on_done`). Return false to stay until
   * `done()` is called, for example to send what is queued.
   */
  onDone(): bool {
    return true;
  }

  /**
   * A request is being logged, and this plugin is one of Envoy's access loggers (`proxy_on_log`): headers and properties of
   * that request are readable here. A filter's own streams have `onLog` of `StreamContext`.
   */
  onLog(): void {}

  /** The host forgets this context; its calls in flight were dropped (`proxy_on_delete`). */
  onDelete(): void {}

  /**
   * The object for a new stream (`proxy_on_context_create`); the SDK sets its `id`. It may be one that a deleted stream
   * no longer uses. One that is another stream's already would be two requests in one: the new stream is answered 500.
   */
  abstract createStream(id: u32): StreamContext;

  /** The plugin's configuration, readable in `onConfigure` only; `NONE` elsewhere. */
  configuration(): Slice {
    return getBuffer(BufferType.PluginConfiguration, 0, i32.MAX_VALUE);
  }

  /** The VM's configuration. */
  vmConfiguration(): Slice {
    return getBuffer(BufferType.VmConfiguration, 0, i32.MAX_VALUE);
  }

  /**
   * Lets the host delete this context after `onDone` returned false (`proxy_done`). `NotFound` when the host is not
   * waiting for it, as within `onDone` itself.
   */
  done(): Status {
    return proxyDone(this.id);
  }
}
