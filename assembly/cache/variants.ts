import { ByteBuffer, NONE, Slice, equal, lengthOf, pointerOf, sipHash, sub } from "as-bytes/assembly";

/** The first four bytes of an index of variants, `SPRV`, and the version of what follows them. */
const MAGIC: u32 = 0x56525053;
const VERSION: u32 = 3;

/** The head of an index. The lists of names follow it. */
@unmanaged
class Head {
  magic: u32;
  version: u32;
  /** Of everything behind it. */
  checksum: u64;
  /** Whose it is; see `ownerOf`. */
  owner: u64;
  /** Up to when lists have had to go; see `VariantIndex.since`. */
  droppedAt: i64;
}

/** A list: since when it counts (see `VariantIndex.since`), its length, and then the names. */
@unmanaged
class List {
  since: i64;
  length: u32;
}

const HEAD: i32 = <i32>offsetof<Head>();
const CHECKED_FROM: i32 = <i32>offsetof<Head>("owner");
const LIST: i32 = 12;

const CHECKSUM_KEY0: u64 = 0x7369676e706f7374;
const CHECKSUM_KEY1: u64 = 0x76617269616e7473;

/** Who finds two secondary keys with one digest gets misses: the full key is in the entry and compared. */
const DIGEST_KEY0: u64 = 0x7365636f6e646172;
const DIGEST_KEY1: u64 = 0x79206b6579206f66;
const DIGEST_KEY2: u64 = 0x6120766172696174;

/** The first byte of a variant's key. Primary keys begin with another one. */
const VARIANT: i32 = 0x76;

/** Origins have two or three `Vary` fields for a URL at most; each one more is a look-up more for every request. */
const MAX_NAME_LISTS: i32 = 4;

/** All that an index may have: those, and the one without names. */
export const MOST_LISTS: i32 = MAX_NAME_LISTS + 1;

/**
 * What lies under the primary key of a URL that has answered with `Vary`: which lists of names its responses came with,
 * the most recent first. Each list and a request's values for it are a secondary key, and the response to such requests
 * lies under a key of its own (`appendVariantKey`). A response without `Vary` is one with an empty list of names. As long
 * as none has named any, it lies under the primary key itself and takes one look-up.
 *
 * The variants' keys are the same in all workers and gateways. A list that comes into an index again finds what came with
 * it before, and nobody has looked after that in the meantime: hence `since`.
 */
export class VariantIndex {
  /** The list of the last `next`, as `VaryNames` has it; empty for responses without `Vary`. */
  names: Slice = NONE;
  /** When the request was sent whose response brought the list into the index: those to earlier ones do not count. */
  since: i64 = 0;

  private bytes: Slice = NONE;
  private at: i32 = 0;
  /** While an index is written: how many lists with names it has, and since when the empty one counts; -1 without one. */
  private written: i32 = 0;
  private sinceOfEmpty: i64 = -1;

  /** Looks at the bytes under a primary key; false, and then it has no lists, where they are no whole index. */
  open(bytes: Slice): bool {
    this.bytes = NONE;
    this.begin();
    if (!isIndex(bytes)) return false;
    this.bytes = bytes;
    this.begin();
    // A length that leads outside ends the lists too early: then there is more than they take. More lists than are ever written
    // would all be looked up.
    let named = 0;
    while (named <= MAX_NAME_LISTS && this.next() && lengthOf(this.names) > 0) named++;
    const isWhole = named <= MAX_NAME_LISTS && this.at == lengthOf(bytes);
    if (!isWhole) this.bytes = NONE;
    this.begin();
    return isWhole;
  }

  /** Whether it was written for that primary key. */
  isOf(primary: Slice): bool {
    return this.bytes != NONE && changetype<Head>(pointerOf(this.bytes)).owner == ownerOf(primary);
  }

  /** Whether both were written for one primary key. */
  isOfSameKey(other: VariantIndex): bool {
    return this.bytes != NONE && other.bytes != NONE && this.owner == other.owner;
  }

  /** The latest time in it. */
  get latest(): i64 {
    let latest = this.droppedAt;
    this.begin();
    while (this.next()) latest = max(latest, this.since);
    this.begin();
    return latest;
  }

  /** Goes before the first list. */
  begin(): void {
    this.names = NONE;
    this.at = HEAD;
  }

  /** Goes to the next list; false when there is none left. */
  next(): bool {
    this.names = NONE;
    if (this.at > lengthOf(this.bytes) - LIST) return false;
    const list = changetype<List>(pointerOf(this.bytes) + <usize>this.at);
    const from = this.at + LIST;
    if (<i64>list.length > <i64>(lengthOf(this.bytes) - from)) return false;
    this.at = from + <i32>list.length;
    this.since = list.since;
    this.names = sub(this.bytes, from, this.at);
    return true;
  }

  /** Goes to the list of these names; false where the index has none. */
  seek(names: Slice): bool {
    this.begin();
    while (this.next()) {
      if (lengthOf(names) == 0 ? lengthOf(this.names) == 0 : equal(this.names, names)) return true;
    }
    return false;
  }

