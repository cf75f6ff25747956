import { NONE, Slice } from "as-bytes/assembly";
import { Action } from "../config/action";
import { ClientRequest, HeaderSource } from "../request/client-request";
import { ChangesWriter } from "../route/changes";
import { LookupCount } from "../telemetry/lookup-counts";
import { Collected, Collector } from "./collector";
import { Resort, actionFor, actionForMalformed, resortFor } from "./failure-policy";
import { Landing, LookupFlight } from "./lookup-flight";
import { Known, Lookup } from "./lookup";
import { FailureClass, Tier, TierAnswer, failureName } from "../tier/outcome";
import { Passage } from "./passage";
import { Report } from "./report";
import { LookupTrace } from "./trace";

/** What is to be done with a request now. */
export enum Step {
  /** Apply `passage.changes` and let it go on. */
  Continue,
  /** `passage.changes` is one answer: send it. */
  Answer,
  /** Hold it until its flight has landed. */
  Wait,
  /** What was decided could not be done to it: it must not go on. */
  Refuse,
}

/**
 * Leads requests through the lookups, in order. All of them see the client's request; their changes are collected and
 * applied once at the end, the later one winning; a direct answer ends the chain.
 */
export class LookupChain {
  private collector: Collector = new Collector();
  /** Flights whose present tier is to be asked, in the order in which they came up. */
  private unasked: Array<LookupFlight<Passage>> = [];

  constructor(
    private lookups: Array<Lookup>,
    private report: Report,
    private trace: LookupTrace,
  ) {}

  /** Leads `passage` on from where it is; called again once the flight it waits for has landed. */
  advance(passage: Passage, request: ClientRequest, now: i64): Step {
    const landed = passage.flight;
    if (landed) {
      if (landed.landing == Landing.None) return Step.Wait;
      passage.abandon();
      if (this.settleLanded(passage, landed, request, now)) return Step.Answer;
      passage.position++;
    }
    while (passage.position < this.lookups.length) {
      const lookup = this.lookups[passage.position];
      let known = lookup.consult(request, passage.found, now);
      if (lookup.isDue) this.ask(lookup.refresh(request, passage.found));
      if (this.trace.isWanted) this.trace.keyed(lookup);
      if (known == Known.Unknown) {
        const flight = lookup.flightFor(request, passage.found);
        if (flight) {
          this.ask(flight);
          passage.waitFor(flight);
          return Step.Wait;
        }
        known = lookup.refusal;
      }
      if (known == Known.Malformed) lookup.counts.add(LookupCount.Rejected);
      if (this.settleKnown(passage, lookup, known, request, now)) return Step.Answer;
      passage.position++;
    }
    return Step.Continue;
  }

  /**
   * Nothing of what was decided holds, because the request could not be read: the policies on errors have the word. Which
   * lookups apply is not known then, so the first one that would not let the request go on speaks for all.
   */
  giveUp(passage: Passage): Step {
    passage.forgetChanges();
    passage.report.clear();
    for (let i = 0; i < this.lookups.length; i++) {
      const isAnswer = this.settleFailed(passage, this.lookups[i], FailureClass.Invalid, "unreadable request");
      if (isAnswer) return Step.Answer;
    }
    return Step.Continue;
  }

  /** A tier has answered a flight: `Lookup.answered`. */
  answered(flight: LookupFlight<Passage>, answer: TierAnswer, now: i64, reply: HeaderSource | null = null): TierAnswer {
    const said = this.lookups[flight.lookup].answered(flight, answer, now, reply);
    if (flight.landing == Landing.None) this.unasked.push(flight);
    return said;
  }

  /** The next flight whose present tier is to be asked; null when all have been. */
  nextToAsk(): LookupFlight<Passage> | null {
    return this.unasked.length > 0 ? this.unasked.shift() : null;
  }

  private ask(flight: LookupFlight<Passage> | null): void {
    if (!flight || flight.isTaken) return;
    flight.isTaken = true;
    this.unasked.push(flight);
  }

