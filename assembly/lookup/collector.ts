import { ByteBuffer, Slice, lengthOf } from "as-bytes/assembly";
import { ClientRequest } from "../request/client-request";
import { Change, ChangesReader } from "../route/changes";
import { Stage } from "./application";
import { RecordsAtHand } from "./found-records";
import { Lookup } from "./lookup";
import { Passage } from "./passage";

/** What a record has led to. */
export enum Collected {
  /** Its changes are among those to be made. */
  Changes,
  /** It is the answer, and ends the chain. */
  Answer,
  /** It cannot be applied to this request; nothing of it is taken. */
  Nothing,
}

/** Adds what a record does to what the lookups of a request change together. */
export class Collector {
  /** When it was `Nothing`: why. */
  problem: string = "";
  /** When it was `Nothing`: whether the request is at fault, and not the record. */
  isMalformed: bool = false;

  private reader: ChangesReader = new ChangesReader();
  private applied: ByteBuffer = new ByteBuffer();
  private atHand: RecordsAtHand = new RecordsAtHand();

  /**
   * Takes a record of `lookup` over: its stored `changes`, those that `apply` makes of it for this request, and its kept
   * `values` for the lookups to come.
   */
  collect(passage: Passage, lookup: Lookup, changes: Slice, values: Slice, request: ClientRequest): Collected {
    if (this.reader.begin(changes).next() && this.reader.change == Change.Answer) {
      passage.changes.clear().bytes(changes);
      return Collected.Answer;
    }
    this.problem = "too much to change";
    this.isMalformed = false;
    const applied = this.applied.clear();
    if (!this.applies(applied, passage, lookup, values, request)) return Collected.Nothing;
    // Only now is it known how much it is, and a passage that waits keeps all of it.
    if (!passage.hasRoomFor(lengthOf(changes) + applied.length + lengthOf(values))) return Collected.Nothing;
    passage.changes.bytes(changes).bytes(applied.view());
    const config = lookup.config;
    if (config.isReadLater) passage.found.keep(lookup.index, values, config.keptValues);
    return Collected.Changes;
  }

  private applies(into: ByteBuffer, passage: Passage, lookup: Lookup, values: Slice, request: ClientRequest): bool {
    const application = lookup.application;
    if (!application || !application.needsRequest) return true;
    const config = lookup.config;
    // Where the request has waited, what its match left of the path was another callback's.
    config.match.matches(request);
    this.atHand.with(lookup.index, values, config.keptValues, passage.found);
    if (application.append(into, Stage.Request, request, config.match.rest, this.atHand)) return true;
    this.problem = application.problem;
    this.isMalformed = application.isMalformed;
    return false;
  }
}
