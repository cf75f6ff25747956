import { ByteBuffer, NONE, Slice, empty, equal, isPresent, lengthOf, pointerOf } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { Store } from "../store/store";
import { EnvelopeKind, EnvelopeWriter, StoredResponse } from "./envelope";
import { InvalidationMarks } from "./invalidation-marks";
import { LatestAnswers } from "./latest-answers";
import { Recency } from "./recency";
import { VariantIndex, appendVariantKey } from "./variants";
import { SecondaryKeys, namesOfSecondaryKey } from "./vary";

/** What the local store has for a request. */
export enum Finding {
  /** Nothing under its primary key. */
  UriMiss,
  /** Responses to other requests for the URI only. */
  VaryMiss,
  /** A response that this request selects: `found`. */
  Found,
}

/** What lay where something was to be removed. */
export enum Removal {
  Nothing,
  /** What is removed now. */
  Removed,
  /** What stays. */
  MoreRecent,
}

/**
 * The responses in the local store by primary and secondary key. Under a primary key lies a response, or an index of the
 * variants that lie under keys of their own (`VariantIndex`).
 */
export class StoredResponses {
  /** The response of the last `find`; good until anything is written. */
  readonly found: StoredResponse = new StoredResponse();
  /** The bytes of `found`. */
  foundBytes: Slice = NONE;
  /** How recent `found` is. */
  readonly foundRecency: Recency = new Recency();
  /** After `find`: whether such requests were answered with what is of no use any more, and how recent that was. */
  hasGone: bool = false;
  readonly gone: Recency = new Recency();
  /** After `removeOutdated` and `readUnvarying`: how recent the response was that lay there. */
  readonly recencyThere: Recency = new Recency();
  /** After `write`: where the response lies. */
  writtenKey: Slice = NONE;
  /** After `write`: all of it, body included. */
  writtenBytes: Slice = NONE;
  /** After `write`: the index that leads to it, for the primary key; `NONE` where none does. */
  indexBytes: Slice = NONE;

  private index: VariantIndex = new VariantIndex();
  private otherIndex: VariantIndex = new VariantIndex();
  private secondaryKeys: SecondaryKeys = new SecondaryKeys();
  private secondary: ByteBuffer = new ByteBuffer();
  private sought: ByteBuffer = new ByteBuffer();
  private variant: ByteBuffer = new ByteBuffer();
  private written: ByteBuffer = new ByteBuffer();
  private ownIndex: ByteBuffer = new ByteBuffer();
  private place: ByteBuffer = new ByteBuffer();
  private candidate: StoredResponse = new StoredResponse();
  private datedBytes: Slice = NONE;
  private dated: Recency = new Recency();
  private undatedBytes: Slice = NONE;
  private undated: Recency = new Recency();
  private recency: Recency = new Recency();

  constructor(
    private held: Store,
    private marks: InvalidationMarks,
    private latestAnswers: LatestAnswers,
  ) {}

