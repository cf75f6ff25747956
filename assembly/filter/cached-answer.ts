import { ByteBuffer, Slice, isPresent, lengthOf, persist } from "as-bytes/assembly";
import {
  HeaderMap,
  PairsBuilder,
  Status,
  removeHeader,
  replaceHeader,
  sendLocalResponse,
  setHeaders,
} from "as-proxy-wasm-sdk/assembly";
import { Answer } from "../cache/answer";
import { Visit } from "../cache/visit";
import { HeaderSink } from "../text/header-list";
import { STATUS } from "./reply-status";

const CONTENT_LENGTH = persist("content-length");
const CONTENT_TYPE = persist("content-type");
const DETAILS = persist("signpost_cache");

const headers = new PairsBuilder();
const whole = new PairsBuilder();
const text = new ByteBuffer();

/** Where the fields of the answer that is sent next go. */
class AnswerFields extends HeaderSink {
  clear(): void {
    headers.clear();
  }

  add(name: Slice, value: Slice): void {
    if (isPresent(value)) headers.add(name, value);
  }
}

export const answerFields = new AnswerFields();

/**
 * Answers the effective context's request, which has not gone on. Our own response callback comes later, and puts right what
 * the proxy makes of content type and length: see `correctHeaders`. False when the proxy does not take the answer.
 */
export function sendAnswer(answer: Answer, visit: Visit): bool {
  visit.correction.note(answer);
  return sendLocalResponse(<u32>answer.status, DETAILS, answer.body, headers) == Status.Ok;
}

/**
 * Answers in the place of the upstream's response, whose headers are here; `ends` if it has no body. False when it is to go
 * on with the headers that it has now: an answer without a body needs no other response. (The proxy sends one that
 * takes the place of another past all response callbacks, so content type and length cannot be put right there.)
 */
export function replaceResponse(answer: Answer, ends: bool): bool {
  if (ends && lengthOf(answer.body) == 0) {
    whole.clear().add(STATUS, text.clear().decimal(answer.status).view());
    if (answer.contentLength >= 0) whole.add(CONTENT_LENGTH, text.clear().decimal(answer.contentLength).view());
    if (setHeaders(HeaderMap.ResponseHeaders, whole.addAll(headers)) == Status.Ok) return false;
  }
  return sendLocalResponse(<u32>answer.status, DETAILS, answer.body, headers) == Status.Ok;
}

/** Puts right the headers of an answer that `sendAnswer` sent. */
export function correctHeaders(visit: Visit): void {
  const correction = visit.correction;
  if (!correction.isNeeded) return;
  if (correction.hasContentType) {
    replaceHeader(HeaderMap.ResponseHeaders, CONTENT_TYPE, correction.contentType.view());
  } else {
    removeHeader(HeaderMap.ResponseHeaders, CONTENT_TYPE);
  }
  if (correction.contentLength >= 0) {
    text.clear().decimal(correction.contentLength);
    replaceHeader(HeaderMap.ResponseHeaders, CONTENT_LENGTH, text.view());
  }
}
