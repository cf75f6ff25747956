import { Slice } from "as-bytes/assembly";
import { HeaderMap, getHeader } from "as-proxy-wasm-sdk/assembly";
import { HeaderSource } from "../request/client-request";
import { CUT_OFF, RESET } from "../tier/replies";
import { readMicroseconds } from "./clock";
import { STATUS, statusOf } from "./reply-status";

/** Timers count from when their turn of the proxy's loop began, which may be a little before the call was made. */
const TOLERANCE: i64 = 10;

/**
 * The status of the reply to a call that was made at `startedAt` (microseconds) with a limit of so many milliseconds.
 *
 * Where the time is over before the headers are there, the proxy replies with a 504. Where it is over between the headers
 * and the end of the body, it says no more than that the connection broke, as when it really did: only the time tells.
 */
export function callStatus(headerCount: i32, startedAt: i64, limit: i64): i32 {
  if (headerCount > 0) return statusOf(getHeader(HeaderMap.HttpCallResponseHeaders, STATUS));
  const took = readMicroseconds() - startedAt;
  return took >= (limit - limit / TOLERANCE) * 1000 ? CUT_OFF : RESET;
}

/** The headers of the reply that this callback is about. */
class ReplyHeaders extends HeaderSource {
  get(name: Slice): Slice {
    return getHeader(HeaderMap.HttpCallResponseHeaders, name);
  }
}

export const replyHeaders: HeaderSource = new ReplyHeaders();
