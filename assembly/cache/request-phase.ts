import { HEADROOM, NONE, Slice, isPresent, lengthOf, memoryIsLeftFor, persist } from "as-bytes/assembly";
import { HeaderSink } from "../text/header-list";
import { CacheCount } from "../telemetry/cache-counts";
import { Answer } from "./answer";
import { CacheParts } from "./cache-parts";
import { CacheStatus, Forwarded } from "./cache-status";
import { Fetch, FetchState } from "./fetch";
import { PrimaryKeys, uriHashOf } from "./key";
import { ConnectionPort } from "./overrides";
import { classify } from "./request-kind";
import { Reuse, ReusePolicy, mayForward } from "./reuse-policy";
import { ReuseTerms } from "./reuse-terms";
import { StoredHeaders } from "./stored-headers";
import { Finding } from "./stored-responses";
import { ValidationRequest } from "./validation";
import { Concern, Visit, VisitState } from "./visit";

const CONTENT_TYPE = persist("content-type");

/** Longer keys are nobody's twice: what they cost is not worth what they save. */
const MAX_KEY: i32 = 16 * 1024;

/** What `Cache-Status` says of a response that came from Redis, and of one that nobody could give. */
const REDIS = persist("redis");
const ONLY_IF_CACHED = persist("only-if-cached");

/** What becomes of a request now. */
export enum CacheStep {
  /** It goes upstream, with the preconditions of `validation` if `visit.isValidating` or `visit.hidesCondition`. */
  Forward,
  /** It is answered with `answer`. */
  Answer,
  /** It is held until it is led on: if it leads a fetch, until Redis has said what there is; else until that is over. */
  Wait,
}

/** Decides on requests: answered from the store, held, or forwarded (RFC 9111 §4). */
export class RequestPhase {
  readonly answer: Answer;
  readonly validation: ValidationRequest = new ValidationRequest();

  private keys: PrimaryKeys;
  private reuse: ReusePolicy = new ReusePolicy();
  private terms: ReuseTerms = new ReuseTerms();
  private told: CacheStatus = new CacheStatus();
  private stored: StoredHeaders = new StoredHeaders();

  /** The answer's fields go to `answerFields`. */
  constructor(
    private parts: CacheParts,
    answerFields: HeaderSink,
    private connection: ConnectionPort,
  ) {
    this.answer = new Answer(answerFields);
    this.keys = new PrimaryKeys(parts.config.ignoredQuery, parts.config.keyHeaders);
  }

  /**
   * A request has arrived that the configuration's `match` lets in; `visit` has its fields and `outcome`. Sets what the cache
   * has to do with it, and its key.
   */
  begin(visit: Visit, hasBody: bool): void {
    classify(visit, hasBody);
    if (visit.concern == Concern.Pass) return;
    const key = visit.key.clear();
    this.keys.append(key, visit.request, visit.outcome.length > 0 ? visit.outcome.view() : NONE);
    visit.uriLength = this.keys.uriLength;
    visit.uriHash = uriHashOf(key.view(), visit.uriLength);
    if (key.length > MAX_KEY || this.keys.isOverridden(visit.request, this.connection)) visit.pass();
  }

  /** Leads a request on: one that has just arrived, or whose waiting is over. */
  proceed(visit: Visit, now: i64): CacheStep {
    if (visit.concern != Concern.Cacheable) return this.pass(visit, now);
    const parts = this.parts;
    parts.directives.readRequest(visit.request);
    // Nothing of what it brings is stored for others.
    if (parts.directives.noStore) visit.canLead = false;
    const hasStored = this.finds(visit);
    if (hasStored && this.answersFromStore(visit, now)) {
      parts.collapse.serve(visit);
      return CacheStep.Answer;
    }
    // What it has waited for is here and good, and not what it wants: others would not be what it wants either.
    if (visit.hasWaited && hasStored && this.terms.isUsableAt(now)) visit.mayWait = false;
    // It asks for everybody, or has waited for long enough.
    if (visit.isLeading || !visit.mayWait) {
      if (mayForward(parts.directives)) return this.forward(visit, hasStored, now);
      // Redis has been asked, and the client wants no more than that: the lead is somebody else's.
      return this.refuse(visit);
    }
    return this.ask(visit, hasStored, now);
  }

