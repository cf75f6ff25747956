import { ByteBuffer, Slice, isPresent, pointerOf } from "as-bytes/assembly";
import { Store } from "../store/store";

const MOST_ENTRIES: i32 = 4096;
const MOST_BYTES: i64 = 1024 * 1024;

/** For how many milliseconds nobody waits for the response to another request with that key. */
const REMEMBERED_FOR: i64 = 10_000;

const MARK_LENGTH: i32 = 8;

/** Stands before a key in marks that are for requests with credentials only; no key begins with it. */
const WITH_CREDENTIALS: i32 = 0x63;

/**
 * The keys whose responses could not be shared a short while ago: requests for them go upstream side by side. It is no ban:
 * a response that may be stored is stored.
 */
export class HitForMiss {
  private marks: Store;
  private marked: ByteBuffer = new ByteBuffer();

  constructor(seed0: u64, seed1: u64) {
    this.marks = new Store(MOST_ENTRIES, MOST_BYTES, seed0, seed1);
  }

  has(key: Slice, now: i64): bool {
    const mark = this.marks.find(key);
    return isPresent(mark) && now < load<i64>(pointerOf(mark));
  }

  /** The same for a request with credentials, whose responses may be its own where others' are everybody's. */
  hasWithCredentials(key: Slice, now: i64): bool {
    return this.has(this.withCredentials(key), now);
  }

  add(key: Slice, now: i64): void {
    const mark = this.marks.reserve(key, MARK_LENGTH);
    if (isPresent(mark)) store<i64>(pointerOf(mark), now + REMEMBERED_FOR);
  }

  addWithCredentials(key: Slice, now: i64): void {
    this.add(this.withCredentials(key), now);
  }

  remove(key: Slice): void {
    this.marks.remove(key);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.marks.clear();
  }

  private withCredentials(key: Slice): Slice {
    return this.marked.clear().byte(WITH_CREDENTIALS).bytes(key).view();
  }
}
