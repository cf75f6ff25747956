import { resetArena } from "./arena";
import { collectWhenDue } from "./collection";
import { refreshLogLevelNowAndThen } from "../host/log";

/**
 * Every exported callback runs between `enterCallback` and `leaveCallback`. They count how deep we are, because a host
 * may call back while it serves a host call (a local reply passes our own response callbacks in some hosts) and the
 * arena may be reset only when nothing up the stack still looks at it; and they know which context host calls act on.
 */

let depth: i32 = 0;
let effective: u32 = 0;
/** Counts the outermost callbacks. */
let serial: u32 = 1;

/** Notes the callback's context; returns what `leaveCallback` must be given. */
@inline
export function enterCallback(contextId: u32): u32 {
  const before = effective;
  effective = contextId;
  depth++;
  return before;
}

/** Undoes `enterCallback`; the host forgets a changed effective context at the same moment. */
@inline
export function leaveCallback(before: u32): void {
  effective = before;
  if (--depth == 0) {
    serial++;
    resetArena();
    collectWhenDue();
    refreshLogLevelNowAndThen();
  }
}

/** The id of the context that host calls act on; 0 outside of callbacks. */
@inline
export function effectiveContext(): u32 {
  return effective;
}

/** A number that the running callback and those within it have, and no other. */
@inline
export function callbackSerial(): u32 {
  return serial;
}

/** For `setEffectiveContext`, after the host has agreed. */
@inline
export function noteEffectiveContext(contextId: u32): void {
  effective = contextId;
}
