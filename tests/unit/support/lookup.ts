import { readChanges, type Change } from "./route.ts";
import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** The classes of failure and the tiers, by number. */
export const FAILURES = ["none", "timeout", "unavailable", "invalid", "overload"] as const;
export const TIERS = ["none", "local", "webdis", "service"] as const;
const LANDINGS = ["out", "record", "missing", "failed"] as const;
const STEPS = ["continue", "answer", "wait"] as const;

export type Failure = (typeof FAILURES)[number];

const fn = {
  beginRequest: unit.function("beginRequest", [], "void"),
  addHeader: unit.function("addHeader", ["bytes", "bytes"], "void"),
  begin: unit.function("chainBegin", ["bool"], "void"),
  addLookups: unit.function("chainAddLookups", ["bytes"], "text"),
  nextFill: unit.function("nextFill", ["i64"], "text"),
  beginTrace: unit.function("traceBegin", [], "void"),
  traceLines: unit.function("traceLines", [], "text"),
  takeCount: unit.function("takeCount", ["i32", "text"], "i32"),
  advance: unit.function("chainAdvance", ["object", "i64"], "i32"),
  nextLaunch: unit.function("chainNextLaunch", [], "object"),
  flightCount: unit.function("lookupFlightCount", ["i32"], "i32"),
  entries: unit.function("lookupEntries", ["i32"], "i32"),
  newPassage: unit.function("newPassage", ["i32"], "object"),
  beginPassage: unit.function("passageBegin", ["object", "i32"], "void"),
  abandon: unit.function("passageAbandon", ["object"], "void"),
  forgetChanges: unit.function("passageForgetChanges", ["object"], "void"),
  hasLanded: unit.function("passageHasLanded", ["object"], "bool"),
  changes: unit.function("passageChanges", ["object"], "bytes"),
  report: unit.function("passageReport", ["object"], "bytes"),
  flightLookup: unit.function("flightLookup", ["object"], "text"),
  tier: unit.function("flightTier", ["object"], "i32"),
  key: unit.function("flightKey", ["object"], "bytes"),
  servicePath: unit.function("flightServicePath", ["object"], "bytes"),
  serviceHeaders: unit.function("flightServiceHeaders", ["object"], "bytes"),
  landing: unit.function("flightLanding", ["object"], "i32"),
  leave: unit.function("flightLeave", ["object", "object"], "void"),
  nextWaiter: unit.function("flightNextWaiter", ["object"], "object"),
  found: unit.function("flightFound", ["object", "bytes", "i64"], "void"),
  missing: unit.function("flightMissing", ["object", "i64"], "void"),
  failed: unit.function("flightFailed", ["object", "i32", "text", "i64"], "void"),
  replied: unit.function("flightReplied", ["object", "i32", "optionalBytes", "i64"], "void"),
};

export const resortOf = unit.function("resortOf", ["i32", "i32", "bool"], "i32");
export const actionStatusOf = unit.function("actionStatusOf", ["i32", "i32"], "i32");
const addToReport = unit.function("reportAdd", ["bool", "object", "text", "i32", "i64", "text"], "void");

/** A lookup that asks Redis and then the service, without jitter; what is given takes the place of that. */
export function lookupOf(given: object = {}): object {
  return {
    name: "route",
    key: "route:{path[0]}",
    service: { cluster: "routing", path: "/routes?path={path}" },
    local: { jitter: "0%" },
    ...given,
  };
}

/** One request on its way. */
export class TestPassage {
  /** What is to be done with it, as of its latest step. */
  step: (typeof STEPS)[number] = "continue";

  constructor(
    readonly handle: number,
    public stream: number,
    public headers: Record<string, string>,
  ) {}

  get changes(): Change[] {
    return readChanges(fn.changes(this.handle));
  }

  get report(): string {
    return Buffer.from(fn.report(this.handle)).toString();
  }

  get hasLanded(): boolean {
    return fn.hasLanded(this.handle);
  }

  /** What was decided has been done. */
  forgetChanges(): void {
    fn.forgetChanges(this.handle);
  }

  /** Its client goes away. */
  abandon(): void {
    fn.abandon(this.handle);
  }
}

/** One question on its way, and what the present tier may say to it. */
export class TestFlight {
  constructor(
    readonly handle: number,
    private readonly chain: TestChain,
  ) {}

  get lookup(): string {
    return fn.flightLookup(this.handle);
  }

  get tier(): string | undefined {
    return TIERS[fn.tier(this.handle)];
  }

  get landing(): string | undefined {
    return LANDINGS[fn.landing(this.handle)];
  }

  get key(): string {
    return Buffer.from(fn.key(this.handle)).toString();
  }

  get servicePath(): string {
    return Buffer.from(fn.servicePath(this.handle)).toString();
  }

  get serviceHeaders(): Change[] {
    return readChanges(fn.serviceHeaders(this.handle));
  }

