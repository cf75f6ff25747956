import { Status, setTickPeriod } from "as-proxy-wasm-sdk/assembly";
import { TICK } from "./clock";

/**
 * So many waiting requests are led on in one callback at most. The proxy does what a callback asks for once that is over,
 * and where this calls the VM again, it does the rest at the end of that callback, within the first one: of 300 requests that
 * are answered in one callback the last one's run at the bottom of a stack that V8 does not allow, which is a trap.
 */
export const MOST_AT_ONCE: i32 = 32;

/** How soon the next tick comes while requests are to be led on, in milliseconds. */
const SOON: u32 = 1;

/** How fast a plugin's ticks come: faster while requests are to be led on than otherwise. */
export class Pace {
  private isFast: bool = false;

  /** The next tick is to come soon. */
  hurry(): void {
    // Once is enough: each time more would put the tick off.
    if (!this.isFast && setTickPeriod(SOON) == Status.Ok) this.isFast = true;
  }

  /** On the tick: there is nothing to hurry for any more. */
  relax(): void {
    if (this.isFast && setTickPeriod(TICK) == Status.Ok) this.isFast = false;
  }
}
