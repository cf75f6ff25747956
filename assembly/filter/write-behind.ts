import { ByteBuffer, persist } from "as-bytes/assembly";
import { PairsBuilder, RootContext, Status } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";
import { Warning } from "../telemetry/warnings";
import { Admission, Dependency, Health } from "../tier/dependency";
import { FailureClass, TierAnswer } from "../tier/outcome";
import { FillQueue } from "../webdis/fill-queue";
import { appendPsetex } from "../webdis/command";
import { Write } from "../webdis/write";
import { WriteQueue } from "../webdis/write-queue";
import { now, readWallClock } from "./clock";
import { CounterPart, GaugePart } from "./metrics";
import { vmJitter, vmWarnings, vmWriteBudget } from "./vm";
import { writeWebdisHeaders } from "./webdis-request";
import { WRITE_TIMEOUT, WriteCall } from "./write-call";

/** Writes out at once: nobody waits for them, and reads need their places. */
const MOST_IN_FLIGHT: i32 = 16;

/** Up to so many milliseconds come on top of the backoff: workers must not all come back at once. */
const MOST_JITTER: i64 = 250;

const PUT = persist("PUT");

const headers = new PairsBuilder();
const path = new ByteBuffer();
const time = new ByteBuffer();

/** Sends what goes to Redis after the requests it comes from have gone on. */
export class WriteBehind {
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
      const admission = this.dependency.enterWrite(webdis);
      appendPsetex(path.clear(), webdis.database, write.key, write.ttl);
      writeWebdisHeaders(headers, webdis, PUT, path.view());
      const value = write.isTime ? time.clear().decimal(readWallClock()).view() : write.value;
      const call = new WriteCall(this, write, admission);
      const status = call.dispatchFrom(this.root, webdis.cluster, headers, value, null, WRITE_TIMEOUT);
      if (status == Status.Ok) continue;
      // The host says so at once when it has no such cluster.
      this.end(
        write,
        admission,
        TierAnswer.failed(FailureClass.Unavailable, status == Status.BadArgument ? "unknown cluster" : "not sent"),
      );
    }
  }

  /** What was answered to a write that was sent; there is room for another one now. */
  landed(write: Write, admission: Admission, answer: TierAnswer): void {
    this.end(write, admission, answer);
    this.send();
  }

  private end(write: Write, admission: Admission, answer: TierAnswer): void {
    this.dependency.leaveWrite(this.webdis, admission, healthAfter(answer), now());
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

/** Writes may be refused and reads not: that must not keep reads from Webdis, nor call it well. */
function healthAfter(answer: TierAnswer): Health {
  if (!answer.isFailed) return Health.Answering;
  return answer.isOutage ? Health.Failing : Health.Unknown;
}
