import { ByteBuffer, NONE, Slice, equal, lengthOf } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { ClientRequest } from "../request/client-request";
import { Encoding } from "../request/template";
import { ChangesWriter } from "../route/changes";
import { RecordKind, RecordReader } from "../route/record";
import { Store } from "../store/store";
import { sipHash } from "../text/hash";
import { isFieldValue } from "../text/header-value";
import { isValidBuiltPath } from "../text/url";
import { StoredEntry, entrySize, writeEntry } from "./entry";
import { Dependency } from "./dependency";
import { Flight, Landing } from "./flight";
import { Freshness, RETRY_AFTER, freshnessOf } from "./freshness";
import { Jitter } from "./jitter";
import { FailureClass, Tier, TierAnswer } from "./outcome";

/** Keys longer than this are `invalid`: they cost memory everywhere and no record has one. */
const MAX_KEY: i32 = 1024;

/** What a service is asked with at most, in bytes: a flight keeps it until it lands. */
const MAX_SERVICE_PATH: i32 = 16 * 1024;
const MAX_SERVICE_HEADERS: i32 = 16 * 1024;

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
  /** The request makes no valid question. `reason` says why. */
  Invalid,
}

/**
 * One configured lookup: from a request to a key, from a key to what is stored, from what the tiers say to what is
 * stored next. It asks nobody itself: it opens flights, and `launches` hands them to whoever can call.
 */
export class Lookup {
  /** The entry that `consult` found, or that a failed flight falls back on. */
  readonly stored: StoredEntry = new StoredEntry();
  /** For people: why `consult` said `Inapplicable` or `Invalid`, or `flightFor` gave null. */
  reason: string = "";
  /** When `flightFor` gave null: `Inapplicable` or `Invalid`. */
  refusal: Known = Known.Inapplicable;

  /** The routing service, as far as calls to it go. */
  readonly service: Dependency;

  private flights: Map<u64, Flight> = new Map();
  /** Whether a request that has a key may still lack a value for the service's path. */
  private mayLackServicePath: bool = false;
  private key: ByteBuffer = new ByteBuffer();
  private path: ByteBuffer = new ByteBuffer();
  private headers: ByteBuffer = new ByteBuffer();
  private value: ByteBuffer = new ByteBuffer();
  private records: RecordReader = new RecordReader();

  constructor(
    readonly config: LookupConfig,
    /** What is held of earlier answers; null where the configuration says `local: false`. */
    private held: Store | null,
    private jitter: Jitter,
    private launches: Array<Flight>,
  ) {
    const service = config.service;
    this.service = new Dependency(service ? service.maxInFlight : 0);
    if (service) this.mayLackServicePath = service.path.mayLackWhenComplete(config.key);
  }

  /** How many questions are out. */
  get flightCount(): i32 {
    return this.flights.size;
  }

  /** What is known about `request` at `now`. Opens a background flight when what is stored is to be refreshed. */
  consult(request: ClientRequest, now: i64): Known {
    const config = this.config;
    if (!config.match.matches(request)) return this.inapplicable("no match");
    const key = this.key.clear();
    if (!config.key.append(key, request, config.match.rest, Encoding.Key)) return this.inapplicable("no key");
    if (key.length > MAX_KEY) {
      this.reason = "key too long";
      return Known.Invalid;
    }
    // Whether a lookup applies must not depend on what happens to be stored.
    if (this.mayLackServicePath && !this.renderServicePath(request)) return this.inapplicable("no service path");
    const held = this.held;
    const local = config.local;
    if (!held || !local || !this.stored.open(held.find(key.view()))) return Known.Unknown;
    const freshness = freshnessOf(this.stored, now, local);
    if (freshness == Freshness.IfError || freshness == Freshness.Gone) return Known.Unknown;
    if (freshness == Freshness.Refresh) this.flightFor(request);
    return this.stored.isNegative ? Known.Missing : Known.Record;
  }

  /**
   * The flight that asks what `consult` could not tell: the one that is out for this key already, or a new one. Null
   * when the request makes no question for the service; `refusal` and `reason` say why.
   */
  flightFor(request: ClientRequest): Flight | null {
    const key = this.key.view();
    const hash = sipHash(key, this.jitter.seed0, this.jitter.seed1);
    if (this.flights.has(hash)) {
      const flight = this.flights.get(hash);
      // Two keys of one hash are as good as impossible, and then the second one just does not share.
      if (equal(flight.key, key)) return flight;
    }
    if (!this.renderServiceRequest(request)) return null;
    const tier = this.config.webdis ? Tier.Webdis : Tier.Service;
    const flight = new Flight(this, tier, key, hash, this.path.view(), this.headers.view());
    this.flights.set(hash, flight);
    this.launches.push(flight);
    return flight;
  }

