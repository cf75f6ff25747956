/**
 * When the garbage is collected: after a callback, never in one. Nothing lies on the stack then, so the compiled code need not
 * note on a stack of its own what it holds (the minimal runtime): with the incremental one that is about half of the time
 * that a filter's own code takes.
 * What is to outlive a callback must be reachable from a global; everything that the SDK knows of is.
 */

/** So much garbage, in bytes, is never worth a collection, which visits every object. */
const LEAST_GARBAGE: usize = 1024 * 1024;

/**
 * How much memory objects have. The runtime counts it and keeps it to itself; ../../transform.js makes it a global of this
 * name. Without that, another runtime would have to be told from the minimal one here, and could not.
 */
@inline
function objectBytes(): usize {
  if (!isDefined(__minimalRuntimeTotal)) {
    ERROR(
      'as-proxy-wasm-sdk needs its transform: "extends": "./node_modules/as-proxy-wasm-sdk/asconfig.json" in asconfig.json has all it needs',
    );
  }
  return __minimalRuntimeTotal;
}

/** How much memory objects have when the next collection is due, in bytes. */
let dueAt: usize = LEAST_GARBAGE;

/** Collects the garbage when objects have twice the memory that they had after the last time. No callback may be running. */
@inline
export function collectWhenDue(): void {
  if (objectBytes() >= dueAt) collect();
}

/** Has the garbage collected as soon as no callback is running: when memory is short. */
export function collectSoon(): void {
  dueAt = 0;
}

function collect(): void {
  __collect();
  const left = objectBytes();
  dueAt = left + max(left, LEAST_GARBAGE);
}
