import { NONE, Slice, lengthOf, pointerOf, slice } from "as-bytes/assembly";
import { WriteRank } from "./write-rank";

/** Where a write is on its way. */
export enum WriteState {
  /** It has not been sent yet. */
  Waiting,
  InFlight,
  /** It failed once and waits for its second try. */
  Retrying,
  /** The queue has let go of it. */
  Gone,
}

/**
 * A value on its way to Redis. The sender reads `key`, `value` and `ttl`; all else is the queue's. Key and value lie in
 * one block outside the collector, freed as soon as the queue lets go of the write: large values do not pile up until
 * the collector comes by, and a sender that still has the object then finds `NONE`.
 */
export class Write {
  /** What is left of its time to live, in milliseconds, at least 1; set when it is to be sent. */
  ttl: i64 = 0;
  state: WriteState = WriteState.Waiting;
  /** A newer write of its key came while it was in flight: it must not be tried again. */
  superseded: bool = false;
  /** Whether it has failed once. */
  failed: bool = false;
  /** Whether it says when it was sent: `value` is empty, and it lives from then on. */
  isTime: bool = false;
  /** How recent its value is; null where the last one written is the one that counts. */
  rank: WriteRank | null = null;
  /** When its second try is due. */
  due: i64 = 0;
  /** Neighbours in its list; see `WriteList`. */
  previous: Write | null = null;
  next: Write | null = null;
  /** The next write of its bucket; see `WriteTable`. */
  chained: Write | null = null;

  private block: usize = 0;
  private keyLength: i32 = 0;
  private valueLength: i32 = 0;
  private lifetime: i64 = 0;
  private since: i64 = 0;

  /** `hash` is the key's, under the queue's seeds. */
  constructor(readonly hash: u64) {}

  /** The full Redis key. */
  get key(): Slice {
    return this.block == 0 ? NONE : slice(this.block, this.keyLength);
  }

  get value(): Slice {
    return this.block == 0 ? NONE : slice(this.block + <usize>this.keyLength, this.valueLength);
  }

  /** What it takes of the queue's bytes; see `sizeOfWrite`. */
  get size(): i64 {
    return this.block == 0 ? 0 : sizeOfWrite(this.keyLength, this.valueLength);
  }

  /** Takes copies of both, to live for `lifetime` milliseconds from `now` on. */
  hold(key: Slice, value: Slice, lifetime: i64, now: i64): void {
    this.keyLength = lengthOf(key);
    this.valueLength = lengthOf(value);
    this.block = heap.alloc(<usize>this.keyLength + <usize>this.valueLength);
    memory.copy(this.block, pointerOf(key), <usize>this.keyLength);
    memory.copy(this.block + <usize>this.keyLength, pointerOf(value), <usize>this.valueLength);
    this.lifetime = lifetime;
    this.since = now;
  }

  /** Gives key and value back. It may hold others then. */
  release(): void {
    if (this.block != 0) heap.free(this.block);
    this.block = 0;
  }

  /** What is left of its lifetime. A clock that went back has taken nothing of it. */
  timeLeft(now: i64): i64 {
    if (this.isTime) return this.lifetime;
    return this.lifetime - max<i64>(0, now - this.since);
  }
}

/** What the allocator adds to a block, at most: its own head (4) and the rounding up to its alignment (15). */
const BLOCK_OVERHEAD: i32 = 19;

/** What the collector adds to an object: its head. */
const OBJECT_OVERHEAD: i32 = 16;

/** Whether it has a rank or not. */
const RANK: i32 = <i32>offsetof<WriteRank>() + OBJECT_OVERHEAD + BLOCK_OVERHEAD;

/** The bytes in memory of a write of such a key and value. */
export function sizeOfWrite(keyLength: i32, valueLength: i32): i64 {
  return <i64>offsetof<Write>() + OBJECT_OVERHEAD + BLOCK_OVERHEAD + RANK + BLOCK_OVERHEAD + keyLength + valueLength;
}