  /**
   * Looks for the response that the request selects (RFC 9111 §4.1): of several, under whichever lists of names, the most
   * recent one. What has been invalidated is none.
   */
  find(primary: Slice, uriHash: u64, request: HeaderSource): Finding {
    const bytes = this.held.find(primary);
    this.sought.clear().bytes(primary);
    this.forgetFound();
    if (this.candidate.open(bytes) == EnvelopeKind.Response) {
      this.consider(bytes, 0, this.marks.latest(uriHash));
      return this.openFound() ? Finding.Found : Finding.UriMiss;
    }
    if (!this.index.open(bytes)) return Finding.UriMiss;
    let invalidatedAt: i64 = -1;
    let isFirst = true;
    let hasEmpty = false;
    while (this.index.next()) {
      this.writeVariantKey(primary, this.index.names, request);
      if (isFirst) this.sought.clear().bytes(this.variant.view());
      isFirst = false;
      if (lengthOf(this.index.names) == 0) hasEmpty = true;
      if (this.latestAnswers.raiseToGone(this.variant.view(), this.gone)) this.hasGone = true;
      // Looking a variant up moves nothing in the store, so the index's bytes stay where they are.
      const variant = this.held.find(this.variant.view());
      if (!this.isCandidate(variant)) continue;
      if (invalidatedAt < 0) invalidatedAt = this.marks.latest(uriHash);
      this.consider(variant, this.index.since, invalidatedAt);
    }
    // One without `Vary` that an index has taken the place of has no list there.
    if (!hasEmpty && this.latestAnswers.hasGone) {
      this.writeVariantKey(primary, empty(), request);
      if (this.latestAnswers.raiseToGone(this.variant.view(), this.gone)) this.hasGone = true;
    }
    if (!this.openFound()) return Finding.VaryMiss;
    if (!this.hasGone) return Finding.Found;
    if (!this.gone.isMoreRecentThan(this.foundRecency)) {
      this.foundRecency.replace(this.gone);
      return Finding.Found;
    }
    // Under another list of names there was a more recent one for such requests.
    this.foundBytes = NONE;
    this.found.open(NONE);
    return Finding.VaryMiss;
  }

  /** After `find`: the key under which a response that is missing is likely to come to lie. */
  get soughtKey(): Slice {
    return this.sought.view();
  }

  /** Forgets what lies under a primary key. */
  remove(primary: Slice): void {
    this.held.remove(primary);
  }

  /** Forgets the response under a key (see `appendKeyAt`) unless it is more recent than that. */
  removeOutdated(key: Slice, than: Recency): Removal {
    if (this.candidate.open(this.held.find(key)) != EnvelopeKind.Response) return Removal.Nothing;
    this.candidate.readRecency(this.recencyThere);
    if (this.recencyThere.isMoreRecentThan(than)) return Removal.MoreRecent;
    this.forgetFound();
    this.held.remove(key);
    return Removal.Removed;
  }

  /**
   * Makes room for a response with a body of `bodyLength` bytes whose `Vary` lists `names` (see `VaryNames`), and writes all
   * but the body; `writer` has everything but the secondary key. Returns the room for the body, `NONE` where there is none.
   */
  write(writer: EnvelopeWriter, names: Slice, request: HeaderSource, bodyLength: i32): Slice {
    const primary = writer.key;
    const requestTime = writer.recency.requestTime;
    this.forgetFound();
    this.indexBytes = NONE;
    this.writtenKey = primary;
    this.writtenBytes = NONE;
    writer.secondaryKey = NONE;
    const hasIndex = this.index.open(this.held.find(primary));
    if (hasIndex || lengthOf(names) > 0) {
      if (!this.putIndex(primary, names, requestTime) || !this.counts(names, requestTime)) return NONE;
      this.writeVariantKey(primary, names, request);
      this.writtenKey = this.place.clear().bytes(this.variant.view()).view();
      writer.secondaryKey = this.secondary.view();
    }
    const size = writer.sizeFor(bodyLength);
    if (size < 0) return NONE;
    const room = this.held.reserve(this.writtenKey, size);
    if (room == NONE) return NONE;
    this.writtenBytes = room;
    return writer.write(room, bodyLength);
  }

  /** Undoes `write`. */
  removeWritten(): void {
    this.held.remove(this.writtenKey);
    this.writtenBytes = NONE;
  }

  /**
   * Appends the key of that place, from 0, of those under which responses to the request may lie: the primary key, or one for
   * each list of names in the index there. False where there is no such place.
   */
  appendKeyAt(into: ByteBuffer, primary: Slice, request: HeaderSource, place: i32): bool {
    this.secondary.clear();
    if (!this.index.open(this.held.find(primary))) {
      if (place == 0) into.bytes(primary);
      return place == 0;
    }
    for (let i = 0; this.index.next(); i++) {
      if (i < place) continue;
      this.writeVariantKey(primary, this.index.names, request);
      into.bytes(this.variant.view());
      return true;
    }
    return false;
  }

