import { ByteBuffer, NONE, Slice, equalIgnoreCase, lengthOf, persist, textOf } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { ClientRequest, HeaderSource } from "../request/client-request";
import { Encoding } from "../request/template";
import { RecordSource } from "../request/record-source";
import { RecordKind } from "../route/record";
import { Store } from "../store/store";
import { Counts } from "../telemetry/counts";
import { LookupCount, TierCount } from "../telemetry/lookup-counts";
import { isFieldName } from "../text/header-value";
import { SingleFlight } from "../waiting/single-flight";
import { printable } from "../request/quote";
import { hasDotSegment } from "../text/url";
import { Application } from "./application";
import { DocumentReader } from "./document";
import { StoredEntry, entrySize, writeEntry } from "./entry";
import { FillQueue } from "../webdis/fill-queue";
import { Landing, LookupFlight } from "./lookup-flight";
import { Passage } from "./passage";
import { Freshness, RETRY_AFTER, freshnessOf, ttlOf } from "./freshness";
import { Jitter } from "./jitter";
import { ServiceQuestion } from "./service-question";
import { FailureClass, Tier, TierAnswer } from "../tier/outcome";

/** A request whose key is longer than this is malformed: such keys cost memory everywhere and no record has one. */
const MAX_KEY: i32 = 1024;

const CONTENT_ENCODING = persist("content-encoding");
const IDENTITY = persist("identity");

/** What a lookup knows about a request without asking anybody. */
export enum Known {
  /** The lookup does not apply: no match, or a value is missing. `reason` says which. */
  Inapplicable,
  /** There is a record: see `stored`. */
  Record,
  /** There is none. */
  Missing,
  /** Nothing usable: a flight has to tell. */
  Unknown,
  /** The request makes no valid question, which is its own fault. `reason` says why. */
  Malformed,
}

/**
 * One configured lookup: from a request to a key, from a key to what is stored, from what the tiers say to what is
 * stored next. It asks nobody itself: whoever gets a new flight has its present tier asked.
 */
export class Lookup {
  readonly counts: Counts = new Counts(LookupCount.Size);
  /** The entry that `consult` found, or that a failed flight falls back on. */
  readonly stored: StoredEntry = new StoredEntry();
  /** For people: why `consult` said `Inapplicable` or `Malformed`, or `flightFor` gave null. */
  reason: string = "";
  /** Whether what `consult` found is to be asked anew in the background; see `refresh`. */
  isDue: bool = false;
  /** When `flightFor` gave null: `Inapplicable` or `Malformed`. */
  refusal: Known = Known.Inapplicable;

  private flights: SingleFlight<LookupFlight<Passage>>;
  /** Whether a request that has a key may still lack a value for the service's path. */
  private mayLackServicePath: bool = false;
  private key: ByteBuffer = new ByteBuffer();
  private question: ServiceQuestion;
  /** How the configuration applies records; null where they say it themselves. */
  readonly application: Application | null;
  private documents: DocumentReader;

  constructor(
    readonly config: LookupConfig,
    /** Its place among the lookups of the configuration, from 0. */
    readonly index: i32,
    /** What is held of earlier answers; null where the configuration says `local: false`. */
    private held: Store | null,
    private jitter: Jitter,
    /** Where answers of the service go that Redis is to have; null where none do. */
    private redis: FillQueue | null,
  ) {
    const service = config.service;
    const apply = config.apply;
    const application: Application | null = apply ? new Application(apply) : null;
    this.application = application;
    this.documents = new DocumentReader(config, index, application);
    this.question = new ServiceQuestion(config);
    this.flights = new SingleFlight<LookupFlight<Passage>>(jitter.seed0, jitter.seed1);
    if (service) this.mayLackServicePath = service.path.mayLackWhenComplete(config.key);
  }

  /** How many questions are out. */
  get flightCount(): i32 {
    return this.flights.size;
  }

  /** The key of the request last consulted for, without the Redis key prefix; good until the next one. */
  get lastKey(): Slice {
    return this.key.view();
  }

