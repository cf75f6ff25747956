import { ByteBuffer, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { HeaderListWriter } from "../text/header-list";
import { INVALID_DATE, appendHttpDate, parseHttpDate } from "../text/http-date";

export const DATE = persist("date");

const text = new ByteBuffer();

/** Whether a response that was received now says when its origin made it. */
export function hasDate(response: HeaderSource, now: i64): bool {
  return parseHttpDate(response.get(DATE), now) != INVALID_DATE;
}

/**
 * "A recipient with a clock that receives a response message without a Date header field MUST record the time it was received
 * and append a corresponding Date header field to the message's header section if it is cached or forwarded downstream.", and
 * one that is no date "MAY" be replaced by it (RFC 9110 §6.6.1). What is forwarded at once gets it from the proxy.
 */
export function addDateOfReceipt(into: HeaderListWriter, receivedAt: i64): void {
  appendHttpDate(text.clear(), receivedAt);
  into.add(DATE, text.view());
}
