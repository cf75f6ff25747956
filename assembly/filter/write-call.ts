import { ByteBuffer, NONE, Slice, persist } from "as-bytes/assembly";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";
import { Admission, Dependency, Health } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { rawAnswer, writeAnswer } from "../tier/replies";
import { appendPsetex, appendRawGet } from "../webdis/command";
import { Write } from "../webdis/write";
import { now, readWallClock } from "./clock";
import { UpstreamCall, replyBody, unreadable } from "./upstream-call";
import { GET, writeWebdisHeaders } from "./webdis-request";

const PUT = persist("PUT");

/** More than this is no reply to a write. */
const MAX_REPLY: i32 = 1024;

/** Milliseconds. Longer than reads have: nobody waits. */
const TIMEOUT: i64 = 2000;

const path = new ByteBuffer();
const time = new ByteBuffer();

/** Who gets the answers to writes. */
export interface WriteListener {
  /** Redis, or who stands in its way, has said what it has under the write's key. */
  onChecked(write: Write, answer: TierAnswer): void;

  /** The write has ended. */
  onWritten(write: Write, answer: TierAnswer): void;
}

/** A call for a write: nobody waits for it. */
abstract class CallForWrite extends UpstreamCall {
  constructor(
    protected listener: WriteListener,
    protected entry: Write,
    dependency: Dependency,
    protected webdis: WebdisConfig,
  ) {
    super(dependency, webdis, TIMEOUT);
  }

  /** As of the last tick: a write does not pay for a clock. */
  protected startTime(): i64 {
    return now() * 1000;
  }

  protected enter(): Admission {
    return this.dependency.enterWrite(this.webdis);
  }

  protected leave(admission: Admission, answer: TierAnswer | null): void {
    this.dependency.leaveWrite(this.webdis, admission, healthAfter(answer), now());
  }
}

/** The question before a write: what Redis has under its key. */
export class WriteCheck extends CallForWrite {
  constructor(
    listener: WriteListener,
    entry: Write,
    dependency: Dependency,
    webdis: WebdisConfig,
    /** The largest reply, in bytes. */
    private most: i32,
  ) {
    super(listener, entry, dependency, webdis);
  }

  protected compose(headers: PairsBuilder): Slice {
    appendRawGet(path.clear(), this.webdis.database, this.entry.key);
    writeWebdisHeaders(headers, this.webdis, GET, path.view());
    return NONE;
  }

  protected read(status: i32, bodySize: i32): TierAnswer {
    const body = replyBody(bodySize, this.most);
    return body == NONE ? unreadable() : rawAnswer(status, body, this.most);
  }

  protected onAnswer(answer: TierAnswer, took: i64): void {
    this.listener.onChecked(this.entry, answer);
  }
}

/** A write on its way to Redis. */
export class WriteCall extends CallForWrite {
  constructor(
    listener: WriteListener,
    entry: Write,
    /** What is written; good until the call has been sent. */
    private value: Slice,
    dependency: Dependency,
    webdis: WebdisConfig,
  ) {
    super(listener, entry, dependency, webdis);
  }

  protected compose(headers: PairsBuilder): Slice {
    const write = this.entry;
    appendPsetex(path.clear(), this.webdis.database, write.key, write.ttl);
    writeWebdisHeaders(headers, this.webdis, PUT, path.view());
    return write.isTime ? time.clear().decimal(readWallClock()).view() : this.value;
  }

  protected read(status: i32, bodySize: i32): TierAnswer {
    const body = replyBody(bodySize, MAX_REPLY);
    return body == NONE ? unreadable() : writeAnswer(status, body);
  }

  protected onAnswer(answer: TierAnswer, took: i64): void {
    this.listener.onWritten(this.entry, answer);
  }
}

/** Writes may be refused and reads not: that must not keep reads from Webdis, nor call it well. */
function healthAfter(answer: TierAnswer | null): Health {
  if (!answer) return Health.Unknown;
  if (!answer.isFailed) return Health.Answering;
  return answer.isOutage ? Health.Failing : Health.Unknown;
}