  /** Appends the key under which a response to the request lies whose `Vary` lists these names, where there is an index. */
  appendVariantOf(into: ByteBuffer, primary: Slice, names: Slice, request: HeaderSource): void {
    this.writeVariantKey(primary, names, request);
    into.bytes(this.variant.view());
  }

  /** Looks at the response without `Vary` that lies under the primary key itself; false where there is none. */
  readUnvarying(primary: Slice): bool {
    if (this.candidate.open(this.held.find(primary)) != EnvelopeKind.Response) return false;
    this.candidate.readRecency(this.recencyThere);
    return true;
  }

  /** Whether there is an index under a primary key that has this list of names. */
  hasList(primary: Slice, names: Slice): bool {
    return this.index.open(this.held.find(primary)) && this.index.seek(names);
  }

  /** The index under a primary key; `NONE` for none. Good until anything is written. */
  indexAt(primary: Slice): Slice {
    const bytes = this.held.find(primary);
    return this.index.open(bytes) ? bytes : NONE;
  }

  /** After `appendKeyAt`: what a response under that key has for its secondary key. */
  get soughtSecondaryKey(): Slice {
    return this.secondary.view();
  }

  /** Takes an index that was checked, from elsewhere, for that primary key. False where there is no room. */
  adoptIndex(primary: Slice, bytes: Slice, now: i64): bool {
    this.forgetFound();
    if (!this.otherIndex.open(bytes)) return false;
    const here = this.held.find(primary);
    if (this.candidate.open(here) == EnvelopeKind.Response) {
      // It came without `Vary`, and among others it has a place of its own.
      this.candidate.readRecency(this.recency);
      this.index.open(NONE);
      this.index.writeWith(primary, empty(), this.recency.requestTime, this.ownIndex);
      if (!this.copyToVariant(primary)) return false;
      this.index.open(this.ownIndex.view());
    } else {
      this.index.open(here);
    }
    const isChanged = this.index.writeMerged(this.otherIndex, now, this.written);
    return !isChanged || this.putCopy(primary, this.written.view());
  }

  /**
   * Takes a response that was checked, from elsewhere, as it is; `response` is open on `bytes`. Returns the key under which it
   * lies here, `NONE` where it does not. It is not found before `settle`.
   */
  adopt(primary: Slice, response: StoredResponse, bytes: Slice): Slice {
    this.forgetFound();
    const names = namesOfSecondaryKey(response.secondaryKey);
    const hasIndex = this.index.open(this.held.find(primary));
    this.writtenKey = primary;
    if (hasIndex || lengthOf(names) > 0) {
      // Of one whose index is gone meanwhile nobody knows what else there was.
      if (!hasIndex && lengthOf(names) > 0) return NONE;
      if (!this.index.seek(names) && !this.putIndex(primary, names, response.requestTime)) return NONE;
      if (!this.counts(names, response.requestTime)) return NONE;
      appendVariantKey(this.variant.clear(), primary, response.secondaryKey);
      this.writtenKey = this.place.clear().bytes(this.variant.view()).view();
    }
    if (!this.putCopy(this.writtenKey, bytes)) return NONE;
    if (this.candidate.open(this.held.find(this.writtenKey)) != EnvelopeKind.Response) return NONE;
    // No time of any request.
    this.candidate.requestTime = -this.candidate.requestTime;
    return this.writtenKey;
  }

  /** What `adopt` has put under that key may be found if it was asked for after `since`; else it is forgotten. */
  settle(key: Slice, since: i64): void {
    this.forgetFound();
    const candidate = this.candidate;
    if (candidate.open(this.held.find(key)) != EnvelopeKind.Response || candidate.requestTime >= 0) return;
    const requestTime = -candidate.requestTime;
    if (requestTime > since) candidate.requestTime = requestTime;
    else this.held.remove(key);
  }

  private forgetFound(): void {
    this.foundBytes = NONE;
    this.datedBytes = NONE;
    this.undatedBytes = NONE;
    this.hasGone = false;
    this.gone.set(0, false, 0);
    this.found.open(NONE);
  }

