import { Slice } from "as-bytes/assembly";
import { Context } from "./context";
import { addCall, removeCall } from "./calls-in-flight";
import { OUT } from "../memory/out-parameters";
import { switchContext, switchContextBack } from "../host/contexts";
import { httpCall } from "../host/http-call";
import { PendingCall } from "./pending-call";
import { PairsBuilder } from "../host/pairs-builder";
import { Status } from "../host/status";

/**
 * One HTTP call out and its reply. The object is free to be dispatched again as soon as `onReply` is called, also
 * within it.
 */
export abstract class HttpCall extends PendingCall<Context> {
  /**
   * The reply is here (`proxy_on_http_call_response`). Headers, body and trailers are those of
   * `HeaderMap.HttpCallResponseHeaders`, `BufferType.HttpCallResponseBody` and `HeaderMap.HttpCallResponseTrailers`,
   * readable until this returns. A `headerCount` of 0 is a call that was reset. Envoy reports a timeout as a reply with
   * status 504 and a refused connection as one with 503, both with a text body: only the status tells.
   *
   * The context the call was made for is the effective one. For a root's call that is the root: to act on a stream use
   * the stream's own methods or `setEffectiveContext`.
   */
  abstract onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void;

  /** Whether a reply, or `onDropped`, is still to come. */
  @inline
  get inFlight(): bool {
    return this.context !== null;
  }

  /**
   * Sends the call (`proxy_http_call`). Made for a stream, it ends with the stream: `onDropped` is called, and a
   * reply that comes later is not. Made for a root, it survives the stream whose callback is running.
   *
   * `headers` must have `:method`, `:path` and `:authority`. `timeoutMs` 0 means no timeout.
   * Errors: `BadArgument` for an unknown cluster, missing headers, a builder over the host's limits, a context that is
   * not live, or when this object is in flight already; `InternalFailure` when the host cannot send.
   */
  dispatchFrom(
    context: Context,
    cluster: Slice,
    headers: PairsBuilder,
    body: Slice,
    trailers: PairsBuilder | null,
    timeoutMs: u32,
  ): Status {
    if (this.inFlight || !context.live) return Status.BadArgument;
    // To Envoy every call is its root's, but there are hosts that end a call with the context it was made under.
    const before = switchContext(context.id);
    if (before < 0) return Status.BadArgument;
    const status = httpCall(cluster, headers, body, trailers, timeoutMs);
    const token = load<u32>(OUT);
    switchContextBack(before);
    if (status == Status.Ok) {
      this.token = token;
      this.context = context;
      addCall(this, context);
    }
    return status;
  }

  /**
   * Forgets the call: its reply will be dropped when it comes, since the ABI cannot recall a call. `onDropped` is not
   * called. Without a call in flight it does nothing.
   */
  cancel(): void {
    const context = this.context;
    if (context !== null) removeCall(this, context);
  }
}
