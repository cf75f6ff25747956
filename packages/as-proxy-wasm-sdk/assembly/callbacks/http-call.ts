import { findCall, removeCall } from "../context/calls-in-flight";
import { findStream } from "../context/registry";
import { switchContext } from "../host/contexts";
import { enterCallback, leaveCallback } from "../memory/callback-scope";
import { sizeFromHost } from "./size";

/** A reply to an HTTP call; one that nobody waits for any more is dropped. */
export function proxy_on_http_call_response(
  contextId: u32,
  token: u32,
  headerCount: u32,
  bodySize: u32,
  trailerCount: u32,
): void {
  const before = enterCallback(contextId);
  // Envoy gives the root's id, as the specification says, also for a call made under a stream, and gives it the reply
  // when the stream is gone, too. Other hosts give the stream's.
  const stream = findStream(contextId);
  const call = findCall(stream === null ? contextId : stream.rootId, token);
  if (call !== null) {
    const context = call.context;
    if (context !== null) {
      removeCall(call, context);
      switchContext(context.id);
    }
    call.onReply(sizeFromHost(headerCount), sizeFromHost(bodySize), sizeFromHost(trailerCount));
  }
  leaveCallback(before);
}
