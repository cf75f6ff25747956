import { OwnedBytes } from "as-bytes/assembly";
import { Flight } from "../waiting/single-flight";
import { WaitingList } from "../waiting/waiting-list";
import { Recency } from "./recency";

/** What is out for a fetch: that is what its leader waits for. */
export enum FetchState {
  /** Nothing: the leader is being led on, or is in the list of those that are to be. */
  Ready,
  /** A question to Redis: its reply leads the leader on, or the end of the time for it. */
  Reading,
  /** The leader's own request: it does not wait any more. */
  Upstream,
}

/**
 * One response on its way, and the requests that wait for it: the leader is the one that is asking, the others are served by
 * what it brings (collapsed forwarding). A leader that goes away is replaced by the one that has waited longest. Its key is the
 * one under which the response would lie, as far as it is known; `V` is `Visit`, which knows its fetch.
 */
export class Fetch<V> extends Flight {
  state: FetchState = FetchState.Ready;
  leader: V | null = null;
  readonly waiters: WaitingList<V> = new WaitingList<V>();
  /** Whether one of its leaders has brought a response that was not for others. */
  wasRefused: bool = false;
  /** How many questions Redis has been asked: the reply to another one than the last comes too late. */
  questions: i32 = 0;
  /** How many variants it has been asked for; what it is asked for now, and the secondary key that is to be found there. */
  variantsRead: i32 = 0;
  readKey: OwnedBytes | null = null;
  secondaryKey: OwnedBytes | null = null;
  /** Where the response from Redis lies that is to be used if its URI has not been invalidated since, and how recent it is. */
  adoptedKey: OwnedBytes | null = null;
  readonly adopted: Recency = new Recency();
  /** Whether that is what Redis is asked now. */
  isForInvalidation: bool = false;

  /** Whether Redis is asked for a variant, and not for what lies under the primary key. */
  get isForVariant(): bool {
    return this.readKey != null;
  }
}
