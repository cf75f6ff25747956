import { Value } from "./value";

const NOT_YET: string = "not supported yet";

/**
 * Refuses what the configuration has a place for and the filter does not do yet, so that nobody believes it at work. The
 * one place that knows: what is supported from now on is taken from here. Values are checked where they are read.
 */
export function refuseUnsupported(root: Value): void {
  refuseGiven(root.at("invalidation"));
  refuseGiven(root.at("tracing"));
}

function refuseGiven(value: Value): void {
  if (value.isGiven) value.refuse(NOT_YET);
}
