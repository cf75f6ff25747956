import { Slice, empty, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { Status, getProperty, lastStatus, setProperty } from "as-proxy-wasm-sdk/assembly";
import { couldNot } from "./host-status";
import { FAILED_OUTCOME, outcomeOfBoth } from "./lookup-outcome";
import { Once, OnceProperty } from "./once-property";

/** Where the first instance of a chain leaves what its lookups did: filter state, no header, readable in every VM. */
const FIRST = persist("signpost.lookups");

/** Where all others do, together. */
const REST = persist("signpost.lookups.rest");

/** What became of an outcome. */
export enum Left {
  /** Nobody has left anything before. */
  Alone,
  /** Earlier instances have, too. */
  BesideOthers,
  /** The proxy did not take it: a later cache would mix up what must be kept apart. */
  Not,
}

/**
 * What lookups did, on its way to the caches of later instances in the same chain of filters. Those may be in another VM: nobody
 * knows who was there before and who comes later, and to ask the proxy costs more than the rest of a lookup. So the first one
 * sets a property that keeps its first value, and only who finds it set reads.
 */
export class HandedOver {
  private first: OnceProperty = new OnceProperty(FIRST);

  /** To be called when the root is configured, for configurations with lookups. */
  declareProperty(): void {
    this.first.declareReadOnly();
  }

  /** Leaves an outcome, not an empty one, for later instances. */
  leave(outcome: Slice): Left {
    switch (this.first.set(outcome)) {
      case Once.First:
        return Left.Alone;
      case Once.Again:
        return this.addToRest(outcome);
      default:
        return Left.Not;
    }
  }

  /** What earlier instances have left together, and this one if it has; empty for nothing. Good until the callback returns. */
  read(): Slice {
    const first = getProperty(FIRST);
    if (couldNot(lastStatus())) return FAILED_OUTCOME;
    if (!isPresent(first)) return empty();
    const rest = getProperty(REST);
    if (couldNot(lastStatus())) return FAILED_OUTCOME;
    return isPresent(rest) ? outcomeOfBoth(first, rest) : first;
  }

  private addToRest(outcome: Slice): Left {
    const rest = getProperty(REST);
    if (couldNot(lastStatus())) return Left.Not;
    const both = lengthOf(rest) > 0 ? outcomeOfBoth(rest, outcome) : outcome;
    return setProperty(REST, both) == Status.Ok ? Left.BesideOthers : Left.Not;
  }
}
