import { BufferType, HttpCall, getBuffer } from "as-proxy-wasm-sdk/assembly";
import { Admission } from "../tier/dependency";
import { writeAnswer } from "../tier/replies";
import { Write } from "../webdis/write";
import { callStatus } from "./call-reply";
import { now, readClock } from "./clock";
import { countRedisError } from "./redis-errors";
import { WriteBehind } from "./write-behind";

/** More than this is no reply to a write. */
const MAX_REPLY: i32 = 1024;

/** Milliseconds. Longer than reads have: nobody waits. */
export const WRITE_TIMEOUT: u32 = 2000;

/** A write on its way to Redis. Nobody waits for it. */
export class WriteCall extends HttpCall {
  private startedAt: i64 = now() * 1000;

  constructor(
    private writeBehind: WriteBehind,
    private write: Write,
    private admission: Admission,
  ) {
    super();
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const status = callStatus(headerCount, this.startedAt, WRITE_TIMEOUT);
    const answer = writeAnswer(status, getBuffer(BufferType.HttpCallResponseBody, 0, MAX_REPLY));
    countRedisError(answer);
    readClock();
    this.writeBehind.landed(this.write, this.admission, answer);
  }
}
