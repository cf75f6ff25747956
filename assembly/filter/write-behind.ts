import { RootContext } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";
import { Warning } from "../telemetry/warnings";
import { Dependency } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { FillQueue } from "../webdis/fill-queue";
import { Write } from "../webdis/write";
import { WriteQueue } from "../webdis/write-queue";
import { now } from "./clock";
import { CounterPart, GaugePart } from "./metrics";
import { vmJitter, vmWarnings, vmWriteBudget } from "./vm";
import { WriteCall, WriteListener } from "./write-call";

/** Writes out at once: nobody waits for them, and reads need their places. */
const MOST_IN_FLIGHT: i32 = 16;

/** Up to so many milliseconds come on top of the backoff: workers must not all come back at once. */
const MOST_JITTER: i64 = 250;

/** Sends what goes to Redis after the requests it comes from have gone on. */
export class WriteBehind implements WriteListener {
  readonly redis: FillQueue;
  private queue: WriteQueue;
  private toldFull: u64 = 0;
  private queued: GaugePart = new GaugePart("writes.queued");
  private queuedBytes: GaugePart = new GaugePart("writes.queued_bytes");
  private stored: CounterPart = new CounterPart("writes.stored", 0);
  private retried: CounterPart = new CounterPart("writes.retried", 0);
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
  }

  /** Sends what may be sent now. While the breaker is open everything waits but a write that tries, when its time is over. */
  send(): void {
    const webdis = this.webdis;
    while (this.dependency.mayWrite(webdis, now())) {
      const write = this.queue.next(now());
      if (!write) return;
      const unsent = new WriteCall(this, write, this.dependency, webdis).send(this.root);
      if (unsent) this.end(write, unsent);
    }
  }

  /** A write that was sent has its answer; there is room for another one now. */
  onWritten(write: Write, answer: TierAnswer): void {
    this.end(write, answer);
    this.send();
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
