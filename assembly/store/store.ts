import {
  HEADROOM,
  NONE,
  Slice,
  equal,
  lengthOf,
  mayBeKept,
  memoryIsLeftFor,
  pointerOf,
  sipHash,
  slice,
} from "as-bytes/assembly";

/**
 * One entry: this head, then the key's bytes, then the value's. It lives outside the collector, so that a full store
 * costs the collector nothing and an entry costs its bytes and not an object graph.
 */
@unmanaged
class Entry {
  hash: u64;
  /** The next entry of the same bucket. */
  chained: Entry | null;
  /** Neighbours in the order of use. */
  newer: Entry | null;
  older: Entry | null;
  keyLength: i32;
  valueLength: i32;
}

/** What the allocator adds to a block, at most: its own head (4) and the rounding up to its alignment (15). */
const BLOCK_OVERHEAD: i32 = 19;

/**
 * What all stores of the VM may hold together, whatever each one's bound is: during an update those of two
 * configurations are there, several plugins may share a VM, and blocks of many sizes leave gaps between them.
 */
const MOST_HELD: i64 = 384 * 1024 * 1024;

/** What all stores of the VM hold now. */
let heldByAll: i64 = 0;

/** How many times its size may go for an entry that finds no gap; else one that is large could empty the store. */
const MOST_FOR_A_PLACE: i64 = 4;

/** The largest key or value a store takes, so that no sum of sizes can overflow. */
const MAX_PART: i32 = 1 << 28;

/**
 * A bounded map from bytes to bytes that forgets the least recently used first. Bounds are entries and bytes (heads,
 * keys and values as allocated, and the table). Nothing is allocated before the first `reserve`; the table has its
 * final size then, so that no request ever pays for a rehash. Every operation is O(1), evictions amortised.
 *
 * Keys come from clients: the hash is keyed with `seed0` and `seed1`, so that nobody can choose keys of one bucket.
 */
export class Store {
  /** The number of whoever tells its size and evictions, 0 for nobody: several may hold it, and it counts once. */
  reporter: u32 = 0;

  private table: usize = 0;
  private mask: u32 = 0;
  private newest: Entry | null = null;
  private oldest: Entry | null = null;
  private usedEntries: i32 = 0;
  private usedBytes: i64 = 0;
  private evictedEntries: u64 = 0;

  constructor(
    private maxEntries: i32,
    private maxBytes: i64,
    private seed0: u64,
    private seed1: u64,
  ) {}

  /** How many entries are held. */
  get entries(): i32 {
    return this.usedEntries;
  }

  /** How many bytes are held, the table's included. */
  get bytes(): i64 {
    return this.usedBytes;
  }

  /** How many bytes may be held. */
  get bound(): i64 {
    return this.maxBytes;
  }

  /** How many entries had to go because the store was full, since it was made. */
  get evictions(): u64 {
    return this.evictedEntries;
  }

  /**
   * The value under `key`, which becomes the most recently used, or `NONE`. The caller may write into it. It is good
   * until the next `reserve`, `remove`, `resize` or `clear`.
   */
  find(key: Slice): Slice {
    const entry = this.entryOf(key, this.hashOf(key));
    if (!entry) return NONE;
    this.use(entry);
    return valueOf(entry);
  }

  /**
   * Makes room for a value of `length` bytes under `key`, in place of what was there, and returns it to be written (it
   * holds garbage). `NONE` when such an entry could never fit; what was under the key is gone then too.
   */
  reserve(key: Slice, length: i32): Slice {
    const hash = this.hashOf(key);
    const old = this.entryOf(key, hash);
    if (old) this.drop(old);
    const size = sizeOf(lengthOf(key), length);
    if (size < 0) return NONE;
    if (this.table == 0 && !this.makeTable()) return NONE;
    if (size > this.maxBytes - this.tableBytes()) return NONE;
    this.makeRoom(this.maxEntries - 1, this.maxBytes - size);
    while (heldByAll + size > MOST_HELD) {
      if (!this.evictOldest()) return NONE;
    }
    if (!memoryIsLeftFor(<u64>size, HEADROOM) || !this.makePlace(size)) return NONE;
    const entry = changetype<Entry>(heap.alloc(<usize>(size - BLOCK_OVERHEAD)));
    entry.hash = hash;
    entry.keyLength = lengthOf(key);
    entry.valueLength = length;
    memory.copy(changetype<usize>(entry) + offsetof<Entry>(), pointerOf(key), <usize>lengthOf(key));
    this.chain(entry);
    this.link(entry);
    this.usedEntries++;
    this.account(size);
    return valueOf(entry);
  }

  /** Forgets `key`; says whether it was there. */
  remove(key: Slice): bool {
    const entry = this.entryOf(key, this.hashOf(key));
    if (!entry) return false;
    this.drop(entry);
    return true;
  }

  /** Takes new bounds; what does not fit them is forgotten, the least recently used first. */
  resize(maxEntries: i32, maxBytes: i64): void {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    if (this.table == 0) return;
    if (this.neededBuckets() == this.mask + 1 && this.tableBytes() <= maxBytes) {
      return this.makeRoom(maxEntries, maxBytes);
    }
    // Entries keep their place in the order of use; only their buckets are made anew, for the new bound's table.
    this.dropTable();
    if (!this.makeTable()) {
      this.evictedEntries += <u64>this.usedEntries;
      return this.clear();
    }
    let entry = this.newest;
    while (entry) {
      this.chain(entry);
      entry = entry.older;
    }
    this.makeRoom(maxEntries, maxBytes);
  }

