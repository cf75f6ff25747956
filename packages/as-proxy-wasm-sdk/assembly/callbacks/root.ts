import { findRoot } from "../context/registry";
import { refreshLogLevel } from "../host/log";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

/** A root's tick period has passed. */
export function proxy_on_tick(rootId: u32): void {
  const before = enterCallback(rootId);
  refreshLogLevel();
  const root = findRoot(rootId);
  if (root !== null) root.onTick();
  leaveCallback(before);
}

/** An item was put on a queue that the root registered. */
export function proxy_on_queue_ready(rootId: u32, queueId: u32): void {
  const before = enterCallback(rootId);
  const root = findRoot(rootId);
  if (root !== null) root.onQueueReady(queueId);
  leaveCallback(before);
}

/** A foreign function calls back. */
export function proxy_on_foreign_function(rootId: u32, functionId: u32, argumentsSize: u32): void {
  const before = enterCallback(rootId);
  const root = findRoot(rootId);
  if (root !== null) root.onForeignFunction(functionId, sizeFromHost(argumentsSize));
  leaveCallback(before);
}
