import { NONE, Slice, lengthOf, pointerOf, sipHash, sub } from "as-bytes/assembly";
import { HeaderList } from "../text/header-list";
import { Recency } from "./recency";
import { ReuseTerms } from "./reuse-terms";
import { isWholeSecondaryKey } from "./vary";

/** The first four bytes of a stored response, `SPRE`, and the version of what follows them. */
const MAGIC: u32 = 0x45525053;
const VERSION: u32 = 2;

namespace Flags {
  export const NO_CACHE: u32 = 1;
  export const MUST_REVALIDATE: u32 = 2;
  /** `bodyChecksum` is the body's. */
  export const SEALED: u32 = 4;
  /** The response has a `Date`; see `Recency`. */
  export const DATED: u32 = 8;
  export const ALL: u32 = 15;
}

/**
 * The head of a stored response. The primary key, the secondary key (see `SecondaryKeys`), the tags, the fields (see
 * `HeaderList`) and the body follow it. All numbers have the least significant byte first, times are milliseconds.
 */
@unmanaged
class Head {
  magic: u32;
  version: u32;
  /** Of everything from `bodyChecksum` to the body. */
  checksum: u64;
  /** The one number that changes after writing, and the checksum does not cover it: see `StoredResponse.retryAt`. */
  retryAt: i64;
  bodyChecksum: u64;
  receivedAt: i64;
  /** Both are a `Recency`'s. */
  requestTime: i64;
  generatedAt: i64;
  initialAge: i64;
  lifetime: i64;
  staleWhileRevalidate: i64;
  staleIfError: i64;
  sequence: u64;
  status: u32;
  flags: u32;
  keyLength: u32;
  secondaryKeyLength: u32;
  tagsLength: u32;
  fieldsLength: u32;
  bodyLength: u32;
  /** Always 0. */
  unused: u32;
}

const HEAD: i32 = <i32>offsetof<Head>();
const CHECKED_FROM: i32 = <i32>offsetof<Head>("bodyChecksum");

/** Checksums find damage and keep nobody out: their key is no secret, and all gateways have the same. */
const CHECKSUM_KEY0: u64 = 0x7369676e706f7374;
const CHECKSUM_KEY1: u64 = 0x656e76656c6f7065;

/** The largest part of a stored response, so that no sum of sizes can overflow. */
const MAX_PART: i64 = 1 << 28;

/** Times and durations beyond this are not any: some 285,000 years. */
const MAX_TIME: i64 = 1 << 53;

/** What bytes turn out to be. */
export enum EnvelopeKind {
  /** A whole stored response of this version. */
  Response,
  /** Not one at all: missing, or something else. */
  Other,
  /** One as another version of the filter writes it. */
  OtherVersion,
  /** One that lost or changed bytes. */
  Damaged,
}

/** A view of a stored response, reused from one request to the next. What it returns is good as long as its bytes are. */
export class StoredResponse {
  private bytes: Slice = NONE;
  private list: HeaderList = new HeaderList();

  /**
   * Looks at bytes that this VM laid out itself: only their layout is looked at. The getters belong to a response that
   * is there: to one of which this or `openUntrusted` said `Response`.
   */
  open(bytes: Slice): EnvelopeKind {
    this.bytes = NONE;
    const length = lengthOf(bytes);
    if (length < <i32>offsetof<Head>("checksum")) return EnvelopeKind.Other;
    const head = changetype<Head>(pointerOf(bytes));
    if (head.magic != MAGIC) return EnvelopeKind.Other;
    if (head.version != VERSION) return EnvelopeKind.OtherVersion;
    if (length < HEAD || sizeOf(head) != <u64>length) return EnvelopeKind.Damaged;
    this.bytes = bytes;
    return EnvelopeKind.Response;
  }

  /** Looks at bytes that come from elsewhere: `Response` only for those that a filter wrote and nothing has changed. */
  openUntrusted(bytes: Slice): EnvelopeKind {
    const kind = this.open(bytes);
    if (kind != EnvelopeKind.Response) return kind;
    if (this.isIntact()) return kind;
    this.bytes = NONE;
    return EnvelopeKind.Damaged;
  }

  get status(): i32 {
    return <i32>this.head.status;
  }

  /** When it was received, in wall-clock milliseconds. */
  get receivedAt(): i64 {
    return this.head.receivedAt;
  }

  set receivedAt(time: i64) {
    if (this.bytes != NONE) this.head.receivedAt = time;
  }

