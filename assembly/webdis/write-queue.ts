import { HEADROOM, Slice, lengthOf, memoryIsLeftFor, sipHash } from "as-bytes/assembly";
import { Write, WriteState, sizeOfWrite } from "./write";
import { WriteBudget, WriteHolder } from "./write-budget";
import { WriteList } from "./write-list";
import { WriteRank } from "./write-rank";
import { WriteTable } from "./write-table";

/** How long a write that failed waits for its second try, in milliseconds, before jitter. */
const BACKOFF: i64 = 500;

/** A queue longer than this has longer buckets and no more of them. */
const MOST_BUCKETS: i32 = 1 << 20;

/** How a write that is put will fare. */
enum Verdict {
  Fits,
  /** It has no time to live. */
  Expired,
  TooLarge,
  /** There is no room, and dropping what waits would not make any. */
  Full,
}

/**
 * Writes that go to Redis after the request they come from has gone on (write-behind). It sends nothing itself: `put`
 * takes a write, `next` hands out what is to be sent, `landed` says what became of it. After `put` and `landed`, and
 * when `nextDue` is over, the caller takes from `next` until it gives null.
 *
 * - It holds so many entries and bytes at most, those in flight included, and together with the other queues of its budget as
 *   many as the one of them that may hold most. The bytes are those of its writes in memory; the table comes on top, with
 *   less than 8 bytes for an entry.
 * - The newest write of a key wins. It takes the place of one that waits; where one is in flight it waits until that has
 *   landed, because two connections could deliver them in either order. (One that was given up after a time limit may
 *   still arrive late: nobody can tell.)
 * - Writes are sent in the order they came, at once. One that fails is tried once more, after a backoff.
 * - A full queue drops the oldest that is not in flight: the newest information is worth most.
 *
 * Every write ends once: in `stored`, `replaced`, `outdated` or one of the `dropped…` counters. Each operation is O(1); `next` may
 * step over as many as are in flight, and drops are amortised. Keys may come from clients, so the hash is keyed.
 */
export class WriteQueue extends WriteHolder {
  /** Writes that Redis has taken. */
  stored: u64 = 0;
  /** Second tries. */
  retried: u64 = 0;
  /** Writes that did not arrive because a newer one of their key came; no loss. */
  replaced: u64 = 0;
  /** Writes that were not sent because Redis had what is more recent; no loss. */
  outdated: u64 = 0;
  /** Writes that had to make room, or found none. */
  droppedFull: u64 = 0;
  /** Writes that alone are more than the queue may hold. */
  droppedTooLarge: u64 = 0;
  /** Writes that failed twice. */
  droppedFailed: u64 = 0;
  /** Writes whose time to live ran out before they could be sent. */
  droppedExpired: u64 = 0;

  private table: WriteTable = new WriteTable();
  private waiting: WriteList = new WriteList();
  /** All wait equally long, so the first is due first. */
  private retrying: WriteList = new WriteList();
  private backoff: i64;
  /** Not to be dropped: what is being put takes its place. */
  private spared: Write | null = null;

  /**
   * `jitter` is added to the backoff, in milliseconds, at least 0: another number in every worker, so that they do not
   * all come back at once. `seed0` and `seed1` key the hash. `budget` is what it shares with others.
   */
  constructor(
    maxEntries: i32,
    maxBytes: i64,
    private maxInFlight: i32,
    jitter: i64,
    private seed0: u64,
    private seed1: u64,
    private budget: WriteBudget = new WriteBudget(),
  ) {
    super(maxEntries, maxBytes);
    this.backoff = BACKOFF + jitter;
    budget.join(this);
  }

  /** How many writes are held, those in flight included. */
  get entries(): i32 {
    return this.heldEntries;
  }

  /** How many bytes are held, those in flight included. */
  get bytes(): i64 {
    return this.heldBytes;
  }

  /** How many writes are in flight. */
  get inFlight(): i32 {
    return this.flyingEntries;
  }

