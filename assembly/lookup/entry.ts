import { NONE, Slice, lengthOf, pointerOf, sub } from "as-bytes/assembly";

/**
 * The head of what a lookup stores under a key. The record's changes follow it, and then those of its values that
 * templates use. Times are milliseconds.
 */
@unmanaged
class EntryHead {
  /** When it was stored, on the clock that `now` is read from. */
  storedAt: i64;
  /** For how long after that it is fresh, where the configuration has not become shorter: see `ttlOf`. */
  ttl: i64;
  /** No refresh before this time: the last one failed. */
  retryAt: i64;
  /** How many bytes of changes follow; -1 where it says that there is no record. */
  changesLength: i32;
  /** 1 where the record itself says how long it is fresh. */
  isOwnTtl: i32;
}

const HEAD: i32 = <i32>offsetof<EntryHead>();

/** A view of a stored entry, reused from one request to the next. What it returns is good as long as its bytes are. */
export class StoredEntry {
  private bytes: Slice = NONE;

  /** Looks at `bytes`, as `writeEntry` laid them out; false when they are not an entry (missing, say). */
  open(bytes: Slice): bool {
    this.bytes = lengthOf(bytes) >= HEAD ? bytes : NONE;
    return this.bytes != NONE;
  }

  get storedAt(): i64 {
    return this.head.storedAt;
  }

  get ttl(): i64 {
    return this.head.ttl;
  }

  get isOwnTtl(): bool {
    return this.head.isOwnTtl != 0;
  }

  get retryAt(): i64 {
    return this.head.retryAt;
  }

  set retryAt(time: i64) {
    this.head.retryAt = time;
  }

  get isNegative(): bool {
    return this.head.changesLength < 0;
  }

  get changes(): Slice {
    return sub(this.bytes, HEAD, HEAD + max(this.head.changesLength, 0));
  }

  /** See `RecordValues`. */
  get values(): Slice {
    return sub(this.bytes, HEAD + max(this.head.changesLength, 0));
  }

  // Only reached after `open` said yes: every getter belongs to an entry that is there.
  private get head(): EntryHead {
    return changetype<EntryHead>(pointerOf(this.bytes));
  }
}

/** How many bytes `writeEntry` needs. */
export function entrySize(changes: Slice, values: Slice): i32 {
  return HEAD + lengthOf(changes) + lengthOf(values);
}

/** Lays an entry out in `bytes`, which has `entrySize` bytes. `changes` is `NONE` for a negative entry. */
export function writeEntry(bytes: Slice, now: i64, ttl: i64, isOwnTtl: bool, changes: Slice, values: Slice): void {
  if (lengthOf(bytes) < entrySize(changes, values)) return;
  const head = changetype<EntryHead>(pointerOf(bytes));
  const behind = pointerOf(bytes) + <usize>HEAD;
  head.storedAt = now;
  head.ttl = ttl;
  head.isOwnTtl = isOwnTtl ? 1 : 0;
  head.retryAt = 0;
  head.changesLength = changes == NONE ? -1 : lengthOf(changes);
  memory.copy(behind, pointerOf(changes), <usize>lengthOf(changes));
  memory.copy(behind + <usize>lengthOf(changes), pointerOf(values), <usize>lengthOf(values));
}
