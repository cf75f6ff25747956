import { DataStatus, HeadersStatus, RootContext, Status, TrailersStatus } from "as-proxy-wasm-sdk/assembly";
import { CacheStep } from "../cache/request-phase";
import { Visit } from "../cache/visit";
import { Step } from "../lookup/chain";
import { Passage } from "../lookup/passage";
import { sendAnswer } from "./apply";
import { CacheDriver } from "./cache-driver";
import { ConfiguredFilter } from "./configured-filter";
import { HeldStream } from "./held-stream";
import { Once } from "./once-property";
import { refuseRequest } from "./refusal";

/** Where streams come from, and go when they are over. */
export interface StreamOwner {
  /** What new requests go by; null before the first configuration. */
  readonly filter: ConfiguredFilter | null;

  /** A stream is over; its object may serve another one. */
  retire(stream: RequestStream): void;
}

/** One request and its response. The only place that tells the proxy whether they go on. */
export class RequestStream extends HeldStream {
  private passage: Passage = new Passage();
  /** Its way through the response cache; null before the first one that has one. */
  private visit: Visit | null = null;
  /** What this request goes by from its first header to its last byte; null where there is nothing to go by. */
  private filter: ConfiguredFilter | null = null;
  private hasBody: bool = false;

  constructor(
    root: RootContext,
    private owner: StreamOwner,
  ) {
    super(root);
  }

  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    this.passage.begin(this.id);
    const filter = this.owner.filter;
    this.filter = filter;
    this.hasBody = !endOfStream;
    if (!filter) return HeadersStatus.Continue;
    if (filter.isShadow) {
      filter.lookups.shadow(this.passage);
      this.enterCache(filter);
      return HeadersStatus.Continue;
    }
    switch (this.begin(filter)) {
      case CacheStep.Wait:
        // Reading from the client stops when the proxy's buffer is full; nothing is lost and nothing grows.
        return HeadersStatus.StopAllIterationAndWatermark;
      case CacheStep.Answer:
        return HeadersStatus.StopIteration;
      default:
        return HeadersStatus.Continue;
    }
  }

  resumeLookups(): void {
    const filter = this.filter;
    if (filter && this.lookUp(filter) != CacheStep.Forward) return;
    this.goOn();
  }

  resumeCache(): void {
    const cache = this.cache;
    const visit = this.visit;
    if (cache && visit && cache.resume(visit) != CacheStep.Forward) return;
    this.goOn();
  }

  /** Our own answers pass here, too. */
  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    const filter = this.filter;
    const cache = this.cache;
    const visit = this.visit;
    const goesOn = cache && visit ? cache.onResponseHeaders(visit, endOfStream) : true;
    if (!goesOn) return HeadersStatus.StopIteration;
    if (filter) filter.lookups.report(this.passage);
    return HeadersStatus.Continue;
  }

  onResponseBody(size: i32, endOfStream: bool): DataStatus {
    const cache = this.cache;
    const visit = this.visit;
    if (cache && visit) cache.onResponseBody(visit, size, endOfStream);
    return DataStatus.Continue;
  }

  onResponseTrailers(count: i32): TrailersStatus {
    const cache = this.cache;
    const visit = this.visit;
    if (cache && visit) cache.onResponseTrailers(visit);
    return TrailersStatus.Continue;
  }

  onDelete(): void {
    const filter = this.filter;
    const cache = this.cache;
    const visit = this.visit;
    if (cache && visit) cache.onGone(visit);
    // In shadow mode requests do not wait for what is decided about them: it goes on without this object.
    if (filter && filter.isShadow && this.passage.isWaiting) this.passage = new Passage();
    this.passage.abandon();
    this.passage.forgetChanges();
    this.filter = null;
    this.visit = null;
    this.owner.retire(this);
  }

  /** Lets a request that was held go on. */
  private goOn(): void {
    if (this.continueRequest() != Status.Ok) refuseRequest();
  }

  private get cache(): CacheDriver | null {
    const filter = this.filter;
    return filter ? filter.cache : null;
  }

  private begin(filter: ConfiguredFilter): CacheStep {
    switch (filter.claimLookups()) {
      case Once.First:
        return this.lookUp(filter);
      case Once.Again:
        return this.enterCache(filter);
      default:
        refuseRequest();
        return CacheStep.Answer;
    }
  }

  /** Leads the request through its lookups, as far as it gets now, and then into the cache. */
  private lookUp(filter: ConfiguredFilter): CacheStep {
    switch (filter.lookups.drive(this.passage)) {
      case Step.Wait:
        return CacheStep.Wait;
      case Step.Answer:
        sendAnswer(this.passage.changes.view());
        this.passage.forgetChanges();
        return CacheStep.Answer;
      case Step.Refuse:
        refuseRequest();
        return CacheStep.Answer;
      default:
        return this.enterCache(filter);
    }
  }

  private enterCache(filter: ConfiguredFilter): CacheStep {
    if (!filter.handOver()) {
      refuseRequest();
      return CacheStep.Answer;
    }
    const cache = filter.cache;
    if (!cache) return CacheStep.Forward;
    const visit = cache.takeVisit(this.id);
    this.visit = visit;
    return cache.onRequest(visit, this.hasBody, filter.outcome);
  }
}
