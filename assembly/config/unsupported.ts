import { LookupConfig } from "./lookup-config";
import { Value } from "./value";

const NOT_YET: string = "not supported yet";

/**
 * Refuses what the configuration has a place for and the filter does not do yet, so that nobody believes it at work. The
 * one place that knows: what is supported from now on is taken from here. Values are checked where they are read.
 */
export function refuseUnsupported(root: Value, lookups: Array<LookupConfig>): void {
  refuseGiven(root.at("webdis").at("breaker"));
  const values = root.at("lookups").elements();
  // Their templates could name the records of earlier lookups, which nobody supplies yet either.
  for (let i = 1; i < values.length; i++) refuseGiven(values[i]);
  if (values.length > 0 && lookups.length > 0) refuseInLookup(values[0], lookups[0]);
  refuseGiven(root.at("responseCache"));
  refuseGiven(root.at("invalidation"));
  refuseGiven(root.at("tracing"));
  refuseTrue(root.at("shadow"));
}

function refuseInLookup(value: Value, lookup: LookupConfig): void {
  const service = value.at("service");
  refuseGiven(service.at("breaker"));
  refuseTrue(service.at("fill"));
  refuseGiven(service.at("fillTtl"));
  refuseGiven(value.at("apply"));
  if (lookup.onErrorByClass) value.at("onError").refuse("by class: " + NOT_YET);
}

function refuseGiven(value: Value): void {
  if (value.isGiven) value.refuse(NOT_YET);
}

function refuseTrue(value: Value): void {
  if (value.isTrue) value.refuse("true is " + NOT_YET);
}
