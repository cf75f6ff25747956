import { ByteBuffer, NONE, equal, persist } from "as-bytes/assembly";
import { PairsBuilder, Status } from "as-proxy-wasm-sdk/assembly";
import { TierConfig } from "../config/upstream-config";
import { Admission, Dependency, Health } from "../tier/dependency";
import { Flight } from "../lookup/flight";
import { BREAKER_OPEN, FailureClass, Tier, TierAnswer } from "../tier/outcome";
import { ChangesReader } from "../route/changes";
import { appendGet } from "../webdis/command";
import { now } from "./clock";
import { LookupDriver } from "./lookup-driver";
import { TierCall } from "./tier-call";
import { vmReplyTokens } from "./vm";
import { AUTHORITY, METHOD, PATH, writeWebdisHeaders } from "./webdis-request";

const GET = persist("GET");
const ACCEPT_ENCODING = persist("accept-encoding");
const IDENTITY = persist("identity");

const headers = new PairsBuilder();
const ownHeaders = new ChangesReader();
const key = new ByteBuffer();
const path = new ByteBuffer();
const mark = new ByteBuffer();

/** Asks a flight's present tier; null when the question is out, else why it could not be sent. */
export function askTier(driver: LookupDriver, flight: Flight): TierAnswer | null {
  const isWebdis = flight.tier == Tier.Webdis;
  const limits = limitsOf(driver, flight);
  // A flight only has tiers that the configuration names.
  if (!limits) return TierAnswer.failed(FailureClass.Unavailable, "no such tier");
  const dependency = driver.dependencies.to(limits.cluster);
  const admission = dependency.enter(limits, now());
  if (admission == Admission.BreakerOpen) return TierAnswer.failed(FailureClass.Unavailable, BREAKER_OPEN);
  if (admission == Admission.Overloaded) return TierAnswer.failed(FailureClass.Overload, "too many calls");
  const call = new TierCall(driver, flight, dependency, limits, admission);
  if (isWebdis) writeWebdisRequest(driver, flight, call.mark);
  else writeServiceRequest(flight);
  const status = call.dispatchFrom(driver.root, limits.cluster, headers, NONE, null, <u32>limits.timeout);
  if (status == Status.Ok) return null;
  // The host says so at once when it has no such cluster.
  const answer = TierAnswer.failed(
    FailureClass.Unavailable,
    status == Status.BadArgument ? "unknown cluster" : "not sent",
  );
  dependency.leave(limits, admission, Health.Failing, now());
  return answer;
}

function limitsOf(driver: LookupDriver, flight: Flight): TierConfig | null {
  return flight.tier == Tier.Webdis ? driver.config.webdis : flight.lookup.config.service;
}

function writeWebdisRequest(driver: LookupDriver, flight: Flight, number: u64): void {
  const webdis = driver.config.webdis;
  if (!webdis) return;
  key.clear().bytes(webdis.keyPrefix).bytes(flight.key);
  vmReplyTokens().append(mark.clear(), number);
  appendGet(path.clear(), webdis.database, key.view(), mark.view());
  writeWebdisHeaders(headers, webdis, GET, path.view());
}

function writeServiceRequest(flight: Flight): void {
  const service = flight.lookup.config.service;
  if (!service) return;
  headers.clear().add(METHOD, service.method).add(PATH, flight.servicePath).add(AUTHORITY, service.authority);
  let saysCoding = false;
  ownHeaders.begin(flight.serviceHeaders);
  while (ownHeaders.next()) {
    headers.add(ownHeaders.name, ownHeaders.value);
    saysCoding = saysCoding || equal(ownHeaders.name, ACCEPT_ENCODING);
  }
  // Nothing here decodes, and without it a service may code as it likes (RFC 9110 §12.5.3).
  if (!saysCoding) headers.add(ACCEPT_ENCODING, IDENTITY);
}
