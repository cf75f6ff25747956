import { BufferType, HeaderMap, HttpCall, getBuffer, getHeader } from "as-proxy-wasm-sdk/assembly";
import { Health } from "../tier/dependency";
import { FailureClass, TierAnswer } from "../tier/outcome";
import { RESET, writeAnswer } from "../tier/replies";
import { Write } from "../webdis/write";
import { readClock } from "./clock";
import { STATUS, statusOf } from "./reply-status";
import { WriteBehind } from "./write-behind";

/** More than this is no reply to a write. */
const MAX_REPLY: i32 = 1024;

/** A write on its way to Redis. Nobody waits for it. */
export class WriteCall extends HttpCall {
  constructor(
    private writeBehind: WriteBehind,
    private write: Write,
  ) {
    super();
  }

  onReply(headerCount: i32, bodySize: i32, trailerCount: i32): void {
    const status = headerCount == 0 ? RESET : statusOf(getHeader(HeaderMap.HttpCallResponseHeaders, STATUS));
    const answer = writeAnswer(status, getBuffer(BufferType.HttpCallResponseBody, 0, MAX_REPLY));
    readClock();
    this.writeBehind.landed(this.write, !answer.isFailed, healthAfter(answer));
  }
}

/** Webdis may be told to refuse writes and not reads: that must not keep reads from it, nor call it well. */
function healthAfter(answer: TierAnswer): Health {
  if (!answer.isFailed) return Health.Answering;
  return answer.failure == FailureClass.Invalid ? Health.Unknown : Health.Failing;
}
