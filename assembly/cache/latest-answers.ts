import { ByteBuffer, Slice, isPresent, pointerOf } from "as-bytes/assembly";
import { Store } from "../store/store";
import { Recency } from "./recency";

const MOST_ENTRIES: i32 = 4096;
const MOST_BYTES: i64 = 1024 * 1024;

const ENTRY_LENGTH: i32 = 24;

/** Stands before a key in what is known of answers that are stored elsewhere; no key begins with it. */
const STORED: i32 = 0x73;

/** The same for what lay under a key and was for all requests with it: nothing older is for any of them. */
const GONE: i32 = 0x67;

/** The same for the answers to all requests with a primary key that are not stored. */
const ANY: i32 = 0x61;

/**
 * How recent the latest answers were that have outdated what lay, or might come to lie, under a key: an older one that comes
 * later is not stored, and not taken from Redis, which hears of it all later. What is forgotten, because there is no room,
 * costs no more than that.
 */
export class LatestAnswers {
  /** Whether anything that lay somewhere has been outdated. */
  hasGone: bool = false;
  private answers: Store;
  private known: Recency = new Recency();
  private latest: Recency = new Recency();
  private marked: ByteBuffer = new ByteBuffer();

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
    return this.isOutdated(key, recency) || this.isOutdated(this.marking(STORED, key), recency);
  }

  /** An answer that is not stored has outdated what is older under that key. */
  add(key: Slice, recency: Recency): void {
    const latest = this.latest;
    latest.copyFrom(recency);
    if (this.read(key)) {
      if (this.known.isMoreRecentThan(recency)) return;
      latest.replace(this.known);
    }
    const entry = this.answers.reserve(key, ENTRY_LENGTH);
    if (!isPresent(entry)) return;
    store<i64>(pointerOf(entry), latest.generatedAt);
    store<i64>(pointerOf(entry), latest.requestTime, 8);
    store<i64>(pointerOf(entry), latest.isDated ? 1 : 0, 16);
  }

  /** The same for an answer that is stored under another key. */
  addStored(key: Slice, recency: Recency): void {
    this.add(this.marking(STORED, key), recency);
  }

  /** What lay under that key has been outdated itself. */
  addGone(key: Slice, recency: Recency): void {
    this.add(key, recency);
    this.hasGone = true;
    this.add(this.marking(GONE, key), recency);
  }

  /** Raises `into` to how recent that was; false where nothing is known of it. */
  raiseToGone(key: Slice, into: Recency): bool {
    if (!this.hasGone || !this.read(this.marking(GONE, key))) return false;
    into.raiseTo(this.known);
    return true;
  }

  /** Whether a more recent one that is not stored has been answered to any request with that primary key. */
  isOlderThanAny(primary: Slice, recency: Recency): bool {
    return this.isOutdated(this.marking(ANY, primary), recency);
  }

  /** A request with that primary key has been answered with what is not stored. */
  addAny(primary: Slice, recency: Recency): void {
    this.add(this.marking(ANY, primary), recency);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.answers.clear();
  }

  private marking(mark: i32, key: Slice): Slice {
    return this.marked.clear().byte(mark).bytes(key).view();
  }

  private read(key: Slice): bool {
    const entry = this.answers.find(key);
    if (!isPresent(entry)) return false;
    const at = pointerOf(entry);
    this.known.set(load<i64>(at), load<i64>(at, 16) != 0, load<i64>(at, 8));
    return true;
  }
}