  /** When the request for it was sent, or for the 304 that confirmed it last, in wall-clock milliseconds. */
  get requestTime(): i64 {
    return this.head.requestTime;
  }

  set requestTime(time: i64) {
    if (this.bytes != NONE) this.head.requestTime = time;
  }

  /** How recent it is among others. */
  readRecency(into: Recency): void {
    const head = this.head;
    into.set(head.generatedAt, (head.flags & Flags.DATED) != 0, head.requestTime);
  }

  /** Whether it is the other one or a copy of it: the same response to the same request, and not one that replaced it. */
  isSameAs(other: StoredResponse): bool {
    return this.head.checksum == other.head.checksum && lengthOf(this.bytes) == lengthOf(other.bytes);
  }

  /** How far the invalidation log had been read when the request for it was sent. */
  get sequence(): u64 {
    return this.head.sequence;
  }

  /** No validation in the background before this time, as the last one failed; 0 where none has. For the local store. */
  get retryAt(): i64 {
    return this.head.retryAt;
  }

  set retryAt(time: i64) {
    if (this.bytes != NONE) this.head.retryAt = time;
  }

  /** The primary key, in full: who looks the response up by a digest of it compares it. */
  get key(): Slice {
    return this.part(0, this.head.keyLength);
  }

  /** The names in `Vary` and the request's values; see `SecondaryKeys`. */
  get secondaryKey(): Slice {
    return this.part(this.head.keyLength, this.head.secondaryKeyLength);
  }

  /** The value of the response field with the tags; empty where it had none. */
  get tags(): Slice {
    const head = this.head;
    return this.part(head.keyLength + head.secondaryKeyLength, head.tagsLength);
  }

  /** The fields, for `HeaderList` and `StoredHeaders`. */
  get fields(): Slice {
    const head = this.head;
    return this.part(head.keyLength + head.secondaryKeyLength + head.tagsLength, head.fieldsLength);
  }

  get body(): Slice {
    return sub(this.bytes, lengthOf(this.bytes) - <i32>this.head.bodyLength);
  }

  /** Copies the terms on which it is used again. */
  readTerms(into: ReuseTerms): void {
    const head = this.head;
    into.receivedAt = head.receivedAt;
    into.initialAge = head.initialAge;
    into.lifetime = head.lifetime;
    into.staleWhileRevalidate = head.staleWhileRevalidate;
    into.staleIfError = head.staleIfError;
    into.noCache = (head.flags & Flags.NO_CACHE) != 0;
    into.mustRevalidate = (head.flags & Flags.MUST_REVALIDATE) != 0;
  }

  /**
   * Whether the checksums are right and the values are ones that a filter writes. A checksum is not enough: what wrote
   * it may have been wrong already.
   */
  private isIntact(): bool {
    const head = this.head;
    if (head.checksum != checksumOf(this.bytes)) return false;
    const flags = head.flags;
    if ((flags & Flags.SEALED) == 0 || (flags & ~Flags.ALL) != 0 || head.unused != 0) return false;
    if (head.retryAt != 0 || head.status < 200 || head.status > 599) return false;
    const areTimes =
      isTime(head.receivedAt) &&
      isTime(head.requestTime) &&
      isTime(head.generatedAt) &&
      isTime(head.initialAge) &&
      isTime(head.lifetime) &&
      isTime(head.staleWhileRevalidate) &&
      isTime(head.staleIfError);
    if (!areTimes || !isWholeSecondaryKey(this.secondaryKey) || !this.hasWholeFields()) return false;
    return head.bodyChecksum == bodyChecksumOf(this.body);
  }

  private hasWholeFields(): bool {
    this.list.begin(this.fields);
    while (this.list.next()) {}
    return this.list.isAtEnd;
  }

  // The lengths' sum is that of the bytes (`open`): no sum of some of them overflows, and no part lies outside.
  private part(start: u32, length: u32): Slice {
    const from = HEAD + <i32>start;
    return sub(this.bytes, from, from + <i32>length);
  }

  private get head(): Head {
    return changetype<Head>(pointerOf(this.bytes));
  }
}

/** What a stored response is written from, used again from one response to the next. */
export class EnvelopeWriter {
  status: i32 = 0;
  sequence: u64 = 0;
  readonly terms: ReuseTerms = new ReuseTerms();
  readonly recency: Recency = new Recency();
  /** The parts as `StoredResponse` has them; a missing one is an empty one. They are only read while writing. */
  key: Slice = NONE;
  secondaryKey: Slice = NONE;
  tags: Slice = NONE;
  fields: Slice = NONE;

