import { ByteBuffer, Slice, empty, isPresent, lengthOf, persist } from "as-bytes/assembly";
import {
  BufferType,
  HeaderMap,
  PairsBuilder,
  Status,
  closeResponse,
  removeHeader,
  replaceHeader,
  sendLocalResponse,
  setBuffer,
  setHeaders,
} from "as-proxy-wasm-sdk/assembly";
import { Answer } from "../cache/answer";
import { SentContent, isSent } from "../cache/sent-fields";
import { StoredHeaders } from "../cache/stored-headers";
import { Visit } from "../cache/visit";
import { HeaderList, HeaderSink } from "../text/header-list";
import { STATUS } from "./reply-status";

const CONTENT_LENGTH = persist("content-length");
const CONTENT_TYPE = persist("content-type");
/** What is told of an answer of the cache's in access logs, and to other filters. */
export const DETAILS = persist("signpost_cache");
const ETAG = persist("etag");
const GZIP = persist("gzip");
const TRANSFER_ENCODING = persist("transfer-encoding");

const NOT_MODIFIED: i32 = 304;

const headers = new PairsBuilder();
const whole = new PairsBuilder();
const text = new ByteBuffer();
const list = new HeaderList();
const passing = new StoredHeaders();

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

/**
 * Makes a 304 of the upstream's response, whose header list is `fields`: its client has the content. That still passes, to be
 * stored, and has to be dropped with `dropContent`: past an answer of our own nothing could be recorded, and headers that are held
 * hold the body, too. False when the response goes on as it is.
 */
export function makeNotModified(fields: Slice): bool {
  // To the proxy a body follows, and a compressor would write something for it behind the 304, which an HTTP/1.1 client takes
  // for the next response. None compresses what is in a coding already. The proxy keeps this field to itself in the end.
  if (replaceHeader(HeaderMap.ResponseHeaders, TRANSFER_ENCODING, GZIP) != Status.Ok) return false;
  text.clear().decimal(NOT_MODIFIED);
  if (replaceHeader(HeaderMap.ResponseHeaders, STATUS, text.view()) != Status.Ok) return false;
  list.begin(fields);
  passing.begin(fields);
  const hasEntityTag = isPresent(passing.first(ETAG));
  while (list.next()) {
    const isIn = isSent(SentContent.NotModified, list.name, list.value, hasEntityTag);
    if (!isIn) removeHeader(HeaderMap.ResponseHeaders, list.name);
  }
  return true;
}

/** Keeps the bytes of a 304's body that are here to the proxy: a client would take them for the next response. */
export function dropContent(): void {
  if (setBuffer(BufferType.HttpResponseBody, 0, i32.MAX_VALUE, empty()) != Status.Ok) closeResponse();
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
