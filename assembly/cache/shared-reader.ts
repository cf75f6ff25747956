import { ByteBuffer, OwnedBytes, Slice, equal, lengthOf } from "as-bytes/assembly";
import { FailureClass, TierAnswer } from "../tier/outcome";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { EnvelopeKind, StoredResponse } from "./envelope";
import { Fetch } from "./fetch";
import { Recency } from "./recency";
import { Finding } from "./stored-responses";
import { MAX_NAME_LISTS, VariantIndex } from "./variants";
import { Visit } from "./visit";

/** All that an index may have: any of them may be the most recent. Nearly every index has one list or two. */
const MOST_VARIANTS: i32 = MAX_NAME_LISTS + 1;

/** So many milliseconds another gateway's clock may be ahead. What is from further ahead has no age that could be known. */
const MOST_AHEAD: i64 = 5000;

/** What is written in the place of what has been invalidated; see `SharedTier.forget`. */
export const TOMBSTONE_LENGTH: i32 = 1;

/**
 * Makes of what Redis says what the local store has: nothing that comes from there is served before it has been checked and
 * lies here. A primary key has a response, or an index of variants, and then one of these is asked for.
 */
export class SharedReader {
  private response: StoredResponse = new StoredResponse();
  private index: VariantIndex = new VariantIndex();
  private recency: Recency = new Recency();
  private key: ByteBuffer = new ByteBuffer();

  constructor(private parts: CacheParts) {}

  /** The key, as of the local store, that Redis is to be asked for now. */
  keyOf(fetch: Fetch, leader: Visit): Slice {
    const key = fetch.readKey;
    return key ? key.view() : leader.key.view();
  }

  /** Redis, or who stands in its way, has answered the question; true when another one is to be asked. */
  heed(fetch: Fetch, leader: Visit, answer: TierAnswer, now: i64): bool {
    leader.hasRead = true;
    if (answer.isFailed) {
      this.parts.counts.add(countOf(answer.failure));
      return false;
    }
    if (!answer.isFound || lengthOf(answer.document) <= TOMBSTONE_LENGTH) {
      this.parts.counts.add(CacheCount.ReadMisses);
      return fetch.isForVariant && this.seekVariant(fetch, leader);
    }
    return this.take(fetch, leader, answer.document, now);
  }

  private take(fetch: Fetch, leader: Visit, bytes: Slice, now: i64): bool {
    const parts = this.parts;
    if (!fetch.isForVariant && this.index.open(bytes)) {
      if (!parts.responses.adoptIndex(leader.key.view(), bytes, now)) return false;
      return this.seekVariant(fetch, leader);
    }
    switch (this.response.openUntrusted(bytes)) {
      case EnvelopeKind.Response:
        break;
      case EnvelopeKind.OtherVersion:
        parts.counts.add(CacheCount.ReadOtherVersions);
        return false;
      default:
        parts.counts.add(CacheCount.ReadDamaged);
        return false;
    }
    if (!this.isSought(fetch, leader) || this.response.receivedAt > now + MOST_AHEAD) {
      // Another key's: of two keys with one digest, or Webdis gave this call another one's reply. Or from the future.
      parts.counts.add(CacheCount.ReadInvalid);
      return false;
    }
    parts.counts.add(CacheCount.ReadHits);
    // Received later than now it would stay fresh for longer, and be taken for newer than what is changed in the meantime.
    if (this.response.receivedAt > now) this.response.receivedAt = now;
    if (this.isNews(leader)) parts.responses.adopt(leader.key.view(), this.response, bytes);
    // Under another list of names there may be a more recent one.
    return fetch.isForVariant && this.seekVariant(fetch, leader);
  }

  /** Whether it is the very response that was asked for. */
  private isSought(fetch: Fetch, leader: Visit): bool {
    if (!equal(this.response.key, leader.key.view())) return false;
    const secondary = fetch.secondaryKey;
    return secondary ? equal(this.response.secondaryKey, secondary.view()) : lengthOf(this.response.secondaryKey) == 0;
  }

  /** Whether it is more recent than what is here. */
  private isNews(leader: Visit): bool {
    const responses = this.parts.responses;
    this.response.readRecency(this.recency);
    if (responses.find(leader.key.view(), leader.uriHash, leader.request) != Finding.Found) return true;
    return this.recency.isMoreRecentThan(responses.foundRecency);
  }

  /** Asks for the next variant that the request selects; false when there is none left that is worth it. */
  private seekVariant(fetch: Fetch, leader: Visit): bool {
    if (fetch.variantsRead == MOST_VARIANTS) return false;
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