  /** How many bytes `write` needs; -1 where it would be more than any store holds. */
  sizeFor(bodyLength: i32): i32 {
    const parts = <i64>lengthOf(this.key) + lengthOf(this.secondaryKey) + lengthOf(this.tags) + lengthOf(this.fields);
    if (bodyLength < 0 || parts + <i64>bodyLength > MAX_PART) return -1;
    return HEAD + <i32>parts + bodyLength;
  }

  /**
   * Lays all but the body out in `into`, which has `sizeFor` bytes, and returns the room for the body, which the caller
   * fills: it may come in pieces, and none of it is copied twice. `NONE` where `into` has another size.
   */
  write(into: Slice, bodyLength: i32): Slice {
    const size = this.sizeFor(bodyLength);
    if (size < 0 || lengthOf(into) != size) return NONE;
    this.writeHead(changetype<Head>(pointerOf(into)), bodyLength);
    let at = pointerOf(into) + <usize>HEAD;
    at = copyTo(at, this.key);
    at = copyTo(at, this.secondaryKey);
    at = copyTo(at, this.tags);
    copyTo(at, this.fields);
    const head = changetype<Head>(pointerOf(into));
    head.checksum = checksumOf(into);
    return sub(into, size - bodyLength);
  }

  private writeHead(head: Head, bodyLength: i32): void {
    const terms = this.terms;
    head.magic = MAGIC;
    head.version = VERSION;
    head.retryAt = 0;
    head.bodyChecksum = 0;
    head.receivedAt = terms.receivedAt;
    head.requestTime = this.recency.requestTime;
    head.generatedAt = this.recency.generatedAt;
    head.initialAge = terms.initialAge;
    head.lifetime = terms.lifetime;
    head.staleWhileRevalidate = terms.staleWhileRevalidate;
    head.staleIfError = terms.staleIfError;
    head.sequence = this.sequence;
    head.status = <u32>this.status;
    head.flags =
      (terms.noCache ? Flags.NO_CACHE : 0) |
      (terms.mustRevalidate ? Flags.MUST_REVALIDATE : 0) |
      (this.recency.isDated ? Flags.DATED : 0);
    head.keyLength = <u32>lengthOf(this.key);
    head.secondaryKeyLength = <u32>lengthOf(this.secondaryKey);
    head.tagsLength = <u32>lengthOf(this.tags);
    head.fieldsLength = <u32>lengthOf(this.fields);
    head.bodyLength = <u32>bodyLength;
    head.unused = 0;
  }
}

/**
 * Makes what `EnvelopeWriter` wrote, with its body, ready to be read elsewhere: adds the body's checksum, which the local
 * store has no use for. Goes through the whole body once.
 */
export function sealEnvelope(bytes: Slice): void {
  const length = lengthOf(bytes);
  if (length < HEAD) return;
  const head = changetype<Head>(pointerOf(bytes));
  if (head.magic != MAGIC || head.version != VERSION || sizeOf(head) != <u64>length) return;
  head.bodyChecksum = bodyChecksumOf(sub(bytes, length - <i32>head.bodyLength));
  head.flags |= Flags.SEALED;
  head.retryAt = 0;
  head.checksum = checksumOf(bytes);
}

/** What the head says that the whole has. As 64 bits: lengths from outside do not overflow, whatever they say. */
function sizeOf(head: Head): u64 {
  return (
    <u64>HEAD +
    <u64>head.keyLength +
    <u64>head.secondaryKeyLength +
    <u64>head.tagsLength +
    <u64>head.fieldsLength +
    <u64>head.bodyLength
  );
}

/** Of bytes whose size is right. */
function checksumOf(bytes: Slice): u64 {
  const head = changetype<Head>(pointerOf(bytes));
  return sipHash(sub(bytes, CHECKED_FROM, lengthOf(bytes) - <i32>head.bodyLength), CHECKSUM_KEY0, CHECKSUM_KEY1);
}

/** With another key, so that a body that is itself a stored response is not taken for its own metadata. */
function bodyChecksumOf(body: Slice): u64 {
  return sipHash(body, CHECKSUM_KEY1, CHECKSUM_KEY0);
}


@inline
function isTime(value: i64): bool {
  return value >= 0 && value <= MAX_TIME;
}

function copyTo(at: usize, part: Slice): usize {
  memory.copy(at, pointerOf(part), <usize>lengthOf(part));
  return at + <usize>lengthOf(part);
}
