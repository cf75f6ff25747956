import { Slice, equal } from "as-bytes/assembly";
import { Write, WriteState } from "./write";

const NO_BUCKETS = new StaticArray<Write | null>(0);

/**
 * Writes by key and state: of one key there may be one in flight and one that waits. It has its final size from the
 * start, so that no write ever pays for a rehash.
 */
export class WriteTable {
  private buckets: StaticArray<Write | null> = NO_BUCKETS;

  get isOpen(): bool {
    return this.buckets.length > 0;
  }

  /** Makes the buckets, so many: a power of two. */
  open(buckets: i32): void {
    this.buckets = new StaticArray<Write | null>(buckets);
  }

  /** Lets go of all writes, and gives the memory back. */
  close(): void {
    for (let i = 0; i < this.buckets.length; i++) {
      for (let write = this.buckets[i]; write;) {
        const next = write.chained;
        write.chained = null;
        write.previous = null;
        write.next = null;
        write.state = WriteState.Gone;
        write.release();
        write = next;
      }
    }
    this.buckets = NO_BUCKETS;
  }

  /** The key's write of that state. `hash` is the key's. */
  find(key: Slice, hash: u64, state: WriteState): Write | null {
    if (!this.isOpen) return null;
    let write = this.buckets[this.bucketOf(hash)];
    while (write) {
      if (write.hash == hash && write.state == state && equal(write.key, key)) return write;
      write = write.chained;
    }
    return null;
  }

  /** Adds a write to an open table. */
  add(write: Write): void {
    if (!this.isOpen) return;
    const bucket = this.bucketOf(write.hash);
    write.chained = this.buckets[bucket];
    this.buckets[bucket] = write;
  }

  remove(write: Write): void {
    if (!this.isOpen) return;
    const bucket = this.bucketOf(write.hash);
    let at = this.buckets[bucket];
    if (at == write) {
      this.buckets[bucket] = write.chained;
    } else {
      while (at) {
        const next = at.chained;
        if (next == write) {
          at.chained = write.chained;
          break;
        }
        at = next;
      }
    }
    write.chained = null;
  }

  private bucketOf(hash: u64): i32 {
    return <i32>((<u32>hash) & (<u32>this.buckets.length - 1));
  }
}
