import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { toText } from "../bytes.ts";

export const sharedFunctions = {
  proxy_get_shared_data(
    scope: HostCallScope,
    keyPointer: number,
    keySize: number,
    valuePointerPointer: number,
    valueSizePointer: number,
    casPointer: number,
  ): Status {
    const key = scope.memory.read(keyPointer, keySize);
    if (key === undefined) return Status.InvalidMemoryAccess;
    scope.note("key", key);
    const item = scope.services.sharedData.get(scope.services.vmId, key);
    if (item === undefined) return Status.NotFound;
    scope.note("value", item.value);
    scope.note("cas", item.cas);
    const status = scope.returnBytes(item.value, valuePointerPointer, valueSizePointer);
    return status === Status.Ok ? scope.returnU32(casPointer, item.cas) : status;
  },

  proxy_set_shared_data(
    scope: HostCallScope,
    keyPointer: number,
    keySize: number,
    valuePointer: number,
    valueSize: number,
    cas: number,
  ): Status {
    const key = scope.memory.read(keyPointer, keySize);
    const value = scope.memory.read(valuePointer, valueSize);
    if (key === undefined || value === undefined) return Status.InvalidMemoryAccess;
    scope.note("key", key);
    scope.note("value", value);
    scope.note("cas", cas >>> 0);
    return scope.services.sharedData.set(scope.services.vmId, key, value, cas >>> 0);
  },

  proxy_register_shared_queue(
    scope: HostCallScope,
    namePointer: number,
    nameSize: number,
    tokenPointer: number,
  ): Status {
    const name = scope.memory.read(namePointer, nameSize);
    if (name === undefined) return Status.InvalidMemoryAccess;
    scope.note("queue", name);
    const { root, vm } = scope.context;
    const token = scope.services.sharedQueues.register(scope.services.vmId, name, (ready) => {
      scope.services.dispatcher.post(() => {
        if (root !== undefined && vm.contexts.has(root.id)) root.onQueueReady(ready);
      });
    });
    scope.note("token", token);
    return scope.returnU32(tokenPointer, token);
  },

  proxy_resolve_shared_queue(
    scope: HostCallScope,
    vmIdPointer: number,
    vmIdSize: number,
    namePointer: number,
    nameSize: number,
    tokenPointer: number,
  ): Status {
    const vmId = scope.memory.read(vmIdPointer, vmIdSize);
    const name = scope.memory.read(namePointer, nameSize);
    if (vmId === undefined || name === undefined) return Status.InvalidMemoryAccess;
    scope.note("vmId", vmId);
    scope.note("queue", name);
    // No VM id means one's own.
    const token = scope.services.sharedQueues.resolve(vmId.length === 0 ? scope.services.vmId : toText(vmId), name);
    if (token === undefined) return Status.NotFound;
    scope.note("token", token);
    return scope.returnU32(tokenPointer, token);
  },

  proxy_dequeue_shared_queue(scope: HostCallScope, token: number, pointerPointer: number, sizePointer: number): Status {
    scope.note("token", token >>> 0);
    const item = scope.services.sharedQueues.dequeue(token >>> 0);
    if (!(item instanceof Uint8Array)) return item;
    scope.note("item", item);
    return scope.returnBytes(item, pointerPointer, sizePointer);
  },

  proxy_enqueue_shared_queue(scope: HostCallScope, token: number, pointer: number, size: number): Status {
    const item = scope.memory.read(pointer, size);
    if (item === undefined) return Status.InvalidMemoryAccess;
    scope.note("token", token >>> 0);
    scope.note("item", item);
    return scope.services.sharedQueues.enqueue(token >>> 0, item);
  },
};
