import { ByteBuffer, NONE, OwnedBytes, Slice, equal, lengthOf, sub } from "as-bytes/assembly";
import { FailureClass, TierAnswer } from "../tier/outcome";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { EnvelopeKind, StoredResponse } from "./envelope";
import { Fetch } from "./fetch";
import { Recency } from "./recency";
import { MOST_AHEAD, MOST_SHARED, appendInvalidationKey, invalidationTime } from "./shared-invalidation";
import { Finding } from "./stored-responses";
import { MOST_LISTS, VariantIndex, appendVariantKey } from "./variants";
import { Visit } from "./visit";

/** What is written in the place of what is outdated; see `SharedTier.forget`. */
export const TOMBSTONE_LENGTH: i32 = 1;

/**
 * Makes of what Redis says what the local store has: nothing that comes from there is served before it has been checked and
 * lies here. A primary key has a response, or an index of variants, and then each of these is asked for that may be the most
 * recent one. Where there is a response, Redis is asked when its URI was invalidated, and only then it is served.
 */
export class SharedReader {
  private response: StoredResponse = new StoredResponse();
  private index: VariantIndex = new VariantIndex();
  private recency: Recency = new Recency();
  private key: ByteBuffer = new ByteBuffer();

  constructor(private parts: CacheParts) {}

  /** The key, as of the local store, that Redis is to be asked for now. */
  keyOf(fetch: Fetch<Visit>, leader: Visit): Slice {
    const key = fetch.readKey;
    return key ? key.view() : leader.key.view();
  }

  /** Redis, or who stands in its way, has answered the question; true when another one is to be asked. */
  heed(fetch: Fetch<Visit>, leader: Visit, answer: TierAnswer, now: i64): bool {
    leader.hasRead = true;
    if (answer.isFailed) this.parts.counts.add(countOf(answer.failure));
    if (fetch.isForInvalidation) {
      this.settle(fetch, leader, answer, now);
      return false;
    }
    if (answer.isFailed) return false;
    if (!answer.isFound || lengthOf(answer.document) <= TOMBSTONE_LENGTH) {
      this.parts.counts.add(CacheCount.ReadMisses);
      return this.seekOn(fetch, leader);
    }
    return this.take(fetch, leader, answer.document, now);
  }

  private take(fetch: Fetch<Visit>, leader: Visit, bytes: Slice, now: i64): bool {
    const parts = this.parts;
    if (!fetch.isForVariant && this.index.open(bytes)) {
      if (!this.index.isOf(leader.key.view()) || this.index.latest > now + MOST_AHEAD) {
        // Another key's, whose lists would push out its own, or by a clock that is wrong: what is answered now would not count
        // for as long as that is ahead.
        parts.counts.add(CacheCount.ReadInvalid);
        return false;
      }
      if (!parts.responses.adoptIndex(leader.key.view(), bytes, now)) return false;
      return this.seekOn(fetch, leader, true);
    }
    switch (this.response.openUntrusted(bytes)) {
      case EnvelopeKind.Response:
        break;
      case EnvelopeKind.OtherVersion:
        parts.counts.add(CacheCount.ReadOtherVersions);
        return this.seekOn(fetch, leader);
      default:
        parts.counts.add(CacheCount.ReadDamaged);
        return this.seekOn(fetch, leader);
    }
    if (!this.isSought(fetch, leader) || this.response.receivedAt > now + MOST_AHEAD) {
      // Another key's: of two keys with one digest, or Webdis gave this call another one's reply. Or from the future.
      parts.counts.add(CacheCount.ReadInvalid);
      return this.seekOn(fetch, leader);
    }
    parts.counts.add(CacheCount.ReadHits);
    // Asked for or received later than now it would stay fresh for longer, and be taken for newer than what comes in the meantime.
    if (this.response.receivedAt > now) this.response.receivedAt = now;
    if (this.response.requestTime > now) this.response.requestTime = now;
    if (this.isNews(fetch, leader)) this.adopt(fetch, leader, bytes);
    return this.seekOn(fetch, leader);
  }

