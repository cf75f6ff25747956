/** A call out, as far as the table of calls in flight knows it; `C` is `Context`, which knows its calls. */
export abstract class PendingCall<C> {
  /** The host's number of the call in flight. Set by the SDK only. */
  token: u32 = 0;

  /** The context the call was made for; null when it is not in flight. SDK only. */
  context: C | null = null;

  /** Links among the calls of one context. SDK only. */
  previousOfContext: PendingCall<C> | null = null;
  nextOfContext: PendingCall<C> | null = null;

  /** The reply is here; see `HttpCall`. */
  abstract onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void;

  /** The call's context is being deleted: no reply will come here. */
  onDropped(): void {}
}
