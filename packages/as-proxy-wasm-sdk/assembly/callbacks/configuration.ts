import { findRoot } from "../context/registry";
import { refreshLogLevel } from "../host/log";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

/** The VM has started; 0 makes it fail. */
export function proxy_on_vm_start(rootId: u32, configurationSize: u32): u32 {
  const before = enterCallback(rootId);
  refreshLogLevel();
  const root = findRoot(rootId);
  const started = root === null ? false : root.onVmStart(sizeFromHost(configurationSize));
  leaveCallback(before);
  return started ? 1 : 0;
}

/** A root gets its configuration; 0 refuses it. */
export function proxy_on_configure(rootId: u32, configurationSize: u32): u32 {
  const before = enterCallback(rootId);
  refreshLogLevel();
  const root = findRoot(rootId);
  const configured = root === null ? false : root.onConfigure(sizeFromHost(configurationSize));
  leaveCallback(before);
  return configured ? 1 : 0;
}
