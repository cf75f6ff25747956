import { ByteBuffer, HEADROOM, NONE, Slice, isPresent, lengthOf, persist } from "as-bytes/assembly";
import {
  ArenaMark,
  BufferType,
  HeaderMap,
  RootContext,
  Status,
  getBuffer,
  getHeader,
  removeHeader,
  replaceHeader,
} from "as-proxy-wasm-sdk/assembly";
import { CacheParts } from "../cache/cache-parts";
import { CACHE_STATUS } from "../cache/cache-status";
import { Fetch } from "../cache/fetch";
import { isSafe } from "../cache/invalidation-targets";
import { CacheStep, RequestPhase } from "../cache/request-phase";
import { ResponsePhase, ResponseStep } from "../cache/response-phase";
import { SharedReader } from "../cache/shared-reader";
import { SharedTier } from "../cache/shared-tier";
import { Concern, Visit, VisitState } from "../cache/visit";
import { Config } from "../config/config";
import { ResponseCacheConfig } from "../config/response-cache-config";
import { WebdisConfig } from "../config/webdis-config";
import { Dependency } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { ClientRequest } from "../request/client-request";
import { HeaderListWriter } from "../text/header-list";
import { CacheMetrics } from "./cache-metrics";
import { CacheRead, ReadListener } from "./cache-read";
import {
  answerFields,
  correctHeaders,
  dropContent,
  makeNotModified,
  replaceResponse,
  sendAnswer,
} from "./cached-answer";
import { warnOfFailure } from "./call-warnings";
import { now, readWallClock } from "./clock";
import { copyHeaders } from "./header-copy";
import { heldStream } from "./held-stream";
import { couldNot } from "./host-status";
import { isFailed } from "./lookup-outcome";
import { BETWEEN_METRICS } from "./metrics";
import { MOST_AT_ONCE, Pace } from "./pace";
import { STATUS, statusOf } from "./reply-status";
import { refuseRequest } from "./refusal";
import { SharedMarks } from "./shared-marks";
import { SharedResponses } from "./shared-responses";
import { StreamJwt } from "./stream-jwt";
import { StreamLocalReply } from "./stream-local-reply";
import { StreamPort } from "./stream-port";
import { vmJitter, vmStores } from "./vm";
import { WriteBehind } from "./write-behind";

const IF_MODIFIED_SINCE = persist("if-modified-since");
const IF_NONE_MATCH = persist("if-none-match");

/** So many milliseconds past its own limit the reply to a question to Redis is waited for: the proxy ends it long before. */
const BEYOND_TIMEOUT: i64 = 1000;

/** How many objects wait for another request; more are left to the collector. */
const MOST_IDLE_VISITS: i32 = 1024;

/**
 * One configuration's response cache at work in one VM. It brings requests, responses, Redis and time together and decides
 * nothing: what it calls decides, and knows nothing of the proxy.
 */
export class CacheDriver implements ReadListener {
  private reader: SharedReader;
  private parts: CacheParts;
  private requests: RequestPhase;
  private responses: ResponsePhase;
  private metrics: CacheMetrics;
  private request: ClientRequest = new ClientRequest();
  private response: ByteBuffer = new ByteBuffer();
  private responseWriter: HeaderListWriter = new HeaderListWriter(this.response);
  private text: ByteBuffer = new ByteBuffer();
  private idleVisits: Array<Visit> = [];
  private mark: ArenaMark = new ArenaMark();
  private identity: string;

  constructor(
    /** The context that calls are made for. */
    private root: RootContext,
    config: Config,
    private cache: ResponseCacheConfig,
    private isShadow: bool,
    private webdis: WebdisConfig | null,
    private dependency: Dependency | null,
    private writeBehind: WriteBehind | null,
    private pace: Pace,
  ) {
    const jitter = vmJitter();
    const identity = config.identityOfResponses(cache);
    const held = vmStores().hold(identity, cache.local.maxEntries, cache.local.maxBytes);
    const shared: SharedTier | null = cache.shared && writeBehind ? new SharedResponses(writeBehind) : null;
    const longestRead = webdis ? webdis.timeout + BEYOND_TIMEOUT : 0;
    const marks = new SharedMarks();
    const parts = new CacheParts(cache, held, marks, shared, longestRead, jitter.seed0, jitter.seed1);
    this.identity = identity;
    this.parts = parts;
    this.requests = new RequestPhase(parts, answerFields, new StreamPort());
    this.responses = new ResponsePhase(parts, answerFields, new StreamJwt(), new StreamLocalReply());
    this.reader = new SharedReader(parts);
    this.metrics = new CacheMetrics(parts, held);
  }

  /** The object for a request that comes into the cache; `onGone` takes it back. */
  takeVisit(stream: u32): Visit {
    const visit = this.idleVisits.length > 0 ? this.idleVisits.pop() : new Visit(this.parts.budget);
    visit.begin(stream);
    return visit;
  }