  /**
   * What is known about `request` at `now`, for which the lookups before have found `found`. Where what is stored is to be
   * asked anew, `isDue` says so.
   */
  consult(request: ClientRequest, found: RecordSource, now: i64): Known {
    const config = this.config;
    const key = this.key.clear();
    this.isDue = false;
    if (!config.match.matches(request)) return this.inapplicable("no match");
    if (!config.key.append(key, request, config.match.rest, Encoding.Key, found)) return this.inapplicable("no key");
    // Whether a lookup applies must not depend on what happens to be stored.
    const lacksPath = this.mayLackServicePath && !this.question.renderPath(request, found);
    if (lacksPath) return this.inapplicable(this.question.problem);
    if (key.length > MAX_KEY) return this.malformed("key too long");
    // Upstreams differ in what they make of it, so that nobody knows whose path this is.
    if (config.usesPath && hasDotSegment(request.path)) return this.malformed("dot segment in the path");
    const held = this.held;
    const local = config.local;
    const stored = this.stored;
    let freshness = Freshness.Gone;
    if (held && local && stored.open(held.find(key.view()))) freshness = freshnessOf(stored, now, local);
    if (!local || freshness == Freshness.IfError || freshness == Freshness.Gone) return Known.Unknown;
    this.isDue = freshness == Freshness.Refresh;
    if (stored.isNegative) {
      this.counts.add(LookupCount.LocalNegative);
      return Known.Missing;
    }
    this.counts.add(now < stored.storedAt + ttlOf(stored, local) ? LookupCount.LocalHits : LookupCount.LocalStale);
    return Known.Record;
  }

  /**
   * The flight that asks what `consult` could not tell: the one that is out for this key already, or a new one. Null
   * when the request makes no question for the service; `refusal` and `reason` say why.
   */
  flightFor(request: ClientRequest, found: RecordSource): LookupFlight<Passage> | null {
    const hash = this.flights.hashOf(this.key.view());
    const out = this.flights.find(this.key.view(), hash);
    const flight = out ? out : this.open(hash, request, found);
    // What is refused asks nothing: it is counted as that.
    if (flight) this.counts.add(LookupCount.LocalMisses);
    if (out) this.counts.add(LookupCount.Coalesced);
    return flight;
  }

  /** A new flight that asks anew for what `consult` found; null when one is out already, or the request makes no question. */
  refresh(request: ClientRequest, found: RecordSource): LookupFlight<Passage> | null {
    const hash = this.flights.hashOf(this.key.view());
    if (this.flights.find(this.key.view(), hash)) return null;
    const flight = this.open(hash, request, found);
    if (flight) this.counts.add(LookupCount.Refreshes);
    return flight;
  }

  /**
   * A tier said something: the flight has another tier to ask, or has landed. Returns what it comes to. `reply` has the reply's
   * headers, which are only read of one that makes no sense.
   */
  answered(flight: LookupFlight<Passage>, answer: TierAnswer, now: i64, reply: HeaderSource | null = null): TierAnswer {
    const said = this.understand(answer, reply);
    const tier = flight.tier;
    this.count(tier, tierCountOf(said));
    if (said.isFound) {
      this.fill(flight, said.document, now);
      this.landRecord(flight, now);
    } else if (!said.isFailed && (answer.isFound || tier == Tier.Service || !this.config.service)) {
      // Nobody knows better, or a record itself says that there is none.
      this.landMissing(flight, now);
    } else {
      flight.fail(said.failure, said.reason);
      this.goOn(flight, now);
    }
    return said;
  }

  /** Whether something stored may be served for a flight that failed; it is in `stored` then. */
  hasStaleIfError(flight: LookupFlight<Passage>, now: i64): bool {
    const held = this.held;
    const local = this.config.local;
    if (!held || !local || !this.stored.open(held.find(flight.key))) return false;
    return !this.stored.isNegative && freshnessOf(this.stored, now, local) != Freshness.Gone;
  }

  /** Gives back what the collector does not; nothing may be asked of the lookup any more. */
  dispose(): void {
    this.documents.dispose();
  }

  private open(hash: u64, request: ClientRequest, found: RecordSource): LookupFlight<Passage> | null {
    const question = this.question;
    if (!question.render(request, found)) {
      this.refusal = question.isMalformed ? this.malformed(question.problem) : this.inapplicable(question.problem);
      return null;
    }
    const tier = this.config.webdis ? Tier.Webdis : Tier.Service;
    const flight = new LookupFlight<Passage>(
      this.index,
      this.config,
      tier,
      this.key.view(),
      hash,
      question.path,
      question.headers,
    );
    this.flights.add(flight);
    return flight;
  }

