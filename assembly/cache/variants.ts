import { ByteBuffer, NONE, Slice, equal, lengthOf, pointerOf, sipHash, sub } from "as-bytes/assembly";

/** The first four bytes of an index of variants, `SPRV`, and the version of what follows them. */
const MAGIC: u32 = 0x56525053;
const VERSION: u32 = 1;

/** The head of an index. The lists of names follow it, each behind its length in four bytes. */
@unmanaged
class Head {
  magic: u32;
  version: u32;
  /** Of everything behind it. */
  checksum: u64;
  generation: u64;
}

const HEAD: i32 = <i32>offsetof<Head>();
const CHECKED_FROM: i32 = <i32>offsetof<Head>("generation");
const LENGTH_BYTES: i32 = 4;

const CHECKSUM_KEY0: u64 = 0x7369676e706f7374;
const CHECKSUM_KEY1: u64 = 0x76617269616e7473;

/** Who finds two secondary keys with one digest gets misses: the full key is in the entry and compared. */
const DIGEST_KEY0: u64 = 0x7365636f6e646172;
const DIGEST_KEY1: u64 = 0x79206b6579206f66;
const DIGEST_KEY2: u64 = 0x6120766172696174;

/** The first byte of a variant's key. Primary keys begin with another one. */
const VARIANT: i32 = 0x76;

/** Origins have two or three `Vary` fields for a URL at most; each one more is a look-up more for every request. */
export const MAX_NAME_LISTS: i32 = 4;

/**
 * What lies under the primary key of a URL that has answered with `Vary`: which lists of names its responses came with,
 * the most recent first. Each list and a request's values for it are a secondary key, and the response to such requests
 * lies under a key of its own (`appendVariantKey`). A response without `Vary` is one with an empty list of names. As long
 * as none has named any, it lies under the primary key itself and takes one look-up.
 *
 * The generation is part of the variants' keys: when the index goes, because the URL was invalidated, the next one has
 * another generation, and none of the old variants is ever found again.
 */
export class VariantIndex {
  /** The list of the last `next`, as `VaryNames` has it; empty for responses without `Vary`. */
  names: Slice = NONE;

  private bytes: Slice = NONE;
  private at: i32 = 0;

  /** Looks at the bytes under a primary key; false, and then it has no lists, where they are no whole index. */
  open(bytes: Slice): bool {
    this.bytes = NONE;
    this.begin();
    if (!isIndex(bytes)) return false;
    this.bytes = bytes;
    this.begin();
    // A length that leads outside ends the lists too early: then there is more than they take.
    while (this.next()) {}
    const isWhole = this.at == lengthOf(bytes);
    if (!isWhole) this.bytes = NONE;
    this.begin();
    return isWhole;
  }

  /** 0 where no index is open. */
  get generation(): u64 {
    return this.bytes == NONE ? 0 : changetype<Head>(pointerOf(this.bytes)).generation;
  }

  /** Goes before the first list. */
  begin(): void {
    this.names = NONE;
    this.at = HEAD;
  }

  /** Goes to the next list; false when there is none left. */
  next(): bool {
    this.names = NONE;
    if (this.at > lengthOf(this.bytes) - LENGTH_BYTES) return false;
    const length = load<u32>(pointerOf(this.bytes) + <usize>this.at);
    const from = this.at + LENGTH_BYTES;
    if (<i64>length > <i64>(lengthOf(this.bytes) - from)) return false;
    this.at = from + <i32>length;
    this.names = sub(this.bytes, from, this.at);
    return true;
  }

  /**
   * Writes the index with `names` as the most recent list; the least recent one goes where there would be too many. Where
   * no index is open a new one begins, of that generation: a number that none before it had. False where it says what
   * the open one says, and there is no need to store it.
   *
   * The empty list stays last: "When a cache has multiple stored responses for a target URI and one or more omits the
   * Vary header field, the cache SHOULD choose the most recent (see Section 4.2.3) stored response with a valid Vary
   * field value." (RFC 9111 §4.1)
   */
  writeWith(names: Slice, newGeneration: u64, into: ByteBuffer): bool {
    into.clear();
    appendHead(into, this.bytes == NONE ? newGeneration : this.generation);
    const hasNames = lengthOf(names) > 0;
    if (hasNames) appendList(into, names);
    let count = hasNames ? 1 : 0;
    let hasEmpty = !hasNames;
    this.begin();
    while (this.next()) {
      if (lengthOf(this.names) == 0) hasEmpty = true;
      else if (!equal(this.names, names) && count++ < MAX_NAME_LISTS) appendList(into, this.names);
    }
    this.begin();
    if (hasEmpty) appendList(into, NONE);
    const written = into.view();
    changetype<Head>(pointerOf(written)).checksum = checksumOf(written);
    return !equal(written, this.bytes);
  }
}

/**
 * Appends the key under which the response to requests with that secondary key lies: as many bytes more than the primary
 * key's whatever the values are. It says less than both keys do: the response has them in full to be compared.
 */
export function appendVariantKey(into: ByteBuffer, primaryKey: Slice, generation: u64, secondaryKey: Slice): void {
  const low = sipHash(secondaryKey, DIGEST_KEY0, generation);
  const high = sipHash(secondaryKey, DIGEST_KEY1, generation ^ DIGEST_KEY2);
  into.byte(VARIANT);
  append64(into, generation);
  append64(into, low);
  append64(into, high);
  into.bytes(primaryKey);
}

function isIndex(bytes: Slice): bool {
  if (lengthOf(bytes) < HEAD) return false;
  const head = changetype<Head>(pointerOf(bytes));
  return head.magic == MAGIC && head.version == VERSION && head.checksum == checksumOf(bytes);
}

function checksumOf(bytes: Slice): u64 {
  return sipHash(sub(bytes, CHECKED_FROM), CHECKSUM_KEY0, CHECKSUM_KEY1);
}

function appendHead(into: ByteBuffer, generation: u64): void {
  into.u32(MAGIC).u32(VERSION);
  append64(into, 0);
  append64(into, generation);
}

function appendList(into: ByteBuffer, names: Slice): void {
  into.u32(<u32>lengthOf(names)).bytes(names);
}

function append64(into: ByteBuffer, value: u64): void {
  into.u32(<u32>value).u32(<u32>(value >> 32));
}
