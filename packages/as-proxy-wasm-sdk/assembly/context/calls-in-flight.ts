import { Context } from "./context";
import { IdTable } from "./id-table";
import { PendingCall } from "./pending-call";

/**
 * The calls that wait for a reply, found by root and token: some hosts number the calls of each root from 1, so the
 * token alone may name two calls. A reply whose call is not here is late, and dropped.
 */
const calls = new IdTable<PendingCall<Context>>();


@inline
function keyOf(rootId: u32, token: u32): u64 {
  return ((<u64>rootId) << 32) | (<u64>token);
}

/** Notes a call that was just sent, with its token and context set. */
export function addCall(call: PendingCall<Context>, context: Context): void {
  const displaced = calls.put(keyOf(context.rootId, call.token), call);
  // A host that gives a token again has given up the call that had it.
  if (displaced !== null) {
    const before = displaced.context;
    if (before !== null) unlink(displaced, before);
    displaced.onDropped();
  }
  const next = context.newestCall;
  call.previousOfContext = null;
  call.nextOfContext = next;
  if (next !== null) next.previousOfContext = call;
  context.newestCall = call;
}

/** Forgets a call of this context. */
export function removeCall(call: PendingCall<Context>, context: Context): void {
  calls.take(keyOf(context.rootId, call.token));
  unlink(call, context);
}

/** The call a reply is for; null when nobody waits for it. */
export function findCall(rootId: u32, token: u32): PendingCall<Context> | null {
  return calls.get(keyOf(rootId, token));
}

/** Drops all calls of a context that is being deleted. */
export function dropCalls(context: Context): void {
  let call = context.newestCall;
  while (call !== null) {
    removeCall(call, context);
    call.onDropped();
    call = context.newestCall;
  }
}

/** How many calls wait for a reply. */
export function callsInFlight(): i32 {
  return calls.size;
}

function unlink(call: PendingCall<Context>, context: Context): void {
  const previous = call.previousOfContext;
  const next = call.nextOfContext;
  if (previous !== null) previous.nextOfContext = next;
  else context.newestCall = next;
  if (next !== null) next.previousOfContext = previous;
  call.previousOfContext = null;
  call.nextOfContext = null;
  call.context = null;
}