  /** Takes over what the worker knew about a request; says whether it is an answer. */
  private settleKnown(passage: Passage, lookup: Lookup, known: Known, request: ClientRequest, now: i64): bool {
    switch (known) {
      case Known.Record:
        return this.settleStored(passage, lookup, "", request, now);
      case Known.Missing:
        return this.settleMissing(passage, lookup, Tier.Local, now - lookup.stored.storedAt);
      case Known.Malformed:
        return this.settleMalformed(passage, lookup, lookup.reason);
      default:
        this.report.add(passage, lookup.config.name, Tier.None, -1, lookup.reason);
        return false;
    }
  }

  /** Takes over what a flight brought; says whether it is an answer. */
  private settleLanded(passage: Passage, flight: LookupFlight<Passage>, request: ClientRequest, now: i64): bool {
    const lookup = this.lookups[flight.lookup];
    switch (flight.landing) {
      case Landing.Record:
        return this.settleRecord(passage, lookup, flight.tier, 0, "", flight.changes, flight.values, request);
      case Landing.Missing:
        return this.settleMissing(passage, lookup, flight.tier, 0);
      default:
        break;
    }
    const hasStale = lookup.hasStaleIfError(flight, now);
    if (resortFor(lookup.config, flight.failure, hasStale) != Resort.Stale) {
      return this.settleFailed(passage, lookup, flight.failure, flight.reason);
    }
    lookup.counts.add(LookupCount.LocalStaleIfError);
    return this.settleStored(passage, lookup, this.reason(flight.failure, flight.reason), request, now);
  }

  private settleStored(passage: Passage, lookup: Lookup, reason: string, request: ClientRequest, now: i64): bool {
    const stored = lookup.stored;
    const age = now - stored.storedAt;
    return this.settleRecord(passage, lookup, Tier.Local, age, reason, stored.changes, stored.values, request);
  }

  /** There is a record. It may still be that it cannot be applied to this very request. */
  private settleRecord(
    passage: Passage,
    lookup: Lookup,
    tier: Tier,
    age: i64,
    reason: string,
    changes: Slice,
    values: Slice,
    request: ClientRequest,
  ): bool {
    const collected = this.collector.collect(passage, lookup, changes, values, request);
    if (collected == Collected.Nothing && this.collector.isMalformed) {
      return this.settleMalformed(passage, lookup, this.collector.problem);
    }
    if (collected == Collected.Nothing) {
      lookup.counts.add(LookupCount.InvalidRequests);
      return this.settleFailed(passage, lookup, FailureClass.Invalid, this.collector.problem);
    }
    this.report.add(passage, lookup.config.name, tier, age, reason);
    if (collected == Collected.Answer) lookup.counts.add(LookupCount.Answers);
    return collected == Collected.Answer;
  }

  private settleMissing(passage: Passage, lookup: Lookup, tier: Tier, age: i64): bool {
    this.report.add(passage, lookup.config.name, tier, age, "miss");
    return this.act(passage, lookup, FailureClass.None);
  }

  private settleFailed(passage: Passage, lookup: Lookup, failure: FailureClass, reason: string): bool {
    passage.hasFailed = true;
    this.report.add(passage, lookup.config.name, Tier.None, -1, this.reason(failure, reason));
    return this.act(passage, lookup, failure);
  }

  /** The request is at fault, and nobody who was asked. */
  private settleMalformed(passage: Passage, lookup: Lookup, reason: string): bool {
    lookup.counts.add(LookupCount.InvalidRequests);
    passage.hasFailed = true;
    this.report.add(passage, lookup.config.name, Tier.None, -1, this.reason(FailureClass.Invalid, reason));
    return this.take(passage, lookup, actionForMalformed(lookup.config));
  }

  /** Does what the configuration says about a request without a record; says whether that is an answer. */
  private act(passage: Passage, lookup: Lookup, failure: FailureClass): bool {
    if (resortFor(lookup.config, failure, false) != Resort.Answer) return false;
    return this.take(passage, lookup, actionFor(lookup.config, failure));
  }

  private take(passage: Passage, lookup: Lookup, action: Action): bool {
    if (!action.isAnswer) return false;
    lookup.counts.add(LookupCount.Answers);
    new ChangesWriter(passage.changes.clear()).answer(action.status, NONE, action.body);
    return true;
  }

  private reason(failure: FailureClass, reason: string): string {
    if (!this.report.wanted) return "";
    return reason.length > 0 ? failureName(failure) + ": " + reason : failureName(failure);
  }
}
