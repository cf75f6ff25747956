import { NONE, Slice } from "as-bytes/assembly";
import { ClientRequest } from "../request/client-request";
import { Change, ChangesReader, ChangesWriter } from "../route/changes";
import { Resort, actionFor, resortFor } from "./failure-policy";
import { Flight, Landing } from "./flight";
import { Known, Lookup } from "./lookup";
import { FailureClass, Tier, failureName } from "./outcome";
import { Passage } from "./passage";
import { Report } from "./report";

/** What is to be done with a request now. */
export enum Step {
  /** Apply `passage.changes` and let it go on. */
  Continue,
  /** `passage.changes` is one answer: send it. */
  Answer,
  /** Hold it until its flight has landed. */
  Wait,
}

/**
 * Leads requests through the lookups, in order. All of them see the client's request; their changes are collected and
 * applied once at the end, the later one winning; a direct answer ends the chain.
 */
export class LookupChain {
  private reader: ChangesReader = new ChangesReader();

  constructor(
    private lookups: Array<Lookup>,
    /** Flights whose present tier is to be asked; whoever can call takes them with `nextLaunch`. */
    private launches: Array<Flight>,
    private report: Report,
  ) {}

  /** Leads `passage` on from where it is; called again once the flight it waits for has landed. */
  advance(passage: Passage, request: ClientRequest, now: i64): Step {
    const landed = passage.flight;
    if (landed) {
      if (landed.landing == Landing.None) return Step.Wait;
      landed.leave(passage);
      if (this.settleLanded(passage, landed, now)) return Step.Answer;
      passage.position++;
    }
    while (passage.position < this.lookups.length) {
      const lookup = this.lookups[passage.position];
      let known = lookup.consult(request, now);
      if (known == Known.Unknown) {
        const flight = lookup.flightFor(request);
        if (flight) {
          flight.join(passage);
          return Step.Wait;
        }
        known = lookup.refusal;
      }
      if (this.settleKnown(passage, lookup, known, now)) return Step.Answer;
      passage.position++;
    }
    return Step.Continue;
  }

  /** Nothing of what was decided holds, because the request could not be read: the policy on errors has the word. */
  giveUp(passage: Passage): Step {
    const lookup = this.lookups[min(passage.position, this.lookups.length - 1)];
    passage.changes.clear();
    passage.report.clear();
    this.report.add(
      passage,
      lookup.config.name,
      Tier.None,
      -1,
      this.reason(FailureClass.Invalid, "unreadable request"),
    );
    return this.fallBack(passage, lookup, FailureClass.Invalid, false) ? Step.Answer : Step.Continue;
  }

  /** The next flight whose present tier is to be asked, in the order in which they came up; null when all are out. */
  nextLaunch(): Flight | null {
    return this.launches.length > 0 ? this.launches.shift() : null;
  }

  /** Takes over what the worker knew about a request; says whether it is an answer. */
  private settleKnown(passage: Passage, lookup: Lookup, known: Known, now: i64): bool {
    const name = lookup.config.name;
    switch (known) {
      case Known.Record:
        this.report.add(passage, name, Tier.Local, now - lookup.stored.storedAt, "");
        return this.take(passage, lookup.stored.changes);
      case Known.Missing:
        this.report.add(passage, name, Tier.Local, now - lookup.stored.storedAt, "miss");
        return this.fallBack(passage, lookup, FailureClass.None, false);
      case Known.Invalid:
        this.report.add(passage, name, Tier.None, -1, this.reason(FailureClass.Invalid, lookup.reason));
        return this.fallBack(passage, lookup, FailureClass.Invalid, false);
      default:
        this.report.add(passage, name, Tier.None, -1, lookup.reason);
        return false;
    }
  }

  /** Takes over what a flight brought; says whether it is an answer. */
  private settleLanded(passage: Passage, flight: Flight, now: i64): bool {
    const lookup = flight.lookup;
    const name = lookup.config.name;
    if (flight.landing == Landing.Record) {
      this.report.add(passage, name, flight.tier, 0, "");
      return this.take(passage, flight.changes);
    }
    if (flight.landing == Landing.Missing) {
      this.report.add(passage, name, flight.tier, 0, "miss");
      return this.fallBack(passage, lookup, FailureClass.None, false);
    }
    const reason = this.reason(flight.failure, flight.reason);
    const hasStale = lookup.hasStaleIfError(flight, now);
    if (hasStale) this.report.add(passage, name, Tier.Local, now - lookup.stored.storedAt, reason);
    else this.report.add(passage, name, Tier.None, -1, reason);
    return this.fallBack(passage, lookup, flight.failure, hasStale);
  }

  private reason(failure: FailureClass, reason: string): string {
    if (!this.report.wanted) return "";
    return reason.length > 0 ? failureName(failure) + ": " + reason : failureName(failure);
  }

  private take(passage: Passage, changes: Slice): bool {
    const isAnswer = this.reader.begin(changes).next() && this.reader.change == Change.Answer;
    if (isAnswer) passage.changes.clear();
    passage.changes.bytes(changes);
    return isAnswer;
  }

  private fallBack(passage: Passage, lookup: Lookup, failure: FailureClass, hasStale: bool): bool {
    switch (resortFor(lookup.config, failure, hasStale)) {
      case Resort.Stale:
        return this.take(passage, lookup.stored.changes);
      case Resort.Answer: {
        const action = actionFor(lookup.config, failure);
        new ChangesWriter(passage.changes.clear()).answer(action.status, NONE, action.body);
        return true;
      }
      default:
        return false;
    }
  }
}