  private count(tier: Tier, count: TierCount): void {
    this.counts.add((tier == Tier.Webdis ? LookupCount.Webdis : LookupCount.Service) + count);
  }

  /** What should be a record may say that there is none, or make no sense. */
  private understand(answer: TierAnswer, reply: HeaderSource | null): TierAnswer {
    if (!answer.isFound) return answer;
    switch (this.documents.read(answer.document)) {
      case RecordKind.Changes:
        return answer;
      case RecordKind.Negative:
        return TierAnswer.missing();
      default:
        return TierAnswer.failed(FailureClass.Invalid, problemOfCoding(reply, this.documents.problem));
    }
  }

  /** The present tier has no answer: the next one is asked, if there is one. */
  private goOn(flight: LookupFlight<Passage>, now: i64): void {
    if (flight.tier == Tier.Webdis && this.config.service) {
      flight.tier = Tier.Service;
    } else {
      this.landFailed(flight, now);
    }
  }

  private inapplicable(reason: string): Known {
    this.reason = reason;
    return Known.Inapplicable;
  }

  private malformed(reason: string): Known {
    this.reason = reason;
    return Known.Malformed;
  }

  /** The service's answer goes to Redis, where the configuration leaves that to the filter. */
  private fill(flight: LookupFlight<Passage>, document: Slice, now: i64): void {
    const service = this.config.service;
    const redis = this.redis;
    if (!service || !redis || !service.fill || flight.tier != Tier.Service) return;
    redis.fill(flight.key, document, this.documents.ttl >= 0 ? this.documents.ttl : service.fillTtl, now);
  }

  private landRecord(flight: LookupFlight<Passage>, now: i64): void {
    const local = this.config.local;
    const documents = this.documents;
    if (local) {
      const isOwn = documents.ttl >= 0;
      const ttl = this.jitter.shorten(isOwn ? documents.ttl : local.ttl, local.jitter);
      this.hold(flight.key, now, ttl, isOwn, documents.changes, documents.keptValues);
    }
    this.land(flight, Landing.Record, documents.changes, documents.keptValues);
  }

  private landMissing(flight: LookupFlight<Passage>, now: i64): void {
    const local = this.config.local;
    if (local) this.hold(flight.key, now, local.negativeTtl, false, NONE, NONE);
    this.land(flight, Landing.Missing, NONE, NONE);
  }

  private landFailed(flight: LookupFlight<Passage>, now: i64): void {
    const held = this.held;
    if (held && this.stored.open(held.find(flight.key))) this.stored.retryAt = now + RETRY_AFTER;
    this.land(flight, Landing.Failed, NONE, NONE);
  }

  private hold(key: Slice, now: i64, ttl: i64, isOwnTtl: bool, changes: Slice, values: Slice): void {
    const held = this.held;
    if (!held) return;
    if (ttl <= 0) {
      held.remove(key);
      return;
    }
    const room = held.reserve(key, entrySize(changes, values));
    if (lengthOf(room) > 0) writeEntry(room, now, ttl, isOwnTtl, changes, values);
  }

  private land(flight: LookupFlight<Passage>, landing: Landing, changes: Slice, values: Slice): void {
    flight.land(landing, changes, values);
    this.flights.remove(flight);
  }
}

/** What is wrong with a document: that it is coded, where its reply says so, before what one finds in the coded bytes. */
function problemOfCoding(reply: HeaderSource | null, problem: string): string {
  const coding = reply ? reply.get(CONTENT_ENCODING) : NONE;
  if (lengthOf(coding) == 0 || equalIgnoreCase(coding, IDENTITY)) return problem;
  return "content-encoding " + (isFieldName(coding) ? printable(textOf(coding)) : "unknown");
}

function tierCountOf(answer: TierAnswer): TierCount {
  switch (answer.failure) {
    case FailureClass.None:
      return answer.isFound ? TierCount.Hits : TierCount.Misses;
    case FailureClass.Timeout:
      return TierCount.Timeouts;
    case FailureClass.Unavailable:
      return TierCount.Unavailable;
    case FailureClass.Overload:
      return TierCount.Overload;
    default:
      return TierCount.Invalid;
  }
}