  /** A request's headers are here, as they are to be forwarded, and the effective context is its stream. */
  onRequest(visit: Visit, hasBody: bool, outcome: Slice): CacheStep {
    // Requests may be on their way in any number, each with what it has.
    if (!copyHeaders(HeaderMap.RequestHeaders, visit.fieldsWriter, HEADROOM)) return CacheStep.Forward;
    const fields = visit.fields.view();
    visit.request.begin(fields);
    this.request.begin(visit.request);
    const isMatched = this.cache.match.matches(this.request);
    if (!isMatched && !this.mayChange()) return this.leaveAlone(visit);
    if (isPresent(outcome)) visit.outcome.bytes(outcome);
    this.requests.begin(visit, hasBody);
    if (!isMatched && visit.concern != Concern.Unsafe) return this.leaveAlone(visit);
    // What the request changes is invalid, whether a lookup had an answer or not.
    if (isFailed(outcome) && visit.concern == Concern.Cacheable) visit.pass();
    if (visit.concern == Concern.Pass) visit.forgetRequest();
    if (this.isShadow) return this.watch(visit);
    const step = this.lead(visit);
    this.leadOthersSoon();
    return step;
  }

  /** Whether a request changes what is stored for others: whoever caches what is GET or has a header caches it for this one, too. */
  private mayChange(): bool {
    return !isSafe(this.request.method) && this.cache.match.matchesUri(this.request);
  }

  private leaveAlone(visit: Visit): CacheStep {
    visit.concern = Concern.None;
    visit.forgetRequest();
    return CacheStep.Forward;
  }

  /** What a request waited for is here, or has taken too long; its stream is the effective context. */
  resume(visit: Visit): CacheStep {
    return this.lead(visit);
  }

  /** A response's headers are here; the effective context is its stream. False when the response goes no further. */
  onResponseHeaders(visit: Visit, ends: bool): bool {
    if (visit.concern == Concern.None) return true;
    if (visit.state == VisitState.Answered) {
      correctHeaders(visit);
      return true;
    }
    // A response to a request that waits is another filter's.
    if (visit.state != VisitState.Forwarded) return true;
    this.response.clear();
    if (!copyHeaders(HeaderMap.ResponseHeaders, this.responseWriter)) return true;
    const status = statusOf(getHeader(HeaderMap.ResponseHeaders, STATUS));
    const step = this.responses.onHeaders(visit, this.response.view(), status, ends, readWallClock());
    let goesOn = true;
    if (step == ResponseStep.PassNotModified) visit.isWithoutContent = makeNotModified(this.response.view());
    if (step == ResponseStep.Answer) goesOn = !replaceResponse(this.responses.answer, ends);
    else if (!this.isShadow) this.label();
    visit.kept.drop();
    this.settle();
    return goesOn;
  }

  /** The next `size` bytes of a response's body are here; the effective context is its stream. */
  onResponseBody(visit: Visit, size: i32, ends: bool): void {
    this.record(visit, size, ends);
    if (visit.isWithoutContent && size > 0) dropContent();
  }

  onResponseTrailers(visit: Visit): void {
    if (!visit.recording.isActive) return;
    this.responses.onTrailers(visit, readWallClock());
    this.settle();
  }

  /** A stream is over. */
  onGone(visit: Visit): void {
    this.responses.onGone(visit);
    if (this.idleVisits.length < MOST_IDLE_VISITS) this.idleVisits.push(visit);
    this.leadOthersSoon();
  }

  onRead(fetch: Fetch<Visit>, question: i32, answer: TierAnswer, took: i64): void {
    this.metrics.timed(took);
    this.warn(answer);
    const leader = this.parts.fetches.endRead(fetch, question);
    // Everyone who wanted to know is gone, or has waited for too long.
    if (!leader) return;
    const asksOn = this.reader.heed(fetch, leader, answer, readWallClock());
    if (asksOn && this.asks(fetch, leader)) return;
    this.resumeStream(leader);
    this.leadOthersSoon();
  }

  /** Time has passed. True when there are requests to be led on, but not all at once. */
  tick(): bool {
    this.parts.fetches.releaseOverdue(readWallClock());
    return this.leadOthers();
  }

  sendMetrics(): void {
    const webdis = this.webdis;
    const dependency = this.dependency;
    let isRefusing = false;
    if (this.cache.shared && webdis && dependency) isRefusing = dependency.isRefusing(webdis, now() - BETWEEN_METRICS);
    this.metrics.send(isRefusing);
  }

  /** Frees what the collector does not. The root is being deleted: no stream and no call is left. */
  dispose(): void {
    this.sendMetrics();
    this.metrics.withdraw();
    vmStores().letGo(this.identity);
    this.parts.dispose();
  }

  /** Shadow mode: what could be answered is counted, and responses are stored as they pass. */
  private watch(visit: Visit): CacheStep {
    const now = readWallClock();
    if (this.requests.couldAnswer(visit, now)) {
      visit.concern = Concern.None;
      return CacheStep.Forward;
    }
    visit.state = VisitState.Forwarded;
    visit.requestTime = now;
    return CacheStep.Forward;
  }

