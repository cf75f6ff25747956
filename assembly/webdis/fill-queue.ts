import { ByteBuffer, Slice, empty } from "as-bytes/assembly";
import { WriteQueue } from "./write-queue";
import { WriteRank } from "./write-rank";

/** Takes what is to be written to Redis: under a lookup's key what the service answered, under a response's key that. */
export class FillQueue {
  private key: ByteBuffer = new ByteBuffer();

  constructor(
    private queue: WriteQueue,
    /** What all keys in Redis begin with. */
    private keyPrefix: Slice,
  ) {}

  /**
   * `document` is stored as it is, for `ttl` milliseconds; a `ttl` of 0 is for nobody to store. With a `rank` it does not take the
   * place of what is more recent.
   */
  fill(key: Slice, document: Slice, ttl: i64, now: i64, rank: WriteRank | null = null): void {
    if (ttl <= 0) return;
    this.queue.put(this.prefixed(key), document, ttl, now, false, rank);
  }

  /** What is stored is the wall-clock time at which that is sent, in milliseconds, for `ttl` milliseconds from then on. */
  fillTime(key: Slice, ttl: i64, now: i64): void {
    this.queue.put(this.prefixed(key), empty(), ttl, now, true);
  }

  private prefixed(key: Slice): Slice {
    return this.key.clear().bytes(this.keyPrefix).bytes(key).view();
  }
}
