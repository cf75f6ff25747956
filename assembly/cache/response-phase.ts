import { ByteBuffer, NONE, Slice, equal, equalIgnoreCase, isPresent, lengthOf, persist, sub } from "as-bytes/assembly";
import { CacheCount } from "../telemetry/cache-counts";
import { parseContentLength } from "../text/content-length";
import { HeaderList, HeaderListWriter, HeaderSink } from "../text/header-list";
import { Answer } from "./answer";
import { CacheParts } from "./cache-parts";
import { CACHE_STATUS, CacheStatus } from "./cache-status";
import { Confirmation } from "./confirmation";
import { DATE, addDateOfReceipt, hasDate } from "./date-of-receipt";
import { Exchange } from "./exchange";
import { invalidates } from "./invalidation-targets";
import { Invalidator } from "./invalidator";
import { generatedAt } from "./recency";
import { Precondition, Preconditions } from "./preconditions";
import { ResponseSaver } from "./response-saver";
import { Reuse, ReusePolicy } from "./reuse-policy";
import { ReuseTerms } from "./reuse-terms";
import { StreamFact } from "./stream-fact";
import { StoragePolicy, Storability, isOfRequest, nameOfStorability } from "./storage-policy";
import { StoredHeaders } from "./stored-headers";
import { Finding } from "./stored-responses";
import { headMatches } from "./validation";
import { Concern, Visit, VisitState } from "./visit";

const CONTENT_LENGTH = persist("content-length");
const CONTENT_TYPE = persist("content-type");
const ETAG = persist("etag");
const EVENT_STREAM = persist("text/event-stream");
const LAST_MODIFIED = persist("last-modified");
const METHOD = persist(":method");

/** What `Cache-Status` says of a response that is not stored because there is a more recent one. */
const OUTDATED = persist("outdated");

const OK: i32 = 200;
const PARTIAL_CONTENT: i32 = 206;
const IM_USED: i32 = 226;
const NOT_MODIFIED: i32 = 304;
const TOO_MANY_REQUESTS: i32 = 429;

/** After a validation that failed: for so many milliseconds the stored response stands in without another one. */
const RETRY_AFTER: i64 = 1000;

/** What becomes of a response now. */
export enum ResponseStep {
  /** It goes to the client, with `told` as its `Cache-Status`. */
  Pass,
  /** The same, as a 304: the client has its content. */
  PassNotModified,
  /** `answer` takes its place. */
  Answer,
}

/** Decides on responses of the upstream: stored as they stream past, or replaced by what is stored. */
export class ResponsePhase {
  readonly answer: Answer;
  readonly told: CacheStatus = new CacheStatus();

  private response: StoredHeaders;
  private stored: StoredHeaders = new StoredHeaders();
  private list: HeaderList = new HeaderList();
  private policy: StoragePolicy;
  private reuse: ReusePolicy = new ReusePolicy();
  private preconditions: Preconditions = new Preconditions();
  private terms: ReuseTerms = new ReuseTerms();
  private detail: ByteBuffer = new ByteBuffer();
  private passed: ByteBuffer = new ByteBuffer();
  private passedWriter: HeaderListWriter = new HeaderListWriter(this.passed);
  private exchange: Exchange;
  private saver: ResponseSaver;
  private confirmation: Confirmation;
  private invalidator: Invalidator;

  /** The answer's fields go to `answerFields`. */
  constructor(
    private parts: CacheParts,
    answerFields: HeaderSink,
    verifiedJwt: StreamFact,
    localReply: StreamFact,
  ) {
    this.answer = new Answer(answerFields);
    const policy = new StoragePolicy();
    const saver = new ResponseSaver(parts);
    const response = new StoredHeaders();
    this.response = response;
    this.exchange = new Exchange(response, response, verifiedJwt, localReply);
    this.policy = policy;
    this.saver = saver;
    this.confirmation = new Confirmation(parts, policy, saver);
    this.invalidator = new Invalidator(parts);
  }

  /** After `onHeaders`: what the caches before this one said of the response; `NONE` for nothing. */
  get existingCacheStatus(): Slice {
    return this.response.get(CACHE_STATUS);
  }

  /** After `onHeaders`: whether the response has tags, which are not for clients. */
  get hasTags(): bool {
    return isPresent(this.response.first(this.parts.config.tagsHeader));
  }

  /** The headers of the response to a request that went upstream; `fields` are a header list, `ends` if no body follows. */
  onHeaders(visit: Visit, fields: Slice, status: i32, ends: bool, now: i64): ResponseStep {
    this.response.begin(fields);
    this.told.clear();
    this.told.forwarded = visit.forwarded;
    switch (visit.concern) {
      case Concern.Unsafe:
        if (invalidates(visit.request.get(METHOD), status)) this.invalidator.invalidate(visit, this.response, now);
        return ResponseStep.Pass;
      case Concern.Cacheable:
        return this.onCacheable(visit, fields, status, ends, now);
      default:
        return ResponseStep.Pass;
    }
  }

