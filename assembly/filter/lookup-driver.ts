import { HEADROOM, NONE, Slice, isPresent, memoryIsLeftFor } from "as-bytes/assembly";
import { ArenaMark, HeaderMap, LogLevel, RootContext, logEnabled, replaceHeader } from "as-proxy-wasm-sdk/assembly";
import { Config } from "../config/config";
import { hasName } from "../config/header-name";
import { LookupConfig } from "../config/lookup-config";
import { LookupChain, Step } from "../lookup/chain";
import { Dependencies } from "../tier/dependency";
import { Landing, LookupFlight } from "../lookup/lookup-flight";
import { Lookup } from "../lookup/lookup";
import { TierConfig, UpstreamConfig } from "../config/upstream-config";
import { WebdisConfig } from "../config/webdis-config";
import { Warning } from "../telemetry/warnings";
import { FailureClass, Tier, TierAnswer, tierName } from "../tier/outcome";
import { Passage } from "../lookup/passage";
import { Report } from "../lookup/report";
import { ClientRequest } from "../request/client-request";
import { Store } from "../store/store";
import { applyChanges } from "./apply";
import { replyHeaders } from "./call-reply";
import { logBadRecord, warnOfFailure } from "./call-warnings";
import { ClientHeaders } from "./client-headers";
import { now } from "./clock";
import { heldStream } from "./held-stream";
import { LogTrace } from "./log-trace";
import { LookupMetrics } from "./lookup-metrics";
import { outcomeOf } from "./lookup-outcome";
import { MOST_AT_ONCE, Pace } from "./pace";
import { ShadowLog } from "./shadow-log";
import { TierCall, TierListener } from "./tier-call";
import { vmJitter, vmStores, vmWarnings } from "./vm";
import { WriteBehind } from "./write-behind";

/**
 * One configuration's lookups at work in one VM. It brings requests, tiers and time together and decides nothing: what
 * it calls decides, and knows nothing of the proxy.
 */
export class LookupDriver implements TierListener {
  private trace: LogTrace = new LogTrace();
  private lookupReport: Report = new Report(false);
  /** Flights that have landed and whose waiters have not all been served, in the order of their landing. */
  private landed: Array<LookupFlight<Passage>> = [];
  private lookups: Array<Lookup> = [];
  private chain: LookupChain = new LookupChain(this.lookups, this.lookupReport, this.trace);
  private metrics: Array<LookupMetrics> = [];
  private shadowLog: ShadowLog | null = null;
  private owned: Array<Slice> = [];
  /** After `drive` said `Continue`: what the lookups did, for a cache; good until the next request. */
  lastOutcome: Slice = NONE;
  private headers: ClientHeaders;
  private request: ClientRequest;
  private mark: ArenaMark = new ArenaMark();
  /** The stores it holds; see `StorePool`. */
  private held: Array<string> = [];

  constructor(
    /** The context that calls are made for. */
    readonly root: RootContext,
    readonly config: Config,
    /** What is called. */
    readonly dependencies: Dependencies,
    private writeBehind: WriteBehind | null,
    private pace: Pace,
  ) {
    this.headers = new ClientHeaders(config.needsManyHeaders || config.shadow);
    this.request = new ClientRequest(config.shadowMode.path, config.shadowMode.host);
    if (config.shadow) this.shadowLog = new ShadowLog();
    for (let i = 0; i < config.lookups.length; i++) this.addLookup(config.lookups[i], i);
  }

  /** Whether requests go on as they are, whatever is decided. */
  get isShadow(): bool {
    return this.config.shadow;
  }

  /**
   * Leads a request through its lookups as far as it gets now, asks the tiers that it needs asked, and does to the
   * request what was decided unless it has to wait. The request's stream is the effective context.
   */
  drive(passage: Passage): Step {
    if (this.lookups.length == 0) return Step.Continue;
    this.headers.begin();
    const step = this.lead(passage);
    if (step == Step.Continue) {
      const changes = passage.changes.view();
      const isApplied = applyChanges(changes, this.request, this.headers, this.owned);
      this.lastOutcome = outcomeOf(changes, passage.hasFailed);
      passage.forgetChanges();
      if (!isApplied) return Step.Refuse;
    }
    return step;
  }

  /** An earlier instance has done for a request what the lookups would do. */
  skip(): void {
    this.lastOutcome = NONE;
  }

  /**
   * Shadow mode: leads a request through its lookups, and logs what they would have done to it. Where they have to wait,
   * the passage keeps a copy of the request's headers and needs no stream any more: the request may be over by then.
   */
  shadow(passage: Passage): void {
    this.headers.begin(passage.headers);
    if (this.lead(passage) == Step.Wait) {
      if (!passage.headers) passage.headers = memoryIsLeftFor(HEADROOM) ? this.headers.snapshot() : null;
      if (!passage.headers) passage.abandon();
      return;
    }
    const log = this.shadowLog;
    if (log) log.decided(passage.changes.view(), passage.report.view(), this.request, this.owned);
    passage.forgetChanges();
  }

  /** The flight goes on to the next tier, or everyone who waits for it is served. */
  onAnswer(flight: LookupFlight<Passage>, answer: TierAnswer, took: i64): void {
    this.metrics[flight.lookup].timed(flight.tier, took);
    this.heed(flight, answer);
    this.launch();
    if (flight.landing == Landing.None) return;
    this.landed.push(flight);
    if (this.serve()) this.pace.hurry();
    const writeBehind = this.writeBehind;
    if (writeBehind) writeBehind.send();
  }

