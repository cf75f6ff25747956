import { Slice, lengthOf } from "as-bytes/assembly";
import { MAX_RECORD_BYTES } from "../route/record";
import { RespKind, RespReader } from "../webdis/resp";
import { FailureClass, TierAnswer } from "./outcome";

/** The status of a reply that never came: the connection was reset. */
export const RESET: i32 = -1;

/** More than this from Webdis is no record: the largest one and what RESP puts around it. */
export const MAX_WEBDIS_REPLY: i32 = MAX_RECORD_BYTES + 32;

/** What Webdis' reply to `GET …raw` says. The proxy's own answers for a broken call look like replies, too. */
export function webdisAnswer(status: i32, body: Slice): TierAnswer {
  if (status != 200) {
    const failed = failedWith(status);
    return failed.isOutage ? failed : TierAnswer.foreign(failed.reason);
  }
  if (lengthOf(body) > MAX_WEBDIS_REPLY) return TierAnswer.failed(FailureClass.Invalid, "record too large");
  const reply = new RespReader();
  switch (reply.read(body)) {
    case RespKind.Bulk:
      return TierAnswer.found(reply.value);
    case RespKind.Nil:
      return TierAnswer.missing();
    case RespKind.Error:
      return TierAnswer.failed(FailureClass.Invalid, "redis error");
    case RespKind.Malformed:
      return TierAnswer.foreign("not RESP");
    default:
      return TierAnswer.failed(FailureClass.Invalid, "not a RESP bulk string");
  }
}

/** What Webdis' reply to a write says; not failed when Redis has taken it. */
export function writeAnswer(status: i32, body: Slice): TierAnswer {
  const reply = new RespReader();
  // Whether another status is one of Webdis' own is the same question as for a read.
  if (status != 200) return webdisAnswer(status, body);
  switch (reply.read(body)) {
    case RespKind.SimpleString:
      return TierAnswer.missing();
    case RespKind.Malformed:
      return TierAnswer.foreign("not RESP");
    default:
      return TierAnswer.failed(FailureClass.Invalid, "redis error");
  }
}

/** What the routing service's reply says. `maxBytes` bounds its body. */
export function serviceAnswer(status: i32, body: Slice, maxBytes: i32): TierAnswer {
  switch (status) {
    case 200:
      if (lengthOf(body) > maxBytes) return TierAnswer.failed(FailureClass.Invalid, "record too large");
      return TierAnswer.found(body);
    case 204:
    case 404:
    case 410:
      return TierAnswer.missing();
    default:
      return failedWith(status);
  }
}

function failedWith(status: i32): TierAnswer {
  if (status == RESET) return TierAnswer.failed(FailureClass.Unavailable, "reset");
  const reason = "status " + status.toString();
  if (status == 504) return TierAnswer.failed(FailureClass.Timeout, reason);
  if (status == 429 || (status >= 500 && status <= 599)) return TierAnswer.failed(FailureClass.Unavailable, reason);
  return TierAnswer.failed(FailureClass.Invalid, reason);
}
