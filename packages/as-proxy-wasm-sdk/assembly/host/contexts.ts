import { effectiveContext, noteEffectiveContext } from "../memory/callback-scope";
import { Status } from "./status";


@external("env", "proxy_set_effective_context")
declare function proxy_set_effective_context(contextId: u32): Status;

/**
 * Makes host calls act on another context (`proxy_set_effective_context`) until the callback returns or this is called
 * again. `BadArgument` when the host does not know the context (any more).
 */
export function setEffectiveContext(contextId: u32): Status {
  const status = proxy_set_effective_context(contextId);
  if (status == Status.Ok) noteEffectiveContext(contextId);
  return status;
}

/** No switch was needed: the context was the effective one already. */
const NO_SWITCH: i64 = 1 << 32;

/** Makes a context effective for one call; returns what `switchContextBack` needs, or -1 when the host refuses. */
@inline
export function switchContext(contextId: u32): i64 {
  const before = effectiveContext();
  if (before == contextId) return NO_SWITCH;
  return setEffectiveContext(contextId) == Status.Ok ? <i64>before : -1;
}

/** Undoes `switchContext`. */
@inline
export function switchContextBack(before: i64): void {
  if (before != NO_SWITCH) setEffectiveContext(<u32>before);
}


@external("env", "proxy_done")
declare function proxy_done(): Status;

/** Tells the host that a context whose `onDone` returned false is done (`proxy_done`). */
export function proxyDone(contextId: u32): Status {
  const before = switchContext(contextId);
  if (before < 0) return Status.BadArgument;
  const status = proxy_done();
  switchContextBack(before);
  return status;
}