  /** What is shown of a request in shadow mode: whether it could have been answered from the store. */
  couldAnswer(visit: Visit, now: i64): bool {
    const counts = this.parts.counts;
    if (visit.concern != Concern.Cacheable) {
      counts.add(CacheCount.Passes);
      return false;
    }
    this.parts.directives.readRequest(visit.request);
    if (this.finds(visit) && this.answersFromStore(visit, now)) return true;
    counts.add(CacheCount.Misses);
    return false;
  }

  /** Whether the store has a response for it that has not been invalidated; it is in `parts.responses.found`. */
  private finds(visit: Visit): bool {
    const responses = this.parts.responses;
    const finding = responses.find(visit.key.view(), visit.uriHash, visit.request);
    visit.forwarded = finding == Finding.VaryMiss ? Forwarded.VaryMiss : Forwarded.UriMiss;
    if (finding != Finding.Found) return false;
    responses.found.readTerms(this.terms);
    return true;
  }

  private answersFromStore(visit: Visit, now: i64): bool {
    const found = this.parts.responses.found;
    const terms = this.terms;
    const isFresh = terms.isFreshAt(now);
    const reuse = this.reuse.decide(terms, this.parts.directives, now);
    visit.forwarded = isFresh ? Forwarded.Request : Forwarded.Stale;
    switch (reuse) {
      case Reuse.Serve:
        break;
      case Reuse.ServeWhileRevalidating:
        // The first one validates it, in the foreground: only its own request takes the way that the proxy has for it.
        if (this.isLeftToValidate(visit, now)) return false;
        break;
      default:
        // The last attempt has just failed: until the next one is due, the stored response stands in.
        if (now >= found.retryAt || this.reuse.usableOnErrorFor == 0) return false;
        break;
    }
    visit.state = VisitState.Answered;
    this.parts.fetches.letGo(visit);
    this.tell(visit, now);
    this.parts.counts.add(isFresh ? (visit.hasRead ? CacheCount.RedisHits : CacheCount.Hits) : CacheCount.StaleHits);
    this.answer.compose(visit.request, found.status, found.fields, found.body, terms, now, this.told);
    return true;
  }

  /** Whether the response that may be served stale has nobody yet who validates it. */
  private isLeftToValidate(visit: Visit, now: i64): bool {
    if (visit.hasWaited || !visit.isGet || now < this.parts.responses.found.retryAt) return false;
    return visit.isLeading || this.parts.fetches.find(this.parts.responses.soughtKey) == null;
  }

  private tell(visit: Visit, now: i64): void {
    const told = this.told;
    told.clear();
    told.hasTtl = true;
    told.ttl = this.terms.lifetime - this.terms.ageAt(now);
    // "fwd=…; collapsed": it would have gone upstream, had not another one been there already.
    if (visit.hasWaited && !visit.isLeading) {
      told.forwarded = Forwarded.Miss;
      told.collapsed = true;
      told.hasTtl = false;
    }
    told.detail = visit.hasRead && !told.collapsed ? REDIS : NONE;
  }

