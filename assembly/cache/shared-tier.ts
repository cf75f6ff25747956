import { Slice } from "as-bytes/assembly";

/** Takes what other gateways are to find, after the request it comes from has gone on. */
export abstract class SharedTier {
  /** Stores `value` under a key of the local store for `ttl` milliseconds. Both are copied. */
  abstract put(key: Slice, value: Slice, ttl: i64): void;

  /** The URI that a primary key begins with is invalidated. */
  abstract invalidate(uri: Slice): void;

  /** Forgets what is stored under that key. */
  abstract forget(key: Slice): void;
}