  /** A tier said something: the flight goes on to the next tier or lands. */
  answered(flight: Flight, answer: TierAnswer, now: i64): void {
    if (answer.isFound) {
      const kind = this.records.read(answer.document);
      if (kind == RecordKind.Changes) return this.landRecord(flight, now);
      if (kind == RecordKind.Negative) return this.landMissing(flight, now);
      flight.fail(FailureClass.Invalid, this.records.problem);
    } else if (answer.isFailed) {
      flight.fail(answer.failure, answer.reason);
    } else if (flight.tier == Tier.Service || !this.config.service) {
      return this.landMissing(flight, now);
    } else {
      flight.fail(FailureClass.None, "");
    }
    if (flight.tier == Tier.Webdis && this.config.service) {
      flight.tier = Tier.Service;
      this.launches.push(flight);
      return;
    }
    this.landFailed(flight, now);
  }

  /** Whether something stored may be served for a flight that failed; it is in `stored` then. */
  hasStaleIfError(flight: Flight, now: i64): bool {
    const held = this.held;
    const local = this.config.local;
    if (!held || !local || !this.stored.open(held.find(flight.key))) return false;
    return !this.stored.isNegative && freshnessOf(this.stored, now, local) != Freshness.Gone;
  }

  /** Gives back what the collector does not; nothing may be asked of the lookup any more. */
  dispose(): void {
    this.records.dispose();
  }

  private inapplicable(reason: string): Known {
    this.reason = reason;
    return Known.Inapplicable;
  }

  private renderServiceRequest(request: ClientRequest): bool {
    const service = this.config.service;
    if (!service) return true;
    const rest = this.config.match.rest;
    this.refuse(Known.Inapplicable, "no service path");
    if (!this.renderServicePath(request)) return false;
    // Values grow by encoding, and every flight keeps what it asks.
    this.refuse(Known.Invalid, "service path too long");
    if (this.path.length > MAX_SERVICE_PATH) return false;
    // Encoding leaves dots as they are: a client's value could climb.
    this.refuse(Known.Invalid, "bad service path");
    if (!isValidBuiltPath(this.path.view())) return false;
    const writer = new ChangesWriter(this.headers.clear());
    for (let i = 0; i < service.headers.length; i++) {
      const header = service.headers[i];
      if (!header.value.append(this.value.clear(), request, rest, Encoding.Raw)) continue;
      // A path segment or query parameter may decode to bytes that no header can carry.
      this.refuse(Known.Invalid, "bad service header");
      if (!isFieldValue(this.value.view())) return false;
      writer.setHeader(header.name, this.value.view());
    }
    this.refuse(Known.Invalid, "service headers too long");
    return this.headers.length <= MAX_SERVICE_HEADERS;
  }

  private renderServicePath(request: ClientRequest): bool {
    const service = this.config.service;
    if (!service) return true;
    return service.path.append(this.path.clear(), request, this.config.match.rest, Encoding.ServicePath);
  }

  private refuse(refusal: Known, reason: string): void {
    this.refusal = refusal;
    this.reason = reason;
  }

  private landRecord(flight: Flight, now: i64): void {
    const local = this.config.local;
    const changes = this.records.changes;
    if (local) {
      const ttl = this.records.ttl >= 0 ? this.records.ttl : local.ttl;
      this.hold(flight.key, now, this.jitter.shorten(ttl, local.jitter), changes);
    }
    this.land(flight, Landing.Record, changes);
  }

  private landMissing(flight: Flight, now: i64): void {
    const local = this.config.local;
    if (local) this.hold(flight.key, now, local.negativeTtl, NONE);
    this.land(flight, Landing.Missing, NONE);
  }

  private landFailed(flight: Flight, now: i64): void {
    const held = this.held;
    if (held && this.stored.open(held.find(flight.key))) this.stored.retryAt = now + RETRY_AFTER;
    this.land(flight, Landing.Failed, NONE);
  }

  private hold(key: Slice, now: i64, ttl: i64, changes: Slice): void {
    const held = this.held;
    if (!held) return;
    if (ttl <= 0) {
      held.remove(key);
      return;
    }
    const room = held.reserve(key, entrySize(changes));
    if (lengthOf(room) > 0) writeEntry(room, now, ttl, changes);
  }

  private land(flight: Flight, landing: Landing, changes: Slice): void {
    flight.land(landing, changes);
    if (this.flights.has(flight.hash) && this.flights.get(flight.hash) == flight) this.flights.delete(flight.hash);
  }
}
