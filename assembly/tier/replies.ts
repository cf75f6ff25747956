import { Slice, lengthOf } from "as-bytes/assembly";
import { MAX_RECORD_BYTES } from "../route/record";
import { MarkedReplyKind, MarkedReplyReader } from "../webdis/marked-reply";
import { RedisError } from "../webdis/redis-error";
import { RespKind, RespReader } from "../webdis/resp";
import { FailureClass, TierAnswer } from "./outcome";

/** The status of a reply that never came: the connection was reset. */
export const RESET: i32 = -1;

/** The status of a reply that was not whole when its time was up: its headers may have come, its body has not. */
export const CUT_OFF: i32 = -2;

const UNAUTHORIZED: i32 = 401;
const FORBIDDEN: i32 = 403;

/** More than this from Webdis is no record: the largest one, each byte escaped as JSON may, and what is around it. */
export const MAX_WEBDIS_REPLY: i32 = 6 * MAX_RECORD_BYTES + 256;

const reader = new MarkedReplyReader();

/**
 * What Webdis' reply to a `GET` with that mark says. The proxy's own answers for a broken call look like replies, too. The
 * document of the answer is good until the next reply is read.
 */
export function webdisAnswer(status: i32, body: Slice, mark: Slice): TierAnswer {
  if (status != 200) return failedRead(status);
  if (lengthOf(body) > MAX_WEBDIS_REPLY) return TierAnswer.failed(FailureClass.Invalid, "record too large");
  switch (reader.read(body, mark, MAX_WEBDIS_REPLY)) {
    case MarkedReplyKind.Value:
      if (lengthOf(reader.value) <= MAX_RECORD_BYTES) return TierAnswer.found(reader.value);
      return TierAnswer.failed(FailureClass.Invalid, "record too large");
    case MarkedReplyKind.Missing:
      return TierAnswer.missing();
    case MarkedReplyKind.Error:
      return TierAnswer.refusedByRedis(RedisError.of(reader.value), false);
    case MarkedReplyKind.NotText:
      return TierAnswer.failed(FailureClass.Invalid, "not text");
    default:
      return TierAnswer.foreign("not a reply to this question");
  }
}

/**
 * What Webdis' reply to a `GET` in its raw format says: found with the value's bytes, whatever they are, of at most `most`.
 * Nothing in it tells whose reply it is, so that has to be in the value. Good as long as the reply is.
 */
export function rawAnswer(status: i32, body: Slice, most: i32): TierAnswer {
  if (status != 200) return failedRead(status);
  if (lengthOf(body) > most) return TierAnswer.failed(FailureClass.Invalid, "value too large");
  const resp = new RespReader();
  switch (resp.read(body)) {
    case RespKind.Bulk:
      return TierAnswer.found(resp.value);
    case RespKind.Nil:
      return TierAnswer.missing();
    case RespKind.Error:
      return TierAnswer.refusedByRedis(RedisError.of(resp.value), false);
    default:
      return TierAnswer.foreign("not the reply to a GET");
  }
}

/**
 * What Webdis' reply to a write says; not failed when Redis has taken it. Only what tells of reads as well is an outage:
 * Webdis and Redis may refuse writes alone, and that must not keep reads from them.
 */
export function writeAnswer(status: i32, body: Slice): TierAnswer {
  if (isRefusal(status)) return TierAnswer.refusedByWebdis(status, false);
  if (status != 200) return failedWith(status);
  const resp = new RespReader();
  switch (resp.read(body)) {
    case RespKind.SimpleString:
      return TierAnswer.missing();
    case RespKind.Error:
      return TierAnswer.refusedByRedis(RedisError.of(resp.value), true);
    default:
      return TierAnswer.failed(FailureClass.Invalid, "not the reply to a PSETEX");
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

/** Webdis says nothing but 200 to a command, and errors that tell of its own trouble. */
function failedRead(status: i32): TierAnswer {
  if (isRefusal(status)) return TierAnswer.refusedByWebdis(status, true);
  const failed = failedWith(status);
  return failed.isOutage ? failed : TierAnswer.foreign(failed.reason);
}

function failedWith(status: i32): TierAnswer {
  if (status == RESET) return TierAnswer.failed(FailureClass.Unavailable, "reset");
  if (status == CUT_OFF) return TierAnswer.failed(FailureClass.Timeout, "late body");
  const reason = "status " + status.toString();
  if (status == 504) return TierAnswer.failed(FailureClass.Timeout, reason);
  if (status == 429 || (status >= 500 && status <= 599)) return TierAnswer.failed(FailureClass.Unavailable, reason);
  return TierAnswer.failed(FailureClass.Invalid, reason);
}

/** Whether Webdis does not let us: a wrong password, or a command that its ACL has not enabled. */
function isRefusal(status: i32): bool {
  return status == UNAUTHORIZED || status == FORBIDDEN;
}