  /** Forgets everything and gives all memory back; the store may be used again. */
  clear(): void {
    for (let entry = this.newest; entry;) {
      const older = entry.older;
      heap.free(changetype<usize>(entry));
      entry = older;
    }
    this.dropTable();
    this.newest = null;
    this.oldest = null;
    this.usedEntries = 0;
    this.account(-this.usedBytes);
  }

  private makeRoom(entries: i32, bytes: i64): void {
    while (this.usedEntries > entries || this.usedBytes > bytes) {
      if (!this.evictOldest()) return;
    }
  }

  /** Whether an entry of that size may be kept; a few others go where memory must not grow for it and no gap is large enough. */
  private makePlace(size: i64): bool {
    const least = this.usedBytes - MOST_FOR_A_PLACE * size;
    while (!mayBeKept(<u64>size)) {
      if (this.usedBytes < least || !this.evictOldest()) return false;
    }
    return true;
  }

  private evictOldest(): bool {
    const oldest = this.oldest;
    if (!oldest) return false;
    this.drop(oldest);
    this.evictedEntries++;
    return true;
  }

  private account(bytes: i64): void {
    this.usedBytes += bytes;
    heldByAll += bytes;
  }

  /** Sized for the bound at a load of 3/4 or less; false when the table alone would pass the bound on bytes. */
  private makeTable(): bool {
    const buckets = this.neededBuckets();
    const bytes = (<i64>buckets) << alignof<usize>();
    if (
      bytes + BLOCK_OVERHEAD > this.maxBytes ||
      heldByAll + bytes > MOST_HELD ||
      !memoryIsLeftFor(<u64>bytes, HEADROOM)
    )
      return false;
    this.table = heap.alloc(<usize>bytes);
    memory.fill(this.table, 0, <usize>bytes);
    this.mask = buckets - 1;
    this.account(this.tableBytes());
    return true;
  }

  private neededBuckets(): u32 {
    // There can be no more entries than the smallest of them fit, whatever the bound on entries is.
    const entries = min(<i64>this.maxEntries, this.maxBytes / sizeOf(0, 0));
    let buckets: u32 = 8;
    while (<i64>buckets * 3 < entries * 4) buckets <<= 1;
    return buckets;
  }

  private dropTable(): void {
    if (this.table == 0) return;
    this.account(-this.tableBytes());
    heap.free(this.table);
    this.table = 0;
    this.mask = 0;
  }

  private tableBytes(): i64 {
    return this.table == 0 ? 0 : ((<i64>this.mask + 1) << alignof<usize>()) + BLOCK_OVERHEAD;
  }

  private hashOf(key: Slice): u64 {
    return sipHash(key, this.seed0, this.seed1);
  }

  private bucketOf(hash: u64): usize {
    return this.table + ((<usize>((<u32>hash) & this.mask)) << alignof<usize>());
  }

  private entryOf(key: Slice, hash: u64): Entry | null {
    if (this.table == 0) return null;
    let entry = load<Entry | null>(this.bucketOf(hash));
    while (entry) {
      if (entry.hash == hash && equal(keyOf(entry), key)) return entry;
      entry = entry.chained;
    }
    return null;
  }

  private chain(entry: Entry): void {
    const bucket = this.bucketOf(entry.hash);
    entry.chained = load<Entry | null>(bucket);
    store<Entry | null>(bucket, entry);
  }

  private use(entry: Entry): void {
    if (this.newest == entry) return;
    this.unlink(entry);
    this.link(entry);
  }

  private link(entry: Entry): void {
    const newest = this.newest;
    entry.newer = null;
    entry.older = newest;
    if (newest) newest.newer = entry;
    else this.oldest = entry;
    this.newest = entry;
  }

  private unlink(entry: Entry): void {
    const newer = entry.newer;
    const older = entry.older;
    if (newer) newer.older = older;
    else this.newest = older;
    if (older) older.newer = newer;
    else this.oldest = newer;
  }

  private drop(entry: Entry): void {
    this.unlink(entry);
    const bucket = this.bucketOf(entry.hash);
    let at = load<Entry | null>(bucket);
    if (at == entry) {
      store<Entry | null>(bucket, entry.chained);
    } else {
      while (at) {
        const next = at.chained;
        if (next == entry) {
          at.chained = entry.chained;
          break;
        }
        at = next;
      }
    }
    this.usedEntries--;
    this.account(-sizeOf(entry.keyLength, entry.valueLength));
    heap.free(changetype<usize>(entry));
  }
}

/** What an entry takes in memory, or -1 when no store could hold it. */
function sizeOf(keyLength: i32, valueLength: i32): i64 {
  if (keyLength > MAX_PART || valueLength > MAX_PART || valueLength < 0) return -1;
  return <i64>offsetof<Entry>() + keyLength + valueLength + BLOCK_OVERHEAD;
}

function keyOf(entry: Entry): Slice {
  return slice(changetype<usize>(entry) + offsetof<Entry>(), entry.keyLength);
}

function valueOf(entry: Entry): Slice {
  return slice(changetype<usize>(entry) + offsetof<Entry>() + <usize>entry.keyLength, entry.valueLength);
}