  /** Whether these bytes are a response to requests with the present secondary key; it is open then. */
  private isCandidate(bytes: Slice): bool {
    if (this.candidate.open(bytes) != EnvelopeKind.Response) return false;
    return equal(this.candidate.secondaryKey, this.secondary.view());
  }

  /**
   * Keeps the open candidate where none so far is more recent. One that was asked for, or received, by the time of the last
   * invalidation does not count: of one from a gateway whose clock is ahead the time of receipt is known to be no later than
   * now. Nor does one to a request before `since`, but what is older than it does not count for such requests either.
   */
  private consider(bytes: Slice, since: i64, invalidatedAt: i64): void {
    const candidate = this.candidate;
    const requestTime = candidate.requestTime;
    // It may be what `adopt` has put there, and nobody has been given.
    if (requestTime < 0 || min(requestTime, candidate.receivedAt) <= invalidatedAt) return;
    const recency = this.recency;
    candidate.readRecency(recency);
    if (requestTime < since) {
      this.gone.raiseTo(recency);
      this.hasGone = true;
      return;
    }
    if (recency.isDated) {
      if (this.datedBytes != NONE && !recency.isMoreRecentThan(this.dated)) return;
      this.datedBytes = bytes;
      this.dated.copyFrom(recency);
    } else {
      if (this.undatedBytes != NONE && !recency.isMoreRecentThan(this.undated)) return;
      this.undatedBytes = bytes;
      this.undated.copyFrom(recency);
    }
  }

  /** Opens the most recent one. Which has a later `Date` is settled first: that goes before what the times of requests tell. */
  private openFound(): bool {
    const hasDated = this.datedBytes != NONE;
    const isUndated = this.undatedBytes != NONE && (!hasDated || this.undated.isMoreRecentThan(this.dated));
    this.foundBytes = isUndated ? this.undatedBytes : this.datedBytes;
    if (this.foundBytes == NONE) return false;
    this.foundRecency.copyFrom(isUndated ? this.undated : this.dated);
    if (isUndated && hasDated) this.foundRecency.replace(this.dated);
    this.found.open(this.foundBytes);
    return true;
  }

  /** Sets `secondary` and `variant` for a list of names of the open index. */
  private writeVariantKey(primary: Slice, names: Slice, request: HeaderSource): void {
    this.secondaryKeys.append(this.secondary.clear(), names, request);
    appendVariantKey(this.variant.clear(), primary, this.secondary.view());
  }

  /** Whether the open index' list of these names counts for a request of that time. */
  private counts(names: Slice, requestTime: i64): bool {
    return this.index.seek(names) && requestTime >= this.index.since;
  }

  /** Writes the open index with `names`, and leaves it open. */
  private putIndex(primary: Slice, names: Slice, requestTime: i64): bool {
    const isChanged = this.index.writeWith(primary, names, requestTime, this.written);
    if (isChanged && !this.putCopy(primary, this.written.view())) return false;
    this.indexBytes = this.written.view();
    return this.index.open(this.indexBytes);
  }

  /** Copies the response under the primary key to where one without `Vary` lies when there is an index. */
  private copyToVariant(primary: Slice): bool {
    const length = lengthOf(this.held.find(primary));
    appendVariantKey(this.variant.clear(), primary, NONE);
    const room = this.held.reserve(this.variant.view(), length);
    if (room == NONE) return false;
    // Making room may have been at its cost.
    const bytes = this.held.find(primary);
    if (lengthOf(bytes) == length) {
      memory.copy(pointerOf(room), pointerOf(bytes), <usize>length);
      return true;
    }
    this.held.remove(this.variant.view());
    return false;
  }

  private putCopy(key: Slice, bytes: Slice): bool {
    const room = this.held.reserve(key, lengthOf(bytes));
    if (!isPresent(room)) return false;
    memory.copy(pointerOf(room), pointerOf(bytes), <usize>lengthOf(bytes));
    return true;
  }
}