  /** A request waits for it no longer, if it did. */
  leave(passage: TestPassage): void {
    fn.leave(this.handle, passage.handle);
  }

  found(record: object | string): this {
    fn.found(this.handle, typeof record === "string" ? record : JSON.stringify(record), this.time);
    return this;
  }

  missing(): this {
    fn.missing(this.handle, this.time);
    return this;
  }

  failed(failure: Failure, reason = "why"): this {
    fn.failed(this.handle, FAILURES.indexOf(failure), reason, this.time);
    return this;
  }

  /** A reply of a tier, as the proxy hands it over. */
  replied(status: number, body: string | null): this {
    fn.replied(this.handle, status, body, this.time);
    return this;
  }

  private get time(): bigint {
    return BigInt(this.chain.now);
  }
}

/** Lookups and the requests that pass them, with a clock and tiers that do as the test says. One at a time. */
export class TestChain {
  /** Milliseconds. */
  now = 1_000_000;
  private streams = 0;
  private readonly passages = new Map<number, TestPassage>();

  constructor(lookups: object[] = [lookupOf()], reports = true) {
    fn.begin(reports);
    const errors = fn.addLookups(JSON.stringify({ webdis: { cluster: "webdis" }, lookups }));
    if (errors !== "") throw new Error(errors);
  }

  /** What would be written to Redis next, as `key ttl value`; empty when nothing would. */
  nextFill(): string {
    return fn.nextFill(BigInt(this.now));
  }

  /** Listens to the steps from now on; `trace` tells them. */
  beginTrace(): void {
    fn.beginTrace();
  }

  get trace(): string[] {
    return fn.traceLines().split("\n");
  }

  /** A count of a lookup since it was last asked for. */
  count(name: string, lookup = 0): number {
    return fn.takeCount(lookup, name);
  }

  /** A new request comes and is led as far as it gets. */
  enter(path = "/acme/x", headers: Record<string, string> = {}): TestPassage {
    const stream = ++this.streams;
    const passage = new TestPassage(fn.newPassage(stream), stream, { ":path": path, ...headers });
    this.passages.set(passage.handle, passage);
    return this.lead(passage);
  }

  /** The object of a passage that is over serves another request. */
  reenter(passage: TestPassage, path: string): TestPassage {
    passage.stream = ++this.streams;
    passage.headers = { ":path": path };
    fn.beginPassage(passage.handle, passage.stream);
    return this.lead(passage);
  }

  /** Leads a request on from where it is. */
  lead(passage: TestPassage): TestPassage {
    fn.beginRequest();
    for (const [name, value] of Object.entries(passage.headers)) fn.addHeader(name, value);
    passage.step = STEPS[fn.advance(passage.handle, BigInt(this.now))] ?? "continue";
    return passage;
  }

  /** The questions that are to be asked now, each once. */
  launches(): TestFlight[] {
    const flights: TestFlight[] = [];
    for (let handle = fn.nextLaunch(); handle !== 0; handle = fn.nextLaunch()) {
      flights.push(new TestFlight(handle, this));
    }
    return flights;
  }

  /** The one question that is to be asked now. */
  launch(): TestFlight {
    const [flight, ...others] = this.launches();
    if (!flight || others.length > 0) throw new Error(`${flight ? others.length + 1 : 0} questions, not one`);
    return flight;
  }

  /** The next request that waited for a flight, not led on yet. */
  nextWaiter(flight: TestFlight): TestPassage | undefined {
    return this.passages.get(fn.nextWaiter(flight.handle));
  }

  /** Leads on all who waited for a flight that has landed, in order. */
  serve(flight: TestFlight): TestPassage[] {
    const served: TestPassage[] = [];
    for (let passage = this.nextWaiter(flight); passage; passage = this.nextWaiter(flight)) {
      served.push(this.lead(passage));
    }
    return served;
  }

  /** Puts a record into the local store, as an answer of Redis does. */
  learn(record: object | "missing", path = "/acme/x"): void {
    this.enter(path);
    const flight = this.launch();
    if (record !== "missing") flight.found(record);
    else for (flight.missing(); flight.landing === "out"; flight.missing()) this.launch();
    this.serve(flight);
  }

  flightCount(lookup = 0): number {
    return fn.flightCount(lookup);
  }

  entries(lookup = 0): number {
    return fn.entries(lookup);
  }
}

/** What reports of these lookups say together. */
export function reportOf(
  wanted: boolean,
  ...lookups: [name: string, tier: string, age: number, reason: string][]
): string {
  const passage = new TestPassage(fn.newPassage(1), 1, {});
  for (const [name, tier, age, reason] of lookups) {
    const tierNumber = TIERS.findIndex((known) => known === tier);
    addToReport(wanted, passage.handle, name, tierNumber, BigInt(age), reason);
  }
  return passage.report;
}