  /** Time has passed. True when there are waiting requests that can be served, but not all at once. */
  tick(): bool {
    return this.landed.length > 0 ? this.serve() : false;
  }

  /** Adds the debug header to a response, when the configuration asks for one. */
  report(passage: Passage): void {
    const name = this.config.debugHeader;
    if (isPresent(name) && passage.report.length > 0) {
      replaceHeader(HeaderMap.ResponseHeaders, name, passage.report.view());
    }
  }

  /** Tells the proxy what was counted since the last time. */
  sendMetrics(): void {
    for (let i = 0; i < this.metrics.length; i++) this.metrics[i].send(this.dependencies, now());
    const log = this.shadowLog;
    if (log) log.sendMetrics();
  }

  /** Frees what the collector does not. The root is being deleted: no stream and no call is left. */
  dispose(): void {
    this.sendMetrics();
    for (let i = 0; i < this.metrics.length; i++) this.metrics[i].withdraw();
    for (let i = 0; i < this.held.length; i++) vmStores().letGo(this.held[i]);
    for (let i = 0; i < this.lookups.length; i++) this.lookups[i].dispose();
    this.owned = [];
  }

  private addLookup(config: LookupConfig, index: i32): void {
    const store = this.hold(config);
    const writeBehind = this.writeBehind;
    const lookup = new Lookup(config, index, store, vmJitter(), writeBehind ? writeBehind.redis : null);
    this.lookups.push(lookup);
    this.metrics.push(new LookupMetrics(lookup, store, this.config.webdis));
    for (let i = 0; i < config.owns.length; i++) {
      if (!hasName(this.owned, config.owns[i])) this.owned.push(config.owns[i]);
    }
  }

  /** Leads a request on, whose headers have been begun. */
  private lead(passage: Passage): Step {
    const isTraced = logEnabled(LogLevel.Trace);
    this.trace.isWanted = isTraced;
    this.lookupReport.wanted = isTraced || this.config.shadow || isPresent(this.config.debugHeader);
    this.request.begin(this.headers);
    let step = this.chain.advance(passage, this.request, now());
    this.launch();
    // A call that could not even be sent has landed by now.
    while (step == Step.Wait && passage.hasLanded) {
      step = this.chain.advance(passage, this.request, now());
      this.launch();
    }
    // A request that cannot be read is not a request without these headers, also where it was to wait or is answered.
    if (this.headers.isUnreadable) {
      passage.abandon();
      step = this.chain.giveUp(passage);
    }
    if (isTraced && step != Step.Wait) this.trace.decided(passage.report.view());
    return step;
  }

  /** Serves those who wait for flights that have landed, as many as may be at once; true when there may be more. */
  private serve(): bool {
    for (let served = 0; served < MOST_AT_ONCE; served++) {
      const passage = this.nextWaiter();
      if (!passage) return false;
      // What the host hands over for one waiter would otherwise stay until the last one is served.
      this.mark.take();
      this.resume(passage);
      this.mark.release();
    }
    return this.landed.length > 0;
  }

  /** The next request whose flight has landed; null when there is none. */
  private nextWaiter(): Passage | null {
    while (this.landed.length > 0) {
      const passage = this.landed[0].waiters.shift();
      if (passage) return passage;
      this.landed.shift();
    }
    return null;
  }

  private launch(): void {
    for (let flight = this.chain.nextToAsk(); flight; flight = this.chain.nextToAsk()) {
      const unsent = this.ask(flight);
      if (unsent) this.heed(flight, unsent);
    }
  }

  /** Asks a flight's present tier; null when the question is out, else why it could not be sent. */
  private ask(flight: LookupFlight<Passage>): TierAnswer | null {
    const webdis: WebdisConfig | null = flight.tier == Tier.Webdis ? this.config.webdis : null;
    const limits: TierConfig | null = webdis ? webdis : flight.config.service;
    // A flight only has tiers that the configuration names.
    if (!limits) return TierAnswer.failed(FailureClass.Unavailable, "no such tier");
    return new TierCall(this, flight, this.dependencies.to(limits.cluster), limits, webdis).send(this.root);
  }

  private heed(flight: LookupFlight<Passage>, answer: TierAnswer): void {
    const tier = flight.tier;
    const said = this.chain.answered(flight, answer, now(), replyHeaders);
    if (this.trace.isWanted) this.trace.answered(flight.config, tier, said);
    if (said.isFailed) this.warn(flight, tier, said);
  }

  private warn(flight: LookupFlight<Passage>, tier: Tier, answer: TierAnswer): void {
    const lookup = flight.config;
    const upstream: UpstreamConfig | null = tier == Tier.Webdis ? this.config.webdis : lookup.service;
    if (answer.isOutage || answer.failure != FailureClass.Invalid) {
      if (upstream) warnOfFailure(this.dependencies.to(upstream.cluster), answer);
      return;
    }
    vmWarnings().raise(Warning.BadRecord, `${lookup.name} (${tierName(tier)})`, answer.reason, now());
    if (logEnabled(LogLevel.Debug)) logBadRecord(lookup.name, tierName(tier), flight.key, answer.reason);
  }

  private resume(passage: Passage): void {
    if (this.isShadow) {
      this.shadow(passage);
      return;
    }
    const stream = heldStream(passage.stream);
    if (stream) stream.resumeLookups();
    else passage.abandon();
  }

  private hold(lookup: LookupConfig): Store | null {
    const local = lookup.local;
    if (!local) return null;
    const identity = this.config.identityOf(lookup);
    this.held.push(identity);
    return vmStores().hold(identity, local.maxEntries, local.maxBytes);
  }
}