  private adopt(fetch: Fetch<Visit>, leader: Visit, bytes: Slice): void {
    const key = this.parts.responses.adopt(leader.key.view(), this.response, bytes);
    if (key == NONE) return;
    fetch.adoptedKey = new OwnedBytes(key);
    fetch.adopted.copyFrom(this.recency);
  }

  /** Redis has said when the URI was invalidated, or that it was not. What it cannot say is taken to be the worst. */
  private settle(fetch: Fetch<Visit>, leader: Visit, answer: TierAnswer, now: i64): void {
    const parts = this.parts;
    const key = fetch.adoptedKey;
    if (!key) return;
    // Older responses may have outlived what is remembered of invalidations.
    let since = now - MOST_SHARED;
    if (answer.isFailed) since = now + MOST_AHEAD;
    if (answer.isFound) {
      const time = invalidationTime(answer.document, now);
      // Of two gateways' clocks nobody knows which one is behind.
      since = max(since, time + MOST_AHEAD);
      if (time > parts.marks.latest(leader.uriHash)) parts.marks.mark(leader.uriHash, time);
    }
    parts.responses.settle(key.view(), since);
  }

  /** Whether it is the very response that was asked for. */
  private isSought(fetch: Fetch<Visit>, leader: Visit): bool {
    if (!equal(this.response.key, leader.key.view())) return false;
    const secondary = fetch.secondaryKey;
    return secondary ? equal(this.response.secondaryKey, secondary.view()) : lengthOf(this.response.secondaryKey) == 0;
  }

  /** Whether it is more recent than what is here, what has come from Redis before it, and what was not stored. */
  private isNews(fetch: Fetch<Visit>, leader: Visit): bool {
    const parts = this.parts;
    const responses = parts.responses;
    const recency = this.recency;
    this.response.readRecency(recency);
    if (fetch.adoptedKey && !recency.isMoreRecentThan(fetch.adopted)) return false;
    if (parts.latestAnswers.isOutdated(leader.key.view(), recency)) return false;
    appendVariantKey(this.key.clear(), leader.key.view(), this.response.secondaryKey);
    if (parts.latestAnswers.isReplaced(this.key.view(), recency)) return false;
    if (responses.find(leader.key.view(), leader.uriHash, leader.request) != Finding.Found)
      return !responses.hasGone || !responses.gone.isMoreRecentThan(recency);
    return recency.isMoreRecentThan(responses.foundRecency);
  }

  /** Asks for what is left to be asked for; false when nothing is. */
  private seekOn(fetch: Fetch<Visit>, leader: Visit, hasIndex: bool = false): bool {
    if ((hasIndex || fetch.isForVariant) && this.seekVariant(fetch, leader)) return true;
    if (!fetch.adoptedKey) return false;
    appendInvalidationKey(this.key.clear(), sub(leader.key.view(), 0, leader.uriLength));
    fetch.readKey = new OwnedBytes(this.key.view());
    fetch.isForInvalidation = true;
    return true;
  }

  /** Asks for the next variant that the request selects; false when there is none left that is worth it. */
  private seekVariant(fetch: Fetch<Visit>, leader: Visit): bool {
    // Any of them may be the most recent. Nearly every index has one list or two.
    if (fetch.variantsRead == MOST_LISTS) return false;
    const responses = this.parts.responses;
    const place = fetch.variantsRead++;
    if (!responses.appendKeyAt(this.key.clear(), leader.key.view(), leader.request, place)) return false;
    fetch.readKey = new OwnedBytes(this.key.view());
    fetch.secondaryKey = new OwnedBytes(responses.soughtSecondaryKey);
    return true;
  }
}

function countOf(failure: FailureClass): CacheCount {
  switch (failure) {
    case FailureClass.Timeout:
      return CacheCount.ReadTimeouts;
    case FailureClass.Unavailable:
      return CacheCount.ReadUnavailable;
    case FailureClass.Overload:
      return CacheCount.ReadOverload;
    default:
      return CacheCount.ReadInvalid;
  }
}