  /** The next bytes of its body; `ends` with the last ones. */
  onBody(visit: Visit, chunk: Slice, ends: bool, now: i64): void {
    const recording = visit.recording;
    if (!recording.isActive) return;
    const isTooLarge = <i64>recording.bodyLength + lengthOf(chunk) > this.parts.config.maxBodyBytes;
    if (!recording.append(chunk)) {
      this.giveUp(visit, isTooLarge ? CacheCount.TooLarge : CacheCount.Dropped, now);
      return;
    }
    if (ends) this.finish(visit, now);
  }

  /** It has trailers: they would be lost, so it is not stored. */
  onTrailers(visit: Visit, now: i64): void {
    if (!visit.recording.isActive) return;
    visit.recording.drop();
    this.giveUp(visit, CacheCount.Refused, now);
  }

  /** The request is over, whatever has become of it. */
  onGone(visit: Visit): void {
    const parts = this.parts;
    if (visit.recording.isActive) parts.counts.add(CacheCount.Dropped);
    if (visit.concern == Concern.Cacheable && visit.state == VisitState.Arrived) parts.counts.add(CacheCount.Abandoned);
    parts.fetches.leave(visit);
    visit.begin(0);
  }

  private onCacheable(visit: Visit, fields: Slice, status: i32, ends: bool, now: i64): ResponseStep {
    const isKept = visit.kept.isKept;
    visit.generatedAt = generatedAt(this.response, now);
    this.parts.directives.readRequest(visit.request);
    if (isKept && visit.isValidating && status == NOT_MODIFIED) return this.confirm(visit, fields, now);
    visit.kept.drop();
    if (visit.isReplaceable && isServerError(status) && this.standsIn(visit, status, now)) return ResponseStep.Answer;
    if (!visit.isGet) {
      this.heedHead(visit, fields, status, now);
    } else if (status == NOT_MODIFIED) {
      // It answers what the client asked about its own copy.
      this.parts.collapse.tryNext(visit);
    } else {
      this.heed(visit, fields, status, ends, now, isKept);
      if (visit.hidesCondition && this.isNotModified(visit, status, now))
        return this.passNotModified(visit, fields, ends);
    }
    return ResponseStep.Pass;
  }

  /** Whether the client, whose condition the upstream was not told of, has what has come. */
  private isNotModified(visit: Visit, status: i32, now: i64): bool {
    const outcome = this.preconditions.evaluateReceived(visit.request, this.response, status, now);
    if (outcome == Precondition.Response) return false;
    this.told.forwardedStatus = status;
    return true;
  }

  /**
   * A content that is stored has to come whole. Another one is of no use to anybody, may be large or have no end, and the next
   * request on the client's HTTP/1.1 connection would wait for that. The answer in its place makes the proxy let go of it, and of
   * its connection to an HTTP/1.1 upstream: what is known to be small may as well come.
   */
  private passNotModified(visit: Visit, fields: Slice, ends: bool): ResponseStep {
    const length = parseContentLength(this.response.first(CONTENT_LENGTH));
    const isSmall = ends || (length >= 0 && length <= this.parts.config.maxBodyBytes);
    if (isSmall || visit.recording.isActive) return ResponseStep.PassNotModified;
    const list = this.list;
    this.passed.clear();
    list.begin(fields);
    while (list.next()) {
      if (this.policy.isOfExchange(list.name) || equal(list.name, this.parts.config.tagsHeader)) continue;
      this.passedWriter.add(list.name, list.value);
    }
    visit.state = VisitState.Answered;
    this.answer.composeNotModified(this.passed.view(), this.told);
    return ResponseStep.Answer;
  }

  /** The upstream has no newer response than the stored one. */
  private confirm(visit: Visit, fields: Slice, now: i64): ResponseStep {
    const kept = visit.kept.response;
    const confirmation = this.confirmation;
    this.setExchange(visit, NOT_MODIFIED, now);
    // It knows our validators: it is the origin's.
    this.exchange.localReply.settle(false);
    this.readTags(visit);
    confirmation.confirm(visit, this.exchange, fields, kept);
    this.told.forwardedStatus = NOT_MODIFIED;
    this.told.stored = confirmation.isSaved;
    this.parts.counts.add(CacheCount.Validated);
    this.compose(visit, kept.status, confirmation.fields, kept.body, confirmation.terms, now);
    this.answer.addCookies(fields);
    this.afterConfirmation(visit, now);
    return ResponseStep.Answer;
  }

