import { Slice, isPresent, pointerOf } from "as-bytes/assembly";
import { Store } from "../store/store";
import { Recency } from "./recency";

const MOST_ENTRIES: i32 = 4096;
const MOST_BYTES: i64 = 1024 * 1024;

const ENTRY_LENGTH: i32 = 16;

/**
 * How recent the latest answers were that are not stored, by the keys of what they outdate: an older answer that comes in
 * after one of them is not stored either. What is forgotten, because there is no room, costs no more than that.
 */
export class LatestAnswers {
  private answers: Store;
  private known: Recency = new Recency();

  constructor(seed0: u64, seed1: u64) {
    this.answers = new Store(MOST_ENTRIES, MOST_BYTES, seed0, seed1);
  }

  has(key: Slice): bool {
    return isPresent(this.answers.find(key));
  }

  /** Whether a response that would lie under that key is older than an answer to such a request. */
  isOutdated(key: Slice, recency: Recency): bool {
    return this.read(key) && this.known.isMoreRecentThan(recency);
  }

  add(key: Slice, recency: Recency): void {
    if (this.isOutdated(key, recency)) return;
    const entry = this.answers.reserve(key, ENTRY_LENGTH);
    if (!isPresent(entry)) return;
    store<i64>(pointerOf(entry), recency.generatedAt);
    store<i64>(pointerOf(entry), recency.requestTime, 8);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.answers.clear();
  }

  private read(key: Slice): bool {
    const entry = this.answers.find(key);
    if (!isPresent(entry)) return false;
    this.known.set(load<i64>(pointerOf(entry)), load<i64>(pointerOf(entry), 8));
    return true;
  }
}