  /**
   * Takes a write that lives for `ttl` milliseconds from `now`, and copies both slices, which may be any but those of a
   * write that is not in flight. False when it was dropped; an older one of its key is outdated even then. `isTime` and `rank`
   * are the write's.
   */
  put(key: Slice, value: Slice, ttl: i64, now: i64, isTime: bool = false, rank: WriteRank | null = null): bool {
    const hash = sipHash(key, this.seed0, this.seed1);
    const outdated = this.supersede(key, hash);
    const size = sizeOfWrite(lengthOf(key), lengthOf(value));
    const verdict = this.verdictOn(size, ttl);
    if (verdict != Verdict.Fits) {
      if (outdated) this.letGo(outdated);
      this.countRefused(verdict);
      return false;
    }
    this.makeRoom(size, outdated);
    const write = outdated ? outdated : this.enqueue(hash);
    write.isTime = isTime;
    write.rank = rank;
    write.hold(key, value, ttl, now);
    this.heldBytes += size;
    return true;
  }

  /**
   * The next write to send, which is in flight then, with `ttl` set to what is left of it; null when there is none yet.
   * Its slices are good until it has landed.
   */
  next(now: i64): Write | null {
    while (this.flyingEntries < this.maxInFlight) {
      const write = this.oldestSendable(now);
      if (!write) break;
      write.ttl = write.timeLeft(now);
      if (write.ttl > 0) {
        this.launch(write);
        return write;
      }
      this.letGo(write);
      this.droppedExpired++;
    }
    return null;
  }

  /** What became of a write that `next` gave: whether Redis took it. Anything said about it later has no effect. */
  landed(write: Write, ok: bool, now: i64): void {
    if (write.state != WriteState.InFlight) return;
    this.land(write);
    if (!ok && !write.failed && !write.superseded) return this.retryLater(write, now);
    this.letGo(write);
    if (ok) this.stored++;
    else if (write.superseded) this.replaced++;
    else this.droppedFailed++;
  }

  /**
   * Whether a write that `next` gave is still to be sent, after something else had to be done for it; `ttl` is what is left of
   * it then. Else it has ended.
   */
  isStillDue(write: Write, now: i64): bool {
    if (write.state != WriteState.InFlight) return false;
    write.ttl = write.timeLeft(now);
    if (!write.superseded && write.ttl > 0) return true;
    if (write.superseded) this.replaced++;
    else this.droppedExpired++;
    this.land(write);
    this.letGo(write);
    return false;
  }

  /** A write that `next` gave is not to be sent: Redis has what is more recent. */
  outdate(write: Write): void {
    if (write.state != WriteState.InFlight) return;
    this.land(write);
    this.letGo(write);
    this.outdated++;
  }

  /** How many milliseconds from now on the next second try is due; 0 when one is, -1 when none waits. */
  nextDue(now: i64): i64 {
    const write = this.retrying.first;
    if (!write) return -1;
    const left = write.due - now;
    // More than it ever is: the clock went back.
    return left > this.backoff ? 0 : max<i64>(0, left);
  }

  /** Drops the oldest that is not in flight. What waits for a second try came before what could not even be sent once. */
  shed(): bool {
    const oldest = this.oldestDroppable();
    if (!oldest) return false;
    this.letGo(oldest);
    this.droppedFull++;
    return true;
  }

  /** Gives up its part of the budget, and all that `dispose` does. */
  close(): void {
    this.dispose();
    this.budget.leave(this);
  }

  /** Forgets all writes uncounted, also those in flight, and gives the memory back. The queue may be used again. */
  dispose(): void {
    this.table.close();
    this.waiting.clear();
    this.retrying.clear();
    this.heldEntries = 0;
    this.heldBytes = 0;
    this.flyingEntries = 0;
    this.flyingBytes = 0;
  }

