/** What holds writes, as far as several of them share a bound. */
export abstract class WriteHolder {
  /** How many writes are held, and their bytes, those in flight included. */
  heldEntries: i32 = 0;
  heldBytes: i64 = 0;
  /** Those of them in flight, which cannot be dropped. */
  flyingEntries: i32 = 0;
  flyingBytes: i64 = 0;

  constructor(
    /** What it may hold alone. */
    readonly maxEntries: i32,
    readonly maxBytes: i64,
  ) {}

  /** Drops the oldest write that is not in flight; false where there is none. */
  abstract shed(): bool;
}

/**
 * What the write queues of one VM hold together: as much as the one of them that may hold most. Each has one, of each configuration
 * and of that before it, and there may be several to one Redis: memory is the VM's. Their number is small.
 */
export class WriteBudget {
  private holders: Array<WriteHolder> = [];

  join(holder: WriteHolder): void {
    this.holders.push(holder);
  }

  leave(holder: WriteHolder): void {
    const at = this.holders.indexOf(holder);
    if (at >= 0) this.holders.splice(at, 1);
  }

  /** Whether a write of that size would fit if everything were dropped that is not in flight. */
  couldFit(size: i64): bool {
    let entries = 0;
    let bytes: i64 = 0;
    for (let i = 0; i < this.holders.length; i++) {
      entries += this.holders[i].flyingEntries;
      bytes += this.holders[i].flyingBytes;
    }
    return entries < this.maxEntries && bytes + size <= this.maxBytes;
  }

  /** Drops writes, of who holds most first, until `added` more of that size together fit. */
  makeRoom(added: i32, size: i64): void {
    while (!this.fits(added, size) && this.shed()) {}
  }

  private fits(added: i32, size: i64): bool {
    let entries = added;
    let bytes = size;
    for (let i = 0; i < this.holders.length; i++) {
      entries += this.holders[i].heldEntries;
      bytes += this.holders[i].heldBytes;
    }
    return entries <= this.maxEntries && bytes <= this.maxBytes;
  }

  /** Has the one that holds most, of those that have something to drop, drop one write; false where nobody has. */
  private shed(): bool {
    const holders = this.holders;
    let limit = i64.MAX_VALUE;
    for (let tried = 0; tried < holders.length; tried++) {
      let largest: WriteHolder | null = null;
      for (let i = 0; i < holders.length; i++) {
        const holder = holders[i];
        if (holder.heldBytes < limit && (!largest || holder.heldBytes > largest.heldBytes)) largest = holder;
      }
      if (!largest) return false;
      if (largest.shed()) return true;
      limit = largest.heldBytes;
    }
    return false;
  }

  private get maxEntries(): i32 {
    let most = 0;
    for (let i = 0; i < this.holders.length; i++) most = max(most, this.holders[i].maxEntries);
    return most;
  }

  /** How many bytes all of them may hold together. */
  get maxBytes(): i64 {
    let most: i64 = 0;
    for (let i = 0; i < this.holders.length; i++) most = max(most, this.holders[i].maxBytes);
    return most;
  }
}
