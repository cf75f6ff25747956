import { ByteBuffer, NONE, Slice, persist } from "as-bytes/assembly";
import { BufferType, HttpCall, PairsBuilder, Status, getBuffer } from "as-proxy-wasm-sdk/assembly";
import { appendRedisKey } from "../cache/key";
import { Fetch } from "../cache/fetch";
import { Visit } from "../cache/visit";
import { WebdisConfig } from "../config/webdis-config";
import { Admission, Dependency, Health } from "../tier/dependency";
import { BREAKER_OPEN, FailureClass, TierAnswer } from "../tier/outcome";
import { rawAnswer, webdisAnswer } from "../tier/replies";
import { appendGet, appendRawGet } from "../webdis/command";
import { CacheDriver } from "./cache-driver";
import { callStatus } from "./call-reply";
import { warnOfFailure } from "./call-warnings";
import { now, readMicroseconds } from "./clock";
import { countRedisError } from "./redis-errors";
import { vmReplyTokens } from "./vm";
import { writeWebdisHeaders } from "./webdis-request";

const GET = persist("GET");

/** What an envelope has beside its body, and RESP around it. */
const BESIDE_BODY: i64 = 2 * 1024 * 1024;

const headers = new PairsBuilder();
const key = new ByteBuffer();
const path = new ByteBuffer();
const mark = new ByteBuffer();

/**
 * A question to Redis for a stored response, or for when its URI was invalidated. It is made for the plugin, not for the stream whose request opened the fetch:
 * others may wait for its answer when that client is gone.
 */
export class CacheRead extends HttpCall {
  private startedAt: i64 = readMicroseconds();
  private question: i32;
  /** The mark that the reply has to carry; 0 for none: a response says itself whose it is, and that there is none harms nobody. */
  private mark: u64;

  constructor(
    private driver: CacheDriver,
    private fetch: Fetch,
    private dependency: Dependency,
    private webdis: WebdisConfig,
    private admission: Admission,
    private maxBodyBytes: i64,
  ) {
    super();
    this.question = fetch.questions;
    this.mark = fetch.isForInvalidation ? vmReplyTokens().issue() : 0;
  }

  /** Appends the path that asks for a key. */
  appendPath(into: ByteBuffer, key: Slice): void {
    if (this.mark == 0) return appendRawGet(into, this.webdis.database, key);
    vmReplyTokens().append(mark.clear(), this.mark);
    appendGet(into, this.webdis.database, key, mark.view());
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const answer = this.read(callStatus(headerCount, this.startedAt, this.webdis.timeout), bodySize);
    countRedisError(answer);
    this.driver.timed(readMicroseconds() - this.startedAt);
    if (answer.isFailed) warnOfFailure(this.dependency, answer);
    this.leave(answer.isOutage ? Health.Failing : Health.Answering);
    this.driver.onRead(this.fetch, this.question, answer);
  }

  /** Its root is being deleted, and with it everyone who could wait. */
  onDropped(): void {
    this.leave(Health.Unknown);
  }

  private leave(health: Health): void {
    this.dependency.leave(this.webdis, this.admission, health, now());
  }

  private read(status: i32, bodySize: i32): TierAnswer {
    const most = <i32>min<i64>(this.maxBodyBytes + BESIDE_BODY, (<i64>i32.MAX_VALUE) >> 2);
    // More than shows that it is too long is not worth copying.
    const body = getBuffer(BufferType.HttpCallResponseBody, 0, most + 1);
    // A body that the host cannot hand over is not an empty one.
    if (body == NONE && bodySize > 0) return TierAnswer.failed(FailureClass.Invalid, "unreadable");
    if (this.mark == 0) return rawAnswer(status, body, most);
    vmReplyTokens().append(mark.clear(), this.mark);
    return webdisAnswer(status, body, mark.view());
  }
}

/** Asks Redis what a fetch is to know; null when the question is out, else why it could not be sent. */
export function readFromRedis(
  driver: CacheDriver,
  fetch: Fetch,
  leader: Visit,
  webdis: WebdisConfig,
  dependency: Dependency,
): TierAnswer | null {
  const admission = dependency.enter(webdis, now());
  if (admission == Admission.BreakerOpen) return TierAnswer.failed(FailureClass.Unavailable, BREAKER_OPEN);
  if (admission == Admission.Overloaded) return TierAnswer.failed(FailureClass.Overload, "too many calls");
  const call = new CacheRead(driver, fetch, dependency, webdis, admission, driver.maxBodyBytes);
  appendRedisKey(key.clear(), webdis.keyPrefix, driver.reader.keyOf(fetch, leader));
  call.appendPath(path.clear(), key.view());
  writeWebdisHeaders(headers, webdis, GET, path.view());
  const status = call.dispatchFrom(driver.root, webdis.cluster, headers, NONE, null, <u32>webdis.timeout);
  if (status == Status.Ok) return null;
  dependency.leave(webdis, admission, Health.Failing, now());
  // The host says so at once when it has no such cluster.
  const reason = status == Status.BadArgument ? "unknown cluster" : "not sent";
  const answer = TierAnswer.failed(FailureClass.Unavailable, reason);
  warnOfFailure(dependency, answer);
  return answer;
}
