// Exported by ../../transform.js; the runtime keeps it to itself otherwise.
import { total } from "rt/tcms";

/**
 * When the garbage is collected: after a callback, never in one. Nothing lies on the stack then, so the compiled code need not
 * note on a stack of its own what it holds (the minimal runtime): with the incremental one that is about half of the time
 * that a filter's own code takes.
 * What is to outlive a callback must be reachable from a global; everything that the SDK knows of is.
 */

/** So much garbage, in bytes, is never worth a collection, which visits every object. */
const LEAST_GARBAGE: usize = 1024 * 1024;

/** How much memory objects have when the next collection is due, in bytes. */
let dueAt: usize = LEAST_GARBAGE;

/** Collects the garbage when objects have twice the memory that they had after the last time. No callback may be running. */
@inline
export function collectWhenDue(): void {
  if (total >= dueAt) collect();
}

/** Has the garbage collected as soon as no callback is running: when memory is short. */
export function collectSoon(): void {
  dueAt = 0;
}

function collect(): void {
  __collect();
  dueAt = total + max(total, LEAST_GARBAGE);
}
