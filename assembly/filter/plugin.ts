import { Slice, isPresent, lengthOf } from "as-bytes/assembly";
import {
  HeaderMap,
  RootContext,
  Status,
  StreamContext,
  environmentVariable,
  findStream,
  logError,
  replaceHeader,
  setEffectiveContext,
  setTickPeriod,
} from "as-proxy-wasm-sdk/assembly";
import { Config, parseConfig } from "../config/config";
import { LookupConfig } from "../config/lookup-config";
import { WebdisConfig } from "../config/webdis-config";
import { LookupChain, Step } from "../lookup/chain";
import { Flight, Landing } from "../lookup/flight";
import { Lookup } from "../lookup/lookup";
import { TierAnswer } from "../lookup/outcome";
import { Passage } from "../lookup/passage";
import { Report } from "../lookup/report";
import { ClientRequest } from "../request/client-request";
import { Store } from "../store/store";
import { applyChanges } from "./apply";
import { ClientHeaders } from "./client-headers";
import { TICK, now, readClock } from "./clock";
import { RequestStream } from "./request-stream";
import { askTier } from "./tier-requests";
import { vmJitter, vmStores } from "./vm";

/**
 * One configuration at work in one VM: the root context. It brings requests, tiers and time together and decides
 * nothing; what it calls decides, and knows nothing of the proxy.
 */
export class Plugin extends RootContext {
  private config: Config = new Config();
  /** Configurations before it, which calls in flight may still look at. */
  private formerConfigs: Array<Config> = [];
  private chain: LookupChain | null = null;
  private owned: Array<Slice> = [];
  private headers: ClientHeaders = new ClientHeaders(false);
  private request: ClientRequest = new ClientRequest();
  private idleStreams: Array<RequestStream> = [];
  /** The stores this configuration holds; see `StorePool`. */
  private held: Array<string> = [];

  /** Takes the configuration as a whole or, with every error in the log, not at all. */
  onConfigure(size: i32): bool {
    const json = this.configuration();
    // A configuration that cannot be read is not an empty one: that would let through what it was to stop.
    if (lengthOf(json) != size) {
      logError("configuration refused: the proxy did not hand it over");
      return false;
    }
    const parsed = parseConfig(json);
    const config = parsed.config;
    if (!config) {
      for (let i = 0; i < parsed.errors.length; i++) logError("configuration refused: " + parsed.errors[i]);
      return false;
    }
    if (!readPassword(config.webdis)) return false;
    this.use(config);
    readClock();
    return setTickPeriod(TICK) == Status.Ok;
  }

  onTick(): void {
    readClock();
  }

  createStream(id: u32): StreamContext {
    return this.idleStreams.length > 0 ? this.idleStreams.pop() : new RequestStream(this);
  }

  onDelete(): void {
    letGo(this.held);
    this.config.dispose();
    for (let i = 0; i < this.formerConfigs.length; i++) this.formerConfigs[i].dispose();
  }

  /** A stream is over; its object may serve another one. */
  retire(stream: RequestStream): void {
    this.idleStreams.push(stream);
  }

  /**
   * Leads a request through its lookups as far as it gets now, asks the tiers that it needs asked, and does to the
   * request what was decided unless it has to wait. The request's stream is the effective context.
   */
  drive(passage: Passage): Step {
    const chain = this.chain;
    if (!chain) return Step.Continue;
    this.headers.begin();
    this.request.begin(this.headers);
    let step = chain.advance(passage, this.request, now());
    this.launch(chain);
    // A call that could not even be sent has landed by now.
    while (step == Step.Wait && passage.hasLanded) {
      step = chain.advance(passage, this.request, now());
      this.launch(chain);
    }
    if (step == Step.Continue) applyChanges(passage.changes.view(), this.request, this.headers, this.owned);
    return step;
  }

  /** A tier's answer is here: the flight goes on to the next tier, or everyone who waits for it is served. */
  onAnswer(flight: Flight, answer: TierAnswer): void {
    const chain = this.chain;
    if (!chain) return;
    flight.lookup.answered(flight, answer, readClock());
    this.launch(chain);
    if (flight.landing == Landing.None) return;
    for (let passage = flight.nextWaiter(); passage; passage = flight.nextWaiter()) this.resume(passage);
  }

  /** Adds the debug header to a response, when the configuration asks for one. */
  report(passage: Passage): void {
    const name = this.config.debugHeader;
    if (isPresent(name) && passage.report.length > 0) {
      replaceHeader(HeaderMap.ResponseHeaders, name, passage.report.view());
    }
  }

  private launch(chain: LookupChain): void {
    for (let flight = chain.nextLaunch(); flight; flight = chain.nextLaunch()) {
      const unsent = askTier(this, flight, this.config.webdis);
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

  private use(config: Config): void {
    const heldBefore = this.held;
    this.formerConfigs.push(this.config);
    this.held = [];
    this.owned = [];
    const launches: Array<Flight> = [];
    const lookups: Array<Lookup> = [];
    for (let i = 0; i < config.lookups.length; i++) {
      const lookup = config.lookups[i];
      lookups.push(new Lookup(lookup, this.hold(config, lookup), vmJitter(), launches));
      for (let j = 0; j < lookup.owns.length; j++) this.owned.push(lookup.owns[j]);
    }
    const report = new Report(isPresent(config.debugHeader));
    this.chain = lookups.length == 0 ? null : new LookupChain(lookups, launches, report);
    this.headers = new ClientHeaders(config.needsManyHeaders);
    this.config = config;
    letGo(heldBefore);
  }

  private hold(config: Config, lookup: LookupConfig): Store | null {
    const local = lookup.local;
    if (!local) return null;
    const identity = config.identityOf(lookup);
    this.held.push(identity);
    return vmStores().hold(identity, local.maxEntries, local.maxBytes);
  }
}

function letGo(held: Array<string>): void {
  for (let i = 0; i < held.length; i++) vmStores().letGo(held[i]);
}

/** Takes Webdis' password from the VM's environment where the configuration says so; false when it is not there. */
function readPassword(webdis: WebdisConfig | null): bool {
  if (!webdis || webdis.passwordEnv.length == 0) return true;
  const password = environmentVariable(webdis.passwordEnv);
  if (password === null) {
    const name = webdis.passwordEnv;
    logError(
      `configuration refused: webdis.passwordEnv: the VM has no environment variable ${name} (set it in vmConfig)`,
    );
    return false;
  }
  webdis.setPassword(password);
  return true;
}
