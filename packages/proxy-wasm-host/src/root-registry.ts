import { type Bytes, toBytes } from "./bytes.ts";
import type { Context } from "./context.ts";
import { type PluginSettings, RootContext } from "./root-context.ts";
import type { WasmVm } from "./wasm-vm.ts";

/**
 * The roots of one VM. Plugins with the same settings share a root; it lives as long as a plugin or a stream needs it, and
 * longer when it asks for time in `proxy_on_done`.
 */
export class RootRegistry {
  readonly #vm: WasmVm;
  readonly #users = new Map<RootContext, number>();
  readonly #pendingDone = new Set<RootContext>();

  constructor(vm: WasmVm) {
    this.#vm = vm;
  }

  /** A root with these settings, made and configured if there is none; undefined when the module refuses them. */
  acquire(settings: PluginSettings): RootContext | undefined {
    for (const root of this.#users.keys()) {
      if (isSame(root.plugin, settings)) {
        this.retain(root);
        return root;
      }
    }
    if (this.#vm.failure !== undefined) return undefined;
    const root = new RootContext(this.#vm, settings);
    if (!root.start()) {
      this.#shutDown(root);
      return undefined;
    }
    this.#users.set(root, 1);
    return root;
  }

  retain(root: RootContext): void {
    this.#users.set(root, (this.#users.get(root) ?? 0) + 1);
  }

  /** One user less; the last one shuts the root down. */
  release(root: RootContext): void {
    const users = (this.#users.get(root) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(root, users);
    } else {
      this.#users.delete(root);
      this.#shutDown(root);
    }
  }

  /** `proxy_done`: false when the context's root has not asked for time. */
  finish(context: Context): boolean {
    const root = context.root;
    if (root === undefined || !this.#pendingDone.delete(root)) return false;
    this.#vm.afterCallback(() => {
      this.#delete(root);
    });
    return true;
  }

  #shutDown(root: RootContext): void {
    if (this.#vm.callback("proxy_on_done", root, []).result === 0) this.#pendingDone.add(root);
    else this.#delete(root);
  }

  #delete(root: RootContext): void {
    this.#vm.callback("proxy_on_delete", root, []);
    root.release();
  }
}

function isSame(one: PluginSettings, other: PluginSettings): boolean {
  return one.name === other.name && one.rootId === other.rootId && sameBytes(one.configuration, other.configuration);
}

function sameBytes(one: Bytes, other: Bytes): boolean {
  return Buffer.from(toBytes(one)).equals(toBytes(other));
}
