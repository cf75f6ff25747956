import { PendingCall } from "./pending-call";

/**
 * What root and stream contexts have in common: an id, and the HTTP calls made for them, which end with them.
 */
export abstract class Context {
  /** The host's id of this context; 0 before it is created and after it is deleted. Set by the SDK only. */
  id: u32 = 0;

  /** The id of the root this context belongs to; a root's own. Set by the SDK only. */
  rootId: u32 = 0;

  /** From its creation until its deletion begins; calls can be made for a live context only. Set by the SDK only. */
  live: bool = false;

  /** The newest of this context's calls in flight; the others follow through `nextOfContext`. SDK only. */
  newestCall: PendingCall<Context> | null = null;
}