  private lead(visit: Visit): CacheStep {
    let step = this.requests.proceed(visit, readWallClock());
    const fetch = visit.fetch;
    if (step == CacheStep.Wait && fetch && visit.isLeading) {
      if (this.asks(fetch, visit)) return step;
      step = this.requests.proceed(visit, readWallClock());
    }
    if (step == CacheStep.Answer) return this.answer(visit);
    if (step != CacheStep.Forward || this.forward(visit)) return step;
    // The upstream would answer a question that nobody has asked.
    visit.pass();
    visit.state = VisitState.Answered;
    refuseRequest();
    return CacheStep.Answer;
  }

  private answer(visit: Visit): CacheStep {
    const isSent = sendAnswer(this.requests.answer, visit);
    visit.forgetRequest();
    if (isSent) return CacheStep.Answer;
    // The proxy does not take it, of so many fields for one: the request goes on as if there were no cache.
    visit.pass();
    visit.state = VisitState.Forwarded;
    return CacheStep.Forward;
  }

  /**
   * Makes a validation of a request that goes upstream, or takes the client's own condition out of it, where that is to be;
   * false when the proxy does not.
   */
  private forward(visit: Visit): bool {
    if (visit.concern != Concern.Cacheable || !(visit.isValidating || visit.hidesCondition)) return true;
    const validation = this.requests.validation;
    return (
      setOrRemove(IF_NONE_MATCH, validation.ifNoneMatch) && setOrRemove(IF_MODIFIED_SINCE, validation.ifModifiedSince)
    );
  }

  private record(visit: Visit, size: i32, ends: bool): void {
    if (!visit.recording.isActive) return;
    const chunk = size > 0 ? getBuffer(BufferType.HttpResponseBody, 0, size) : NONE;
    // Bytes that the host does not hand over are missing in what is recorded.
    if (lengthOf(chunk) < size) this.responses.onTrailers(visit, readWallClock());
    else this.responses.onBody(visit, chunk, ends, readWallClock());
    if (!visit.recording.isActive) this.settle();
  }

  /** Tells in `Cache-Status` what the cache did, and keeps the tags to the mesh. */
  private label(): void {
    this.responses.told.append(this.text.clear(), this.responses.existingCacheStatus);
    replaceHeader(HeaderMap.ResponseHeaders, CACHE_STATUS, this.text.view());
    if (this.responses.hasTags) removeHeader(HeaderMap.ResponseHeaders, this.cache.tagsHeader);
  }

  /** After something was stored, or will not be: those who waited go on, and Redis gets what is new. */
  private settle(): void {
    this.leadOthersSoon();
    const writeBehind = this.writeBehind;
    if (writeBehind) writeBehind.send();
  }

  /** Asks Redis what a fetch is to know. False when no question could be sent: the leader goes on without. */
  private asks(fetch: Fetch<Visit>, leader: Visit): bool {
    const webdis = this.webdis;
    const dependency = this.dependency;
    if (!webdis || !dependency) return false;
    let asksOn = true;
    while (asksOn) {
      fetch.questions++;
      const key = this.reader.keyOf(fetch, leader);
      const read = new CacheRead(this, fetch, key, dependency, webdis, this.cache.maxBodyBytes);
      const unsent = read.send(this.root);
      const now = readWallClock();
      if (!unsent) {
        this.parts.fetches.startRead(fetch, leader, now);
        return true;
      }
      this.warn(unsent);
      asksOn = this.reader.heed(fetch, leader, unsent, now);
    }
    return false;
  }

  private warn(answer: TierAnswer): void {
    const dependency = this.dependency;
    if (answer.isFailed && dependency) warnOfFailure(dependency, answer);
  }

  /**
   * Has everyone led on who has to be. Not now: where a callback answers any request, the proxy takes it that what the
   * callback is about goes no further either.
   */
  private leadOthersSoon(): void {
    if (this.parts.fetches.hasReady) this.pace.hurry();
  }

  /** Leads on as many as may be at once; true when there may be more. */
  private leadOthers(): bool {
    for (let led = 0; led < MOST_AT_ONCE; led++) {
      const visit = this.parts.fetches.nextReady();
      if (!visit) return false;
      // What the host hands over for one of them would otherwise stay until the last one is served.
      this.mark.take();
      this.resumeStream(visit);
      this.mark.release();
    }
    return this.parts.fetches.hasReady;
  }

  private resumeStream(visit: Visit): void {
    const stream = heldStream(visit.stream);
    if (stream) stream.resumeCache();
    else this.responses.onGone(visit);
  }
}

function setOrRemove(name: Slice, value: Slice): bool {
  if (isPresent(value)) return replaceHeader(HeaderMap.RequestHeaders, name, value) == Status.Ok;
  return !couldNot(removeHeader(HeaderMap.RequestHeaders, name));
}
