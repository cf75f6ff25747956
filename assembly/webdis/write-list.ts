import { Write } from "./write";

/** Writes in order, the oldest first. A write is in one list at most. */
export class WriteList {
  first: Write | null = null;
  private last: Write | null = null;

  push(write: Write): void {
    const last = this.last;
    write.previous = last;
    write.next = null;
    if (last) last.next = write;
    else this.first = write;
    this.last = write;
  }

  /** Takes out a write that is in this list. */
  remove(write: Write): void {
    const previous = write.previous;
    const next = write.next;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.last = previous;
    // Whoever still has the write must not keep its neighbours alive.
    write.previous = null;
    write.next = null;
  }

  clear(): void {
    this.first = null;
    this.last = null;
  }
}