  /** Nothing stored will do: somebody is asked. */
  private ask(visit: Visit, hasStored: bool, now: i64): CacheStep {
    const parts = this.parts;
    const directives = parts.directives;
    const reads = parts.shared != null && !visit.hasRead && !directives.noCache && directives.maxAge != 0;
    if (!mayForward(directives) && !reads) return this.refuse(visit);
    const key = parts.responses.soughtKey;
    // A client that wants nothing but what is stored may still find that in Redis.
    if (mayForward(directives) && parts.collapse.isHitForMiss(visit, key, now)) {
      return this.forward(visit, hasStored, now);
    }
    const out = parts.fetches.find(key);
    if (out) return this.join(out, visit, hasStored, now);
    // A validation asks for the whole, whatever the client asked.
    if (!reads && !visit.canLead && !(hasStored && visit.isGet)) return this.forward(visit, hasStored, now);
    parts.fetches.open(key, visit);
    if (!reads) return this.forward(visit, hasStored, now);
    visit.hasRead = true;
    return CacheStep.Wait;
  }

  private join(fetch: Fetch<Visit>, visit: Visit, hasStored: bool, now: i64): CacheStep {
    // Requests may wait in any number, each with what it has.
    const size = <u64>visit.fields.length + <u64>visit.key.length;
    if (!memoryIsLeftFor(3 * size, HEADROOM)) {
      return mayForward(this.parts.directives) ? this.forward(visit, hasStored, now) : this.refuse(visit);
    }
    if (!visit.hasWaited) this.parts.counts.add(CacheCount.Collapsed);
    this.parts.fetches.join(fetch, visit, now);
    return CacheStep.Wait;
  }

  private refuse(visit: Visit): CacheStep {
    this.parts.fetches.leave(visit);
    this.parts.counts.add(CacheCount.Unsatisfied);
    visit.state = VisitState.Answered;
    this.told.clear();
    this.told.isGenerated = true;
    this.told.detail = ONLY_IF_CACHED;
    this.answer.composeUnsatisfied(this.told);
    return CacheStep.Answer;
  }

  private pass(visit: Visit, now: i64): CacheStep {
    visit.requestTime = now;
    visit.state = VisitState.Forwarded;
    this.parts.counts.add(CacheCount.Passes);
    return CacheStep.Forward;
  }

  private forward(visit: Visit, hasStored: bool, now: i64): CacheStep {
    const fetch = visit.fetch;
    visit.state = VisitState.Forwarded;
    visit.requestTime = now;
    visit.isReplaceable = true;
    this.parts.fetches.letGo(visit);
    if (hasStored) this.prepareValidation(visit);
    this.parts.counts.add(CacheCount.Misses);
    if (!visit.isLeading || !fetch) return CacheStep.Forward;
    this.askForWhole(visit);
    fetch.state = FetchState.Upstream;
    // What it brings is not for others.
    if (!visit.canLead && !visit.isValidating) this.giveUpLead(visit);
    return CacheStep.Forward;
  }

  /** A 304 to the client's own condition cannot be stored, nor be given to others; the whole answers it as well. */
  private askForWhole(visit: Visit): void {
    if (!visit.isConditional || !visit.canLead || visit.isValidating) return;
    visit.hidesCondition = true;
    this.validation.clear();
  }

  private giveUpLead(visit: Visit): void {
    if (visit.isLeading) this.parts.fetches.leave(visit);
  }

  /** Keeps a copy of the stored response, and asks the upstream about it where there is something to ask. */
  private prepareValidation(visit: Visit): void {
    const found = this.parts.responses.found;
    this.stored.begin(found.fields);
    if (!this.validation.prepare(visit.request, this.stored) || !this.canStandIn()) return;
    if (!visit.kept.keep(this.parts.responses.foundBytes)) return;
    visit.isValidating = true;
    visit.hidesCondition = visit.isConditional;
    // What `prepare` found are views of the store: the same ones of the copy live as long as the request.
    this.stored.begin(visit.kept.response.fields);
    this.validation.prepare(visit.request, this.stored);
  }

  /** Whether the stored response can take the place of a 304: the proxy would invent a content type where it has none. */
  private canStandIn(): bool {
    return lengthOf(this.parts.responses.found.body) == 0 || isPresent(this.stored.first(CONTENT_TYPE));
  }
}
