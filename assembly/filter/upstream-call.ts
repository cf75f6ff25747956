import { Slice, empty } from "as-bytes/assembly";
import { BufferType, HttpCall, PairsBuilder, RootContext, Status, getBuffer } from "as-proxy-wasm-sdk/assembly";
import { TierConfig } from "../config/upstream-config";
import { Admission, Dependency, Health } from "../tier/dependency";
import { BREAKER_OPEN, FailureClass, TierAnswer } from "../tier/outcome";
import { callStatus } from "./call-reply";
import { now, readMicroseconds } from "./clock";
import { countRedisError } from "./redis-errors";

const headers = new PairsBuilder();

/**
 * One call to an upstream: it is admitted, dispatched, and answered in whatever way it ends. All calls of the filter are such calls.
 *
 * A call is made for the plugin and not for the stream that needs it: it survives a client that goes away, and others may wait for
 * its answer.
 */
export abstract class UpstreamCall extends HttpCall {
  private admission: Admission = Admission.Admitted;
  /** In microseconds of the monotonic clock. */
  private startedAt: i64 = 0;

  constructor(
    readonly dependency: Dependency,
    readonly limits: TierConfig,
    /** How long an answer may take, in milliseconds. */
    private timeout: i64,
  ) {
    super();
  }

  /** Makes the call for `root`; null when it is out, else why it is not. */
  send(root: RootContext): TierAnswer | null {
    this.admission = this.enter();
    if (this.admission == Admission.BreakerOpen) return TierAnswer.failed(FailureClass.Unavailable, BREAKER_OPEN);
    if (this.admission == Admission.Overloaded) return TierAnswer.failed(FailureClass.Overload, "too many calls");
    const body = this.compose(headers.clear());
    this.startedAt = this.startTime();
    const status = this.dispatchFrom(root, this.limits.cluster, headers, body, null, <u32>this.timeout);
    if (status == Status.Ok) return null;
    // The host says at once that it has no such cluster.
    const reason = status == Status.BadArgument ? "unknown cluster" : "not sent";
    const answer = TierAnswer.failed(FailureClass.Unavailable, reason);
    this.leave(this.admission, answer);
    return answer;
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const answer = this.read(callStatus(headerCount, this.startedAt, this.timeout), bodySize);
    countRedisError(answer);
    const took = readMicroseconds() - this.startedAt;
    this.leave(this.admission, answer);
    this.onAnswer(answer, took);
  }

  /** The root is being deleted, and with it all who could wait for the answer. */
  onDropped(): void {
    this.leave(this.admission, null);
  }

  /** Composes the request: writes its headers, and gives its body. */
  protected abstract compose(headers: PairsBuilder): Slice;

  /** What the reply says, whose body has so many bytes. */
  protected abstract read(status: i32, bodySize: i32): TierAnswer;

  /** The call is over; `took` is in microseconds. */
  protected abstract onAnswer(answer: TierAnswer, took: i64): void;

  /** When the call begins, in microseconds. */
  protected startTime(): i64 {
    return readMicroseconds();
  }

  protected enter(): Admission {
    return this.dependency.enter(this.limits, now());
  }

  /** Gives the place back; `answer` is null where the call was dropped. */
  protected leave(admission: Admission, answer: TierAnswer | null): void {
    const health = !answer ? Health.Unknown : answer.isOutage ? Health.Failing : Health.Answering;
    this.dependency.leave(this.limits, admission, health, now());
  }
}

/**
 * The body of a reply, or as much of it as shows that it is longer than `most`: what is too long is not worth copying. `NONE` when
 * the host cannot hand it over.
 */
export function replyBody(size: i32, most: i32): Slice {
  return size == 0 ? empty() : getBuffer(BufferType.HttpCallResponseBody, 0, most + 1);
}

/** A reply whose body the host cannot hand over has not an empty one. */
export function unreadable(): TierAnswer {
  return TierAnswer.failed(FailureClass.Invalid, "unreadable");
}