  /**
   * Writes the index with `names` as the most recent list; the least recent one goes where there would be too many. Where
   * no index is open a new one begins, for that primary key. `since` counts for a list that is new. False where it says what the open one says,
   * and there is no need to store it. The empty list stays last: what tells requests apart comes first.
   */
  writeWith(primary: Slice, names: Slice, since: i64, into: ByteBuffer): bool {
    const counts = this.seek(names) ? this.since : since;
    this.start(into, ownerOf(primary), this.droppedAt);
    this.append(into, names, counts);
    this.appendOthers(into, since);
    return this.finish(into);
  }

  /**
   * Writes the open index with the lists of another one of its key before its own. A list that is in both counts since the later time:
   * whoever brought it in then knew nothing of what was there before. That was by `now`, whatever a clock that is ahead says.
   */
  writeMerged(other: VariantIndex, now: i64, into: ByteBuffer): bool {
    this.start(into, other.owner, max(this.droppedAt, min(other.droppedAt, now)));
    other.begin();
    while (other.next()) {
      const since = max(min(other.since, now), this.seek(other.names) ? this.since : this.droppedAt);
      this.append(into, other.names, since);
    }
    this.appendOthers(into, now);
    return this.finish(into);
  }

  private get droppedAt(): i64 {
    return this.bytes == NONE ? 0 : changetype<Head>(pointerOf(this.bytes)).droppedAt;
  }

  private get owner(): u64 {
    return this.bytes == NONE ? 0 : changetype<Head>(pointerOf(this.bytes)).owner;
  }

  private start(into: ByteBuffer, owner: u64, droppedAt: i64): void {
    into.clear().u32(MAGIC).u32(VERSION);
    append64(into, 0);
    append64(into, owner);
    append64(into, <u64>droppedAt);
    this.written = 0;
    this.sinceOfEmpty = -1;
  }

  /** Appends the open index' lists that are not written yet; where one has to go, that is at `now`. */
  private appendOthers(into: ByteBuffer, now: i64): void {
    this.begin();
    while (this.next()) {
      const isEmpty = lengthOf(this.names) == 0;
      if (isEmpty ? this.sinceOfEmpty >= 0 : hasList(into.view(), this.names)) continue;
      if (isEmpty || this.written < MAX_NAME_LISTS) this.append(into, this.names, this.since);
      else changetype<Head>(pointerOf(into.view())).droppedAt = now;
    }
  }

  private append(into: ByteBuffer, names: Slice, since: i64): void {
    if (lengthOf(names) == 0) {
      this.sinceOfEmpty = since;
      return;
    }
    this.written++;
    appendList(into, names, since);
  }

  private finish(into: ByteBuffer): bool {
    if (this.sinceOfEmpty >= 0) appendList(into, NONE, this.sinceOfEmpty);
    this.begin();
    const written = into.view();
    changetype<Head>(pointerOf(written)).checksum = checksumOf(written);
    return !equal(written, this.bytes);
  }
}

/**
 * Appends the key under which the response to requests with that secondary key lies: as many bytes more than the primary
 * key's whatever the values are. It says less than both keys do: the response has them in full to be compared.
 */
export function appendVariantKey(into: ByteBuffer, primaryKey: Slice, secondaryKey: Slice): void {
  const low = sipHash(secondaryKey, DIGEST_KEY0, DIGEST_KEY1);
  const high = sipHash(secondaryKey, DIGEST_KEY1, DIGEST_KEY2);
  into.byte(VARIANT);
  append64(into, low);
  append64(into, high);
  into.bytes(primaryKey);
}

/** Whether there is a list of these names among the whole ones of an index. */
function hasList(index: Slice, names: Slice): bool {
  for (let at = HEAD; at < lengthOf(index);) {
    const from = at + LIST;
    at = from + <i32>changetype<List>(pointerOf(index) + <usize>at).length;
    if (equal(sub(index, from, at), names)) return true;
  }
  return false;
}

function isIndex(bytes: Slice): bool {
  if (lengthOf(bytes) < HEAD) return false;
  const head = changetype<Head>(pointerOf(bytes));
  return head.magic == MAGIC && head.version == VERSION && head.checksum == checksumOf(bytes);
}

/** Tells the index of one primary key from that of another, where a reply of Redis' may be that to another question. */
function ownerOf(primary: Slice): u64 {
  return sipHash(primary, CHECKSUM_KEY1, CHECKSUM_KEY0);
}

function checksumOf(bytes: Slice): u64 {
  return sipHash(sub(bytes, CHECKED_FROM), CHECKSUM_KEY0, CHECKSUM_KEY1);
}

function appendList(into: ByteBuffer, names: Slice, since: i64): void {
  append64(into, <u64>since);
  into.u32(<u32>lengthOf(names)).bytes(names);
}

function append64(into: ByteBuffer, value: u64): void {
  into.u32(<u32>value).u32(<u32>(value >> 32));
}
