import { ByteBuffer, Slice, isPresent, pointerOf } from "as-bytes/assembly";
import { Store } from "../store/store";
import { Recency } from "./recency";

const MOST_ENTRIES: i32 = 4096;
const MOST_BYTES: i64 = 1024 * 1024;

const ENTRY_LENGTH: i32 = 24;

/** Stands before a key in what is known of answers that are stored elsewhere; no key begins with it. */
const STORED: i32 = 0x73;

/**
 * How recent the latest answers were that have outdated what lay, or might come to lie, under a key: an older one that comes
 * later is not stored, and not taken from Redis, which hears of it all later. What is forgotten, because there is no room,
 * costs no more than that.
 */
export class LatestAnswers {
  private answers: Store;
  private known: Recency = new Recency();
  private stored: ByteBuffer = new ByteBuffer();

  constructor(seed0: u64, seed1: u64) {
    this.answers = new Store(MOST_ENTRIES, MOST_BYTES, seed0, seed1);
  }

  has(key: Slice): bool {
    return isPresent(this.answers.find(key));
  }

  /** Whether a response that would lie under that key is older than an answer that is not stored. */
  isOutdated(key: Slice, recency: Recency): bool {
    return this.read(key) && this.known.isMoreRecentThan(recency);
  }

  /** Whether one that comes from Redis is: those that are stored here under other keys count, too. */
  isReplaced(key: Slice, recency: Recency): bool {
    return this.isOutdated(key, recency) || this.isOutdated(this.ofStored(key), recency);
  }

  /** An answer that is not stored has outdated what is older under that key. */
  add(key: Slice, recency: Recency): void {
    if (this.isOutdated(key, recency)) return;
    const entry = this.answers.reserve(key, ENTRY_LENGTH);
    if (!isPresent(entry)) return;
    store<i64>(pointerOf(entry), recency.generatedAt);
    store<i64>(pointerOf(entry), recency.requestTime, 8);
    store<i64>(pointerOf(entry), recency.isDated ? 1 : 0, 16);
  }

  /** The same for an answer that is stored under another key. */
  addStored(key: Slice, recency: Recency): void {
    this.add(this.ofStored(key), recency);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.answers.clear();
  }

  private ofStored(key: Slice): Slice {
    return this.stored.clear().byte(STORED).bytes(key).view();
  }

  private read(key: Slice): bool {
    const entry = this.answers.find(key);
    if (!isPresent(entry)) return false;
    const at = pointerOf(entry);
    this.known.set(load<i64>(at), load<i64>(at, 16) != 0, load<i64>(at, 8));
    return true;
  }
}
