import { Slice, isPresent } from "as-bytes/assembly";
import {
  ArenaMark,
  HeaderMap,
  RootContext,
  Status,
  findStream,
  replaceHeader,
  setEffectiveContext,
} from "as-proxy-wasm-sdk/assembly";
import { Config } from "../config/config";
import { LookupConfig } from "../config/lookup-config";
import { LookupChain, Step } from "../lookup/chain";
import { Dependency } from "../lookup/dependency";
import { Flight, Landing } from "../lookup/flight";
import { Lookup } from "../lookup/lookup";
import { TierAnswer } from "../lookup/outcome";
import { Passage } from "../lookup/passage";
import { Report } from "../lookup/report";
import { ClientRequest } from "../request/client-request";
import { Store } from "../store/store";
import { applyChanges } from "./apply";
import { ClientHeaders } from "./client-headers";
import { now, readClock } from "./clock";
import { RequestStream } from "./request-stream";
import { askTier } from "./tier-requests";
import { vmJitter, vmStores } from "./vm";

/**
 * One configuration's lookups at work in one VM. It brings requests, tiers and time together and decides nothing: what
 * it calls decides, and knows nothing of the proxy.
 */
export class LookupDriver {
  /** Webdis, as far as calls to it go. */
  readonly webdis: Dependency;
  private chain: LookupChain;
  private lookups: Array<Lookup>;
  private owned: Array<Slice> = [];
  private headers: ClientHeaders;
  private request: ClientRequest = new ClientRequest();
  private mark: ArenaMark = new ArenaMark();
  /** The stores it holds; see `StorePool`. */
  private held: Array<string> = [];

  constructor(
    /** The context that calls are made for. */
    readonly root: RootContext,
    readonly config: Config,
  ) {
    const webdis = config.webdis;
    const lookups: Array<Lookup> = [];
    const launches: Array<Flight> = [];
    this.webdis = new Dependency(webdis ? webdis.maxInFlight : 0);
    this.headers = new ClientHeaders(config.needsManyHeaders);
    this.lookups = lookups;
    this.chain = new LookupChain(lookups, launches, new Report(isPresent(config.debugHeader)));
    for (let i = 0; i < config.lookups.length; i++) {
      const lookup = config.lookups[i];
      lookups.push(new Lookup(lookup, this.hold(lookup), vmJitter(), launches));
      for (let j = 0; j < lookup.owns.length; j++) this.owned.push(lookup.owns[j]);
    }
  }

  /**
   * Leads a request through its lookups as far as it gets now, asks the tiers that it needs asked, and does to the
   * request what was decided unless it has to wait. The request's stream is the effective context.
   */
  drive(passage: Passage): Step {
    this.headers.begin();
    this.request.begin(this.headers);
    let step = this.chain.advance(passage, this.request, now());
    this.launch();
    // A call that could not even be sent has landed by now.
    while (step == Step.Wait && passage.hasLanded) {
      step = this.chain.advance(passage, this.request, now());
      this.launch();
    }
    // A request that cannot be read is not a request without these headers.
    if (step == Step.Continue && this.headers.isUnreadable) step = this.chain.giveUp(passage);
    if (step == Step.Continue) {
      applyChanges(passage.changes.view(), this.request, this.headers, this.owned);
      passage.forgetChanges();
    }
    return step;
  }

  /** A tier's answer is here: the flight goes on to the next tier, or everyone who waits for it is served. */
  onAnswer(flight: Flight, answer: TierAnswer): void {
    flight.lookup.answered(flight, answer, readClock());
    this.launch();
    if (flight.landing == Landing.None) return;
    for (let passage = flight.nextWaiter(); passage; passage = flight.nextWaiter()) {
      // What the host hands over for one waiter would otherwise stay until the last one is served.
      this.mark.take();
      this.resume(passage);
      this.mark.release();
    }
  }

  /** Adds the debug header to a response, when the configuration asks for one. */
  report(passage: Passage): void {
    const name = this.config.debugHeader;
    if (isPresent(name) && passage.report.length > 0) {
      replaceHeader(HeaderMap.ResponseHeaders, name, passage.report.view());
    }
  }

  /** Frees what the collector does not. The root is being deleted: no stream and no call is left. */
  dispose(): void {
    for (let i = 0; i < this.held.length; i++) vmStores().letGo(this.held[i]);
    for (let i = 0; i < this.lookups.length; i++) this.lookups[i].dispose();
    this.owned = [];
    this.config.dispose();
  }

  private launch(): void {
    for (let flight = this.chain.nextLaunch(); flight; flight = this.chain.nextLaunch()) {
      const unsent = askTier(this, flight);
      if (unsent) flight.lookup.answered(flight, unsent, now());
    }
  }

  private resume(passage: Passage): void {
    const stream = findStream(passage.stream);
    // All streams of this plugin are RequestStreams; the check is what keeps the cast from being able to trap.
    if (stream === null || !(stream instanceof RequestStream) || setEffectiveContext(stream.id) != Status.Ok) {
      passage.abandon();
      return;
    }
    (<RequestStream>stream).resume();
  }

  private hold(lookup: LookupConfig): Store | null {
    const local = lookup.local;
    if (!local) return null;
    const identity = this.config.identityOf(lookup);
    this.held.push(identity);
    return vmStores().hold(identity, local.maxEntries, local.maxBytes);
  }
}
