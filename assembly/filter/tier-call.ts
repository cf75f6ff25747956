import { ByteBuffer, NONE, Slice, empty } from "as-bytes/assembly";
import { BufferType, HttpCall, getBuffer } from "as-proxy-wasm-sdk/assembly";
import { TierConfig } from "../config/upstream-config";
import { Admission, Dependency, Health } from "../tier/dependency";
import { Flight } from "../lookup/flight";
import { FailureClass, Tier, TierAnswer } from "../tier/outcome";
import { MAX_WEBDIS_REPLY, serviceAnswer, webdisAnswer } from "../tier/replies";
import { callStatus } from "./call-reply";
import { now, readMicroseconds } from "./clock";
import { LookupDriver } from "./lookup-driver";
import { countRedisError } from "./redis-errors";
import { vmReplyTokens } from "./vm";

const mark = new ByteBuffer();

/**
 * A call to a flight's present tier. It is made for the plugin, not for the stream whose request opened the flight, so
 * that it survives a client that goes away: others may wait for it, and the store wants its answer.
 */
export class TierCall extends HttpCall {
  /** The mark that Webdis' reply to it has to carry. */
  readonly mark: u64 = vmReplyTokens().issue();
  private startedAt: i64 = readMicroseconds();

  constructor(
    private driver: LookupDriver,
    private flight: Flight,
    private dependency: Dependency,
    private limits: TierConfig,
    private admission: Admission,
  ) {
    super();
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const answer = this.read(callStatus(headerCount, this.startedAt, this.limits.timeout), bodySize);
    countRedisError(answer);
    this.driver.timed(this.flight, readMicroseconds() - this.startedAt);
    this.leave(answer.isOutage ? Health.Failing : Health.Answering);
    this.driver.onAnswer(this.flight, answer);
  }

  /** Its root is being deleted, and with it everyone who could wait. */
  onDropped(): void {
    this.leave(Health.Unknown);
  }

  private leave(health: Health): void {
    this.dependency.leave(this.limits, this.admission, health, now());
  }

  private read(status: i32, bodySize: i32): TierAnswer {
    const service = this.flight.lookup.config.service;
    const isWebdis = this.flight.tier == Tier.Webdis;
    const maxBytes = isWebdis ? MAX_WEBDIS_REPLY : service ? service.maxBytes : 0;
    const bytes = body(bodySize, maxBytes);
    // A body that the host cannot hand over is not an empty one.
    if (bytes == NONE) return TierAnswer.failed(FailureClass.Invalid, "unreadable");
    if (!isWebdis) return serviceAnswer(status, bytes, maxBytes);
    vmReplyTokens().append(mark.clear(), this.mark);
    return webdisAnswer(status, bytes, mark.view());
  }
}

/** The reply's body, or as much as shows that it is longer than `most`: what is too long is not worth copying. */
function body(size: i32, most: i32): Slice {
  return size == 0 ? empty() : getBuffer(BufferType.HttpCallResponseBody, 0, most + 1);
}
