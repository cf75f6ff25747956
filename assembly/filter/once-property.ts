import { Slice, isPresent } from "as-bytes/assembly";
import { Status, declareReadOnlyProperty, getProperty, lastStatus, setProperty } from "as-proxy-wasm-sdk/assembly";
import { couldNot } from "./host-status";

/** What became of a value. */
export enum Once {
  /** It is the first one of the stream. */
  First,
  /** There was one already, and that stays. */
  Again,
  /** The proxy did not take it, or does not say. */
  Failed,
}

/**
 * A property of streams that keeps its first value, so that setting it tells whether an earlier instance has set it, in whichever
 * VM: it is declared read-only, and the proxy refuses the second value. To read it first would cost more.
 */
export class OnceProperty {
  private isDeclared: bool = false;

  /** `name` is kept. */
  constructor(readonly name: Slice) {}

  /** To be called when the root is configured. */
  declareReadOnly(): void {
    if (!this.isDeclared) this.isDeclared = declareReadOnlyProperty(this.name) == Status.Ok;
  }

  /** Sets it for the effective context's stream. */
  set(value: Slice): Once {
    // A proxy that cannot declare properties has to be asked.
    if (!this.isDeclared) {
      const before = getProperty(this.name);
      if (couldNot(lastStatus())) return Once.Failed;
      if (isPresent(before)) return Once.Again;
    }
    const status = setProperty(this.name, value);
    if (status == Status.Ok) return Once.First;
    // The proxy has this status for other faults, too.
    return status == Status.BadArgument && isPresent(getProperty(this.name)) ? Once.Again : Once.Failed;
  }
}
