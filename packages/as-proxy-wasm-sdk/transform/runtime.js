/** The name that `memory/collection.ts` reads it by. */
const ALIAS = "__minimalRuntimeTotal";
const TOTAL = "~lib/rt/tcms/total";

/**
 * Lets `memory/collection.ts` see how much memory the collector of the minimal runtime looks after: the runtime counts it, and
 * exports no count.
 *
 * @param {import("assemblyscript").Options} options
 */
export function exposeRuntimeTotal(options) {
  options.globalAliases ??= new Map();
  options.globalAliases.set(ALIAS, TOTAL);
}