  private afterConfirmation(visit: Visit, now: i64): void {
    const collapse = this.parts.collapse;
    if (!this.confirmation.isSaved) collapse.tryNext(visit);
    else if (this.confirmation.terms.isUsableAt(now)) collapse.serve(visit);
    else collapse.refuse(visit, now);
  }

  /**
   * "cached responses [...] MAY be used to satisfy the request, regardless of other freshness information" (RFC 5861 §4): what
   * is stored now, whatever was when the upstream was asked. An error does not stand in for an error.
   */
  private standsIn(visit: Visit, status: i32, now: i64): bool {
    const responses = this.parts.responses;
    if (!this.finds(visit)) return false;
    const found = responses.found;
    if (!isOfResource(found.status)) return false;
    const terms = this.terms;
    found.readTerms(terms);
    const reuse = this.reuse.decide(terms, this.parts.directives, now);
    if (reuse == Reuse.Revalidate && this.reuse.usableOnErrorFor == 0) return false;
    if (reuse != Reuse.Serve) found.retryAt = now + RETRY_AFTER;
    this.told.forwardedStatus = status;
    this.parts.counts.add(CacheCount.StaleIfError);
    this.compose(visit, found.status, found.fields, found.body, terms, now);
    this.parts.collapse.serve(visit);
    return true;
  }

  private compose(visit: Visit, status: i32, fields: Slice, body: Slice, terms: ReuseTerms, now: i64): void {
    visit.state = VisitState.Answered;
    this.told.hasTtl = true;
    this.told.ttl = terms.lifetime - terms.ageAt(now);
    this.answer.compose(visit.request, status, fields, body, terms, now, this.told);
  }

  /** A whole response to a GET, or an error; `isKept` is whether there is a stored one that it was asked about. */
  private heed(visit: Visit, fields: Slice, status: i32, ends: bool, now: i64, isKept: bool): void {
    const parts = this.parts;
    this.setExchange(visit, status, now);
    const storability = this.storability();
    if (storability == Storability.Storable && !this.saver.isOutdated(visit, this.policy.varyNames.view())) {
      this.record(visit, fields, status, ends, now);
      return;
    }
    parts.counts.add(CacheCount.Refused);
    if (storability == Storability.Storable) {
      this.told.detail = OUTDATED;
      this.saver.outdate(visit);
      this.serveOthers(visit, now);
      return;
    }
    this.explain(storability);
    // What was made for one client's sake says nothing of what others get, nor does what the proxy says itself, for want of a
    // route or an upstream. Where that costs nobody anything, it is not worth asking the proxy.
    const mayBeOfAll = isOfResource(status) && !isOfRequest(storability);
    const isOfAll = mayBeOfAll && !(this.hasRivals(visit) && this.policy.isLocalReply(this.exchange));
    if (isOfAll) this.outdate(visit);
    this.refuse(visit, storability, status, !isOfAll && isKept && this.finds(visit), now);
  }

  /**
   * Whether there is, or may be, another response to such a request that an answer which is not stored would outdate: in this
   * store, in Redis, or on its way for those who wait for it.
   */
  private hasRivals(visit: Visit): bool {
    const parts = this.parts;
    if (this.finds(visit) || (parts.shared != null && !visit.hasRead)) return true;
    const fetch = parts.fetches.find(parts.responses.soughtKey);
    return fetch != null && fetch.leader != visit;
  }

  /** What is stored is outdated by a full answer that is not, unless a filter has verified whose answer it is. */
  private outdate(visit: Visit): void {
    if (this.finds(visit) && this.exchange.verifiedJwt.isThere) return;
    this.saver.outdate(visit);
  }

  /** Its response is not stored: those who wait get what is, where there is something. */
  private serveOthers(visit: Visit, now: i64): void {
    if (this.finds(visit)) this.parts.collapse.serve(visit);
    else this.parts.collapse.refuse(visit, now);
  }

  private finds(visit: Visit): bool {
    return this.parts.responses.find(visit.key.view(), visit.uriHash, visit.request) == Finding.Found;
  }

  private storability(): Storability {
    const storability = this.policy.decide(this.exchange, this.parts.directives, this.parts.config);
    if (storability != Storability.Storable || (this.isOfUse && !this.isEventStream)) return storability;
    return Storability.NoUse;
  }

  /** Its response is not stored: what that is to those who wait; `isLeft` is whether another one still is. */
  private refuse(visit: Visit, storability: Storability, status: i32, isLeft: bool, now: i64): void {
    const collapse = this.parts.collapse;
    // Where there is a stored response, one asks about it at a time.
    if (isFailure(status) || isLeft) return collapse.tryNext(visit);
    // Tokens that a filter has taken out of requests cannot be seen in the next ones: they are taken to have them, too.
    if (storability == Storability.VerifiedJwt) return collapse.refuse(visit, now);
    if (storability == Storability.Authorization) return collapse.refuseCredentials(visit, now);
    if (isOfRequest(storability) || !visit.canLead) return collapse.tryNext(visit);
    collapse.refuse(visit, now);
  }

