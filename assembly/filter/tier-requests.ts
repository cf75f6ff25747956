import { ByteBuffer, NONE, Slice, isPresent, persist } from "as-bytes/assembly";
import { PairsBuilder, Status } from "as-proxy-wasm-sdk/assembly";
import { Dependency } from "../lookup/dependency";
import { Flight } from "../lookup/flight";
import { FailureClass, Tier, TierAnswer } from "../lookup/outcome";
import { ChangesReader } from "../route/changes";
import { appendGet } from "../webdis/command";
import { LookupDriver } from "./lookup-driver";
import { TierCall } from "./tier-call";

const METHOD = persist(":method");
const PATH = persist(":path");
const AUTHORITY = persist(":authority");
const AUTHORIZATION = persist("authorization");
const GET = persist("GET");

const headers = new PairsBuilder();
const ownHeaders = new ChangesReader();
const key = new ByteBuffer();
const path = new ByteBuffer();

/** Asks a flight's present tier; null when the question is out, else why it could not be sent. */
export function askTier(driver: LookupDriver, flight: Flight): TierAnswer | null {
  const isWebdis = flight.tier == Tier.Webdis;
  const dependency = isWebdis ? driver.webdis : flight.lookup.service;
  if (!dependency.enter()) return TierAnswer.failed(FailureClass.Overload, "too many calls");
  const status = isWebdis ? askWebdis(driver, flight, dependency) : askService(driver, flight, dependency);
  if (status == Status.Ok) return null;
  dependency.leave();
  // The host says so at once when it has no such cluster.
  return unsent(status == Status.BadArgument ? "unknown cluster" : "not sent");
}

function askWebdis(driver: LookupDriver, flight: Flight, dependency: Dependency): Status {
  const webdis = driver.config.webdis;
  if (!webdis) return Status.BadArgument;
  key.clear().bytes(webdis.keyPrefix).bytes(flight.key);
  appendGet(path.clear(), webdis.database, key.view());
  headers.clear().add(METHOD, GET).add(PATH, path.view()).add(AUTHORITY, webdis.authority);
  if (isPresent(webdis.authorization)) headers.add(AUTHORIZATION, webdis.authorization);
  return send(driver, flight, dependency, webdis.cluster, webdis.timeout);
}

function askService(driver: LookupDriver, flight: Flight, dependency: Dependency): Status {
  const service = flight.lookup.config.service;
  if (!service) return Status.BadArgument;
  headers.clear().add(METHOD, service.method).add(PATH, flight.servicePath).add(AUTHORITY, service.authority);
  ownHeaders.begin(flight.serviceHeaders);
  while (ownHeaders.next()) headers.add(ownHeaders.name, ownHeaders.value);
  return send(driver, flight, dependency, service.cluster, service.timeout);
}

function send(driver: LookupDriver, flight: Flight, dependency: Dependency, cluster: Slice, timeout: i64): Status {
  return new TierCall(driver, flight, dependency).dispatchFrom(driver.root, cluster, headers, NONE, null, <u32>timeout);
}

function unsent(reason: string): TierAnswer {
  return TierAnswer.failed(FailureClass.Unavailable, reason);
}
