import { ByteBuffer, NONE, Slice, equal, lengthOf } from "as-bytes/assembly";
import { EnvelopeKind, StoredResponse } from "./envelope";
import { appendRedisKey } from "./key";
import { Recency } from "./recency";
import { MOST_AHEAD } from "./shared-invalidation";
import { TOMBSTONE_LENGTH } from "./shared-reader";
import { VariantIndex, appendVariantKey } from "./variants";

/**
 * Which of two values of one key stays in Redis: the one that is there, or the one that is to be written. A response that is more
 * recent stays (see `Recency`), whether it is a response, an index or a tombstone that would take its place.
 */
export class SharedOrder {
  private response: StoredResponse = new StoredResponse();
  private recency: Recency = new Recency();
  private index: VariantIndex = new VariantIndex();
  private ownIndex: VariantIndex = new VariantIndex();
  private merged: ByteBuffer = new ByteBuffer();
  private variant: ByteBuffer = new ByteBuffer();
  private redisKey: ByteBuffer = new ByteBuffer();

  constructor(
    /** What all keys in Redis begin with. */
    private keyPrefix: Slice,
  ) {}

  /**
   * What is to be written under the Redis key `key`, where `there` lies, for the response of that recency, or for what it outdates;
   * `NONE` where what is there stays. What cannot be read, is another key's or is from the future, keeps nobody from writing.
   * Good until the next call.
   */
  valueFor(key: Slice, value: Slice, own: Recency, there: Slice, now: i64): Slice {
    if (lengthOf(there) <= TOMBSTONE_LENGTH) return this.besideTombstone(value, there);
    if (this.index.open(there)) return this.besideIndex(value, own, now);
    const response = this.response;
    if (response.openUntrusted(there) != EnvelopeKind.Response) return value;
    if (response.receivedAt > now + MOST_AHEAD || !this.isOf(key)) return value;
    response.readRecency(this.recency);
    this.recency.requestTime = min(this.recency.requestTime, now);
    return this.recency.isMoreRecentThan(own) ? NONE : value;
  }

  /**
   * A tombstone does not say what has outdated what was there. It is some seconds old at most, so that is likely to be newer than
   * a response that is late; and that nothing is there harms nobody.
   */
  private besideTombstone(value: Slice, there: Slice): Slice {
    return lengthOf(there) == 0 || lengthOf(value) <= TOMBSTONE_LENGTH ? value : NONE;
  }

  /**
   * Of two indexes the lists of both count. What lies under an index it does not say: it stays if one of its lists is from a later
   * request.
   */
  private besideIndex(value: Slice, own: Recency, now: i64): Slice {
    const latest = this.index.latest;
    if (latest > now + MOST_AHEAD) return value;
    if (this.ownIndex.open(value)) {
      if (!this.ownIndex.isOfSameKey(this.index)) return value;
      this.ownIndex.writeMerged(this.index, now, this.merged);
      return this.merged.view();
    }
    if (this.response.open(value) == EnvelopeKind.Response && !this.index.isOf(this.response.key)) return value;
    return min(latest, now) >= own.requestTime ? NONE : value;
  }

  /** Whether the open response is one that lies under that Redis key. */
  private isOf(key: Slice): bool {
    const response = this.response;
    if (lengthOf(response.secondaryKey) == 0) {
      appendRedisKey(this.redisKey.clear(), this.keyPrefix, response.key);
      if (equal(this.redisKey.view(), key)) return true;
    }
    appendVariantKey(this.variant.clear(), response.key, response.secondaryKey);
    appendRedisKey(this.redisKey.clear(), this.keyPrefix, this.variant.view());
    return equal(this.redisKey.view(), key);
  }
}
