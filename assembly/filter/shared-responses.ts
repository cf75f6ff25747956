import { ByteBuffer, NONE, Slice, persist } from "as-bytes/assembly";
import { appendRedisKey } from "../cache/key";
import { Recency } from "../cache/recency";
import { INVALIDATION_TTL, appendInvalidationKey } from "../cache/shared-invalidation";
import { SharedTier } from "../cache/shared-tier";
import { WriteRank } from "../webdis/write-rank";
import { now } from "./clock";
import { WriteBehind } from "./write-behind";

/** What is written in the place of what is gone: Webdis takes no empty value, and what waits to be written is replaced. */
const TOMBSTONE = persist("-");

/** For so many milliseconds: no longer than it takes to be there, as nothing is there afterwards either. */
const TOMBSTONE_TTL: i64 = 10_000;

/** Writes stored responses to Redis, after the requests that they come from have gone on. */
export class SharedResponses extends SharedTier {
  private key: ByteBuffer = new ByteBuffer();
  private invalidationKey: ByteBuffer = new ByteBuffer();

  constructor(private writeBehind: WriteBehind) {
    super();
  }

  put(key: Slice, value: Slice, ttl: i64, recency: Recency): void {
    const rank = new WriteRank(recency.generatedAt, recency.isDated, recency.requestTime);
    this.writeBehind.redis.fill(this.redisKey(key), value, ttl, now(), rank);
  }

  /**
   * The time is that of sending: with that of the request, an invalidation that had to wait for Redis would take the place of
   * another gateway's that is later.
   */
  invalidate(uri: Slice): void {
    appendInvalidationKey(this.invalidationKey.clear(), uri);
    this.writeBehind.redis.fillTime(this.redisKey(this.invalidationKey.view()), INVALIDATION_TTL, now());
  }

  forget(key: Slice, recency: Recency): void {
    this.put(key, TOMBSTONE, TOMBSTONE_TTL, recency);
  }

  private redisKey(key: Slice): Slice {
    appendRedisKey(this.key.clear(), NONE, key);
    return this.key.view();
  }
}