  private record(visit: Visit, fields: Slice, status: i32, ends: bool, now: i64): void {
    const parts = this.parts;
    const recording = visit.recording;
    visit.status = status;
    recording.begin(parts.config.maxBodyBytes, parseContentLength(this.response.first(CONTENT_LENGTH)));
    if (!recording.isActive) {
      this.explain(Storability.TooLarge);
      this.giveUp(visit, CacheCount.TooLarge, now);
      return;
    }
    const list = this.list;
    const isDated = hasDate(this.response, now);
    list.begin(fields);
    while (list.next()) {
      if (this.policy.withholds(list.name) || equal(list.name, parts.config.tagsHeader)) continue;
      if (isDated || !equal(list.name, DATE)) recording.fields.add(list.name, list.value);
    }
    if (!isDated) addDateOfReceipt(recording.fields, now);
    visit.terms.copyFrom(this.policy.terms);
    this.readTags(visit);
    this.told.stored = true;
    // Those who wait could not use it: they need not see its end, which may be far.
    if (!visit.terms.isUsableAt(now)) parts.collapse.refuse(visit, now);
    if (ends) this.finish(visit, now);
  }

  /** A response that might have been stored cannot be. What is stored is outdated by it all the same. */
  private giveUp(visit: Visit, reason: CacheCount, now: i64): void {
    const parts = this.parts;
    parts.counts.add(reason);
    if (isOfResource(visit.status)) this.saver.outdate(visit);
    parts.collapse.disperse(visit, now);
  }

  /** A response has come to its end. */
  private finish(visit: Visit, now: i64): void {
    const isSaved = visit.recording.isWhole && this.saver.saveRecorded(visit);
    visit.recording.drop();
    if (isSaved) return this.parts.collapse.serve(visit);
    this.parts.counts.add(CacheCount.Dropped);
    this.serveOthers(visit, now);
  }

  /** A response to HEAD tells of the stored one to GET whether it is outdated (RFC 9111 §4.3.5). */
  private heedHead(visit: Visit, fields: Slice, status: i32, now: i64): void {
    const parts = this.parts;
    parts.collapse.tryNext(visit);
    if (status != OK) return;
    if (!this.finds(visit)) return;
    const found = parts.responses.found;
    if (found.status != OK) return;
    this.stored.begin(found.fields);
    if (!headMatches(this.response, this.stored, lengthOf(found.body))) this.saver.outdate(visit);
  }

  private setExchange(visit: Visit, status: i32, now: i64): void {
    const exchange = this.exchange;
    exchange.request = visit.request;
    exchange.response = this.response;
    exchange.status = status;
    exchange.requestTime = visit.requestTime;
    exchange.responseTime = now;
    exchange.verifiedJwt.begin();
    exchange.localReply.begin();
  }

  /** Says in `Cache-Status` why the response is not stored. */
  private explain(storability: Storability): void {
    this.told.detail = this.detail.clear().text(nameOfStorability(storability)).view();
  }

  private readTags(visit: Visit): void {
    visit.tags.clear();
    const tags = this.response.get(this.parts.config.tagsHeader);
    if (isPresent(tags)) visit.tags.bytes(tags);
  }

  /** Whether there may be a request that it answers: it would take the place of what is of use otherwise. */
  private get isOfUse(): bool {
    const terms = this.policy.terms;
    if (isPresent(this.response.first(ETAG)) || isPresent(this.response.first(LAST_MODIFIED))) return true;
    return !terms.noCache && terms.lifetime + terms.staleWhileRevalidate + terms.staleIfError > 0;
  }

  /** A stream of events is nobody's twice, whatever it says of itself, and has no end to wait for. */
  private get isEventStream(): bool {
    const type = this.response.first(CONTENT_TYPE);
    return equalIgnoreCase(sub(type, 0, lengthOf(EVENT_STREAM)), EVENT_STREAM);
  }
}

/**
 * Whether a response with that status is one of the resource's, and not of what is wrong with one request or server, nor of
 * what one request asked of it that is in no key: a part (206), a difference (226), what is new (304).
 */
function isOfResource(status: i32): bool {
  if (status == PARTIAL_CONTENT || status == IM_USED || status == NOT_MODIFIED) return false;
  return status < 400 || status == 404 || status == 410;
}

/** Whether it is the upstream that is in trouble: all at once would make it worse. */
function isFailure(status: i32): bool {
  return status >= 500 || status == TOO_MANY_REQUESTS;
}

/** The errors that a stale response may stand in for (RFC 5861 §4). */
function isServerError(status: i32): bool {
  return status == 500 || (status >= 502 && status <= 504);
}