  /** A newer write of the key is here. Returns the one whose place it takes, emptied, where one waits to be sent. */
  private supersede(key: Slice, hash: u64): Write | null {
    const flying = this.table.find(key, hash, WriteState.InFlight);
    if (flying) flying.superseded = true;
    const retrying = this.table.find(key, hash, WriteState.Retrying);
    if (retrying) {
      this.letGo(retrying);
      this.replaced++;
    }
    const waiting = this.table.find(key, hash, WriteState.Waiting);
    if (waiting) {
      this.heldBytes -= waiting.size;
      waiting.release();
      this.replaced++;
    }
    return waiting;
  }

  /** Decided before anything is dropped for it: only what waits can make room. */
  private verdictOn(size: i64, ttl: i64): Verdict {
    if (ttl < 1) return Verdict.Expired;
    if (size > this.maxBytes) return Verdict.TooLarge;
    if (this.flyingEntries >= this.maxEntries || this.flyingBytes + size > this.maxBytes) return Verdict.Full;
    if (!this.budget.couldFit(size)) return Verdict.Full;
    if (!memoryIsLeftFor(<u64>size, HEADROOM) || !this.openTable()) return Verdict.Full;
    return Verdict.Fits;
  }

  private countRefused(verdict: Verdict): void {
    if (verdict == Verdict.Expired) this.droppedExpired++;
    else if (verdict == Verdict.TooLarge) this.droppedTooLarge++;
    else this.droppedFull++;
  }

  /** False when there is no memory for it. */
  private openTable(): bool {
    if (this.table.isOpen) return true;
    // There can be no more entries than the smallest of them fit, whatever the bound on entries is.
    const entries = min(<i64>this.maxEntries, this.maxBytes / sizeOfWrite(0, 0));
    let buckets: i32 = 8;
    while (<i64>buckets < entries && buckets < MOST_BUCKETS) buckets <<= 1;
    if (!memoryIsLeftFor((<u64>buckets) << alignof<usize>(), HEADROOM)) return false;
    this.table.open(buckets);
    return true;
  }

  /** Drops the oldest until a write of that size fits, at the place of `outdated` where that is. */
  private makeRoom(size: i64, outdated: Write | null): void {
    const added = outdated ? 0 : 1;
    this.spared = outdated;
    while (this.heldEntries + added > this.maxEntries || this.heldBytes + size > this.maxBytes) {
      if (!this.shed()) break;
    }
    this.budget.makeRoom(added, size);
    this.spared = null;
  }

  private oldestDroppable(): Write | null {
    const retrying = this.retrying.first;
    if (retrying) return retrying;
    const waiting = this.waiting.first;
    return waiting && waiting == this.spared ? waiting.next : waiting;
  }

  private enqueue(hash: u64): Write {
    const write = new Write(hash);
    this.table.add(write);
    this.waiting.push(write);
    this.heldEntries++;
    return write;
  }

  private oldestSendable(now: i64): Write | null {
    if (this.nextDue(now) == 0) return this.retrying.first;
    let write = this.waiting.first;
    while (write && this.table.find(write.key, write.hash, WriteState.InFlight)) write = write.next;
    return write;
  }

  private launch(write: Write): void {
    if (write.state == WriteState.Retrying) this.retried++;
    this.listOf(write).remove(write);
    write.state = WriteState.InFlight;
    this.flyingEntries++;
    this.flyingBytes += write.size;
  }

  private land(write: Write): void {
    this.flyingEntries--;
    this.flyingBytes -= write.size;
  }

  private retryLater(write: Write, now: i64): void {
    write.failed = true;
    write.due = now + this.backoff;
    write.state = WriteState.Retrying;
    this.retrying.push(write);
  }

  /** Takes a write out of the queue and frees what it holds. */
  private letGo(write: Write): void {
    if (write.state != WriteState.InFlight) this.listOf(write).remove(write);
    this.table.remove(write);
    this.heldEntries--;
    this.heldBytes -= write.size;
    write.state = WriteState.Gone;
    write.release();
  }

  private listOf(write: Write): WriteList {
    return write.state == WriteState.Retrying ? this.retrying : this.waiting;
  }
}
