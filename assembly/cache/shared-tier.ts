import { Slice } from "as-bytes/assembly";
import { Recency } from "./recency";

/** Takes what other gateways are to find, after the request it comes from has gone on. */
export abstract class SharedTier {
  /**
   * Stores `value` under a key of the local store for `ttl` milliseconds, unless what is there is more recent than that. All are
   * copied.
   */
  abstract put(key: Slice, value: Slice, ttl: i64, recency: Recency): void;

  /** The URI that a primary key begins with is invalidated. */
  abstract invalidate(uri: Slice): void;

  /** Forgets what is stored under that key unless it is more recent than that. */
  abstract forget(key: Slice, recency: Recency): void;
}
