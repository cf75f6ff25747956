import { ByteBuffer, NONE, Slice, equal, isPresent, lengthOf, persist, sub } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { HeaderList, HeaderSink } from "../text/header-list";
import { CACHE_STATUS, CacheStatus } from "./cache-status";
import { Precondition, Preconditions } from "./preconditions";
import { RangeAnswer, RangeRequest, appendContentRange, appendUnsatisfiedRange } from "./ranges";
import { ReuseTerms } from "./reuse-terms";
import { SentContent, isSent } from "./sent-fields";
import { StoredHeaders } from "./stored-headers";

const AGE = persist("age");
const CONTENT_LENGTH = persist("content-length");
const CONTENT_RANGE = persist("content-range");
const CONTENT_TYPE = persist("content-type");
const ETAG = persist("etag");
const HEAD = persist("HEAD");
const METHOD = persist(":method");
const SET_COOKIE = persist("set-cookie");

const NO_CONTENT: i32 = 204;
const PARTIAL_CONTENT: i32 = 206;
const NOT_MODIFIED: i32 = 304;
const RANGE_NOT_SATISFIABLE: i32 = 416;
const GATEWAY_TIMEOUT: i32 = 504;

const SECOND: i64 = 1000;

/** How a client is answered from a stored response, as data: used again from one request to the next. */
export class Answer {
  status: i32 = 0;
  /** The content; a view of the stored response. Empty for answers that have none. */
  body: Slice = NONE;
  /** The `Content-Type` that it has to have, `NONE` for none: proxies add and drop it at will. */
  contentType: Slice = NONE;
  /** The `Content-Length` of an answer without the content that it tells of (HEAD); -1 where the proxy knows it. */
  contentLength: i32 = -1;

  private stored: StoredHeaders = new StoredHeaders();
  private list: HeaderList = new HeaderList();
  private text: ByteBuffer = new ByteBuffer();
  private preconditions: Preconditions = new Preconditions();
  private ranges: RangeRequest = new RangeRequest();

  /** All fields but `Content-Length` are written to `fields`. */
  constructor(private fields: HeaderSink) {}

  /**
   * Answers a request from a stored response that it selects: its status, its fields and its body. `terms` say how old it
   * is, and `told` what is told of it in `Cache-Status`.
   */
  compose(
    request: HeaderSource,
    status: i32,
    fields: Slice,
    body: Slice,
    terms: ReuseTerms,
    now: i64,
    told: CacheStatus,
  ): void {
    this.stored.begin(fields);
    this.status = status;
    this.body = body;
    this.contentLength = -1;
    this.fields.clear();
    const content = this.contentFor(request, status, terms);
    this.copyFields(fields, content);
    this.setContent(content);
    if (content != SentContent.NotSatisfiable) this.addAge(terms.ageAt(now));
    this.addCacheStatus(told);
  }

  /**
   * "respond with either a stored response consistent with the other constraints of the request or a 504 (Gateway Timeout)
   * status code" (RFC 9111 §5.2.1.7): this is the second.
   */
  composeUnsatisfied(told: CacheStatus): void {
    this.fields.clear();
    this.stored.begin(NONE);
    this.withoutContent(GATEWAY_TIMEOUT);
    this.contentType = NONE;
    this.addCacheStatus(told);
  }

  /** Answers with 304 in the place of a response of these fields that has just been received, and whose content the client has. */
  composeNotModified(fields: Slice, told: CacheStatus): void {
    this.stored.begin(fields);
    this.fields.clear();
    this.copyFields(fields, SentContent.NotModified);
    this.withoutContent(NOT_MODIFIED);
    this.contentType = NONE;
    if (isPresent(this.stored.first(AGE))) this.fields.add(AGE, this.stored.first(AGE));
    this.addCacheStatus(told);
  }

  /** Adds the cookies of the upstream's response, which are for the client of this request alone; `fields` are all of it. */
  addCookies(fields: Slice): void {
    const list = this.list;
    list.begin(fields);
    while (list.next()) {
      if (equal(list.name, SET_COOKIE)) this.fields.add(list.name, list.value);
    }
  }

  /** What of the stored content, which is in `body`, the request gets. */
  private contentFor(request: HeaderSource, status: i32, terms: ReuseTerms): SentContent {
    const precondition = this.preconditions.evaluate(request, this.stored, status, terms.receivedAt);
    if (precondition == Precondition.NotModified) return SentContent.NotModified;
    switch (this.ranges.decide(request, this.stored, status, lengthOf(this.body))) {
      case RangeAnswer.Part:
        return SentContent.Part;
      case RangeAnswer.NotSatisfiable:
        return SentContent.NotSatisfiable;
      default:
        return equal(request.get(METHOD), HEAD) ? SentContent.HeadOfWhole : SentContent.Whole;
    }
  }

  private setContent(content: SentContent): void {
    this.contentType = NONE;
    switch (content) {
      case SentContent.NotModified:
        return this.withoutContent(NOT_MODIFIED);
      case SentContent.NotSatisfiable:
        appendUnsatisfiedRange(this.text.clear(), lengthOf(this.body));
        this.fields.add(CONTENT_RANGE, this.text.view());
        return this.withoutContent(RANGE_NOT_SATISFIABLE);
      case SentContent.Part:
        this.cut();
        break;
      case SentContent.HeadOfWhole:
        this.withoutBody();
        break;
      default:
        break;
    }
    this.contentType = this.stored.first(CONTENT_TYPE);
  }

  private withoutContent(status: i32): void {
    this.status = status;
    this.body = NONE;
    this.contentLength = -1;
  }

  private cut(): void {
    const ranges = this.ranges;
    appendContentRange(this.text.clear(), ranges.first, ranges.last, lengthOf(this.body));
    this.fields.add(CONTENT_RANGE, this.text.view());
    this.status = PARTIAL_CONTENT;
    this.body = sub(this.body, ranges.first, ranges.last + 1);
  }

  /** A server's answer to HEAD has the fields of the one to GET, and no content (RFC 9110 §9.3.2). */
  private withoutBody(): void {
    if (this.status != NO_CONTENT) this.contentLength = lengthOf(this.body);
    this.body = NONE;
  }

  private copyFields(fields: Slice, content: SentContent): void {
    const hasEntityTag = isPresent(this.stored.first(ETAG));
    const list = this.list;
    list.begin(fields);
    while (list.next()) {
      const name = list.name;
      // The proxy counts the content itself, and the age is told anew.
      if (equal(name, CONTENT_LENGTH) || equal(name, AGE) || equal(name, CACHE_STATUS)) continue;
      if (isSent(content, name, list.value, hasEntityTag)) this.fields.add(name, list.value);
    }
  }

  private addAge(age: i64): void {
    this.text.clear().decimal(age / SECOND);
    this.fields.add(AGE, this.text.view());
  }

  private addCacheStatus(told: CacheStatus): void {
    told.append(this.text.clear(), this.stored.get(CACHE_STATUS));
    this.fields.add(CACHE_STATUS, this.text.view());
  }
}
