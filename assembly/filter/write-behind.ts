import { NONE, Slice } from "as-bytes/assembly";
import { RootContext } from "as-proxy-wasm-sdk/assembly";
import { Recency } from "../cache/recency";
import { SharedOrder } from "../cache/shared-order";
import { WebdisConfig } from "../config/webdis-config";
import { Warning } from "../telemetry/warnings";
import { Dependency } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { FillQueue } from "../webdis/fill-queue";
import { Write } from "../webdis/write";
import { WriteQueue } from "../webdis/write-queue";
import { warnOfFailure } from "./call-warnings";
import { now, readWallClock, wallClock } from "./clock";
import { CounterPart, GaugePart } from "./metrics";
import { vmJitter, vmWarnings, vmWriteBudget } from "./vm";
import { mostOfResponse } from "./webdis-request";
import { WriteCall, WriteCheck, WriteListener } from "./write-call";

/** Writes out at once: nobody waits for them, and reads need their places. */
const MOST_IN_FLIGHT: i32 = 16;

/** Up to so many milliseconds come on top of the backoff: workers must not all come back at once. */
const MOST_JITTER: i64 = 250;

/**
 * Sends what goes to Redis after the requests it comes from have gone on. A response that is late (see `WriteRank`) asks first what is
 * there: another gateway may have written a more recent one.
 */
export class WriteBehind implements WriteListener {
  readonly redis: FillQueue;
  private queue: WriteQueue;
  private order: SharedOrder;
  private recency: Recency = new Recency();
  private mostChecked: i32;
  private toldFull: u64 = 0;
  private queued: GaugePart = new GaugePart("writes.queued");
  private queuedBytes: GaugePart = new GaugePart("writes.queued_bytes");
  private stored: CounterPart = new CounterPart("writes.stored", 0);
  private retried: CounterPart = new CounterPart("writes.retried", 0);
  private outdated: CounterPart = new CounterPart("writes.outdated", 0);
  private droppedFull: CounterPart = new CounterPart("writes.dropped.full", 0);
  private droppedTooLarge: CounterPart = new CounterPart("writes.dropped.too_large", 0);
  private droppedFailed: CounterPart = new CounterPart("writes.dropped.failed", 0);
  private droppedAtEnd: CounterPart = new CounterPart("writes.dropped.at_end", 0);
  private droppedExpired: CounterPart = new CounterPart("writes.dropped.expired", 0);

  constructor(
    private root: RootContext,
    private webdis: WebdisConfig,
    private dependency: Dependency,
    /** The largest value that is to be written, in bytes. */
    largest: i64,
  ) {
    const jitter = vmJitter();
    const spread = MOST_JITTER - jitter.shorten(MOST_JITTER, 100);
    const queue = new WriteQueue(
      webdis.writeQueue.maxEntries,
      webdis.writeQueue.bytesFor(largest),
      MOST_IN_FLIGHT,
      spread,
      jitter.seed0,
      jitter.seed1,
      vmWriteBudget(),
    );
    this.queue = queue;
    this.redis = new FillQueue(queue, webdis.keyPrefix);
    this.order = new SharedOrder(webdis.keyPrefix);
    this.mostChecked = mostOfResponse(largest);
  }

  /** Sends what may be sent now. While the breaker is open everything waits but a write that tries, when its time is over. */
  send(): void {
    const webdis = this.webdis;
    while (this.dependency.mayWrite(webdis, now())) {
      const write = this.queue.next(now());
      if (!write) return;
      const rank = write.rank;
      if (rank && rank.isLate(wallClock())) this.check(write);
      else this.write(write, write.value);
    }
  }

  /**
   * It is known what Redis has, or that nobody can say: then it is written as if nothing were there. Where the breaker has opened
   * meanwhile the write has failed with the check.
   */
  onChecked(write: Write, answer: TierAnswer): void {
    if (answer.isFailed) warnOfFailure(this.dependency, answer);
    if (this.queue.isStillDue(write, now())) {
      const value = this.valueBeside(write, answer);
      if (value == NONE) this.queue.outdate(write);
      else if (this.dependency.mayWrite(this.webdis, now())) this.write(write, value);
      else this.queue.landed(write, false, now());
    }
    this.send();
  }

  /** A write that was sent has its answer; there is room for another one now. */
  onWritten(write: Write, answer: TierAnswer): void {
    this.end(write, answer);
    this.send();
  }

  private check(write: Write): void {
    const unsent = new WriteCheck(this, write, this.dependency, this.webdis, this.mostChecked).send(this.root);
    if (unsent) this.end(write, unsent);
  }

  private write(write: Write, value: Slice): void {
    const unsent = new WriteCall(this, write, value, this.dependency, this.webdis).send(this.root);
    if (unsent) this.end(write, unsent);
  }

  /** What is to be written where Redis has what that answer says; `NONE` where that stays. */
  private valueBeside(write: Write, answer: TierAnswer): Slice {
    const rank = write.rank;
    if (!rank || !answer.isFound) return write.value;
    this.recency.set(rank.generatedAt, rank.isDated, rank.requestTime);
    return this.order.valueFor(write.key, write.value, this.recency, answer.document, readWallClock());
  }

  private end(write: Write, answer: TierAnswer): void {
    if (answer.isFailed) {
      const warning = answer.isOutage ? Warning.Unanswered : Warning.RejectedWrite;
      vmWarnings().raise(warning, this.dependency.name, answer.reason, now(), answer.reason);
    }
    this.queue.landed(write, !answer.isFailed, now());
  }

  sendMetrics(): void {
    const queue = this.queue;
    this.queued.set(queue.entries);
    this.queuedBytes.set(queue.bytes);
    this.stored.set(queue.stored);
    this.retried.set(queue.retried);
    this.outdated.set(queue.outdated);
    if (queue.droppedFull > this.toldFull) vmWarnings().raise(Warning.FullQueue, this.dependency.name, "", now());
    this.toldFull = queue.droppedFull;
    this.droppedFull.set(queue.droppedFull);
    this.droppedTooLarge.set(queue.droppedTooLarge);
    this.droppedFailed.set(queue.droppedFailed);
    this.droppedExpired.set(queue.droppedExpired);
  }

  /** Frees what the collector does not. The root is being deleted: what Redis has not taken yet is dropped. */
  dispose(): void {
    this.sendMetrics();
    this.droppedAtEnd.set(this.queue.entries);
    this.queued.set(0);
    this.queuedBytes.set(0);
    this.queue.close();
  }
}
