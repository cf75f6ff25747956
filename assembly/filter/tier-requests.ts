import { ByteBuffer, NONE, Slice, isPresent, persist } from "as-bytes/assembly";
import { PairsBuilder, Status } from "as-proxy-wasm-sdk/assembly";
import { ServiceConfig } from "../config/service-config";
import { WebdisConfig } from "../config/webdis-config";
import { Flight } from "../lookup/flight";
import { FailureClass, Tier, TierAnswer } from "../lookup/outcome";
import { ChangesReader } from "../route/changes";
import { appendGet } from "../webdis/command";
import { Plugin } from "./plugin";
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
export function askTier(plugin: Plugin, flight: Flight, webdis: WebdisConfig | null): TierAnswer | null {
  if (flight.tier == Tier.Webdis) return webdis ? askWebdis(plugin, flight, webdis) : unsent("webdis");
  const service = flight.lookup.config.service;
  return service ? askService(plugin, flight, service) : unsent("service");
}

function askWebdis(plugin: Plugin, flight: Flight, webdis: WebdisConfig): TierAnswer | null {
  key.clear().bytes(webdis.keyPrefix).bytes(flight.key);
  appendGet(path.clear(), webdis.database, key.view());
  headers.clear().add(METHOD, GET).add(PATH, path.view()).add(AUTHORITY, webdis.authority);
  if (isPresent(webdis.authorization)) headers.add(AUTHORIZATION, webdis.authorization);
  return send(plugin, flight, webdis.cluster, <u32>webdis.timeout);
}

function askService(plugin: Plugin, flight: Flight, service: ServiceConfig): TierAnswer | null {
  headers.clear().add(METHOD, service.method).add(PATH, flight.servicePath).add(AUTHORITY, service.authority);
  ownHeaders.begin(flight.serviceHeaders);
  while (ownHeaders.next()) headers.add(ownHeaders.name, ownHeaders.value);
  return send(plugin, flight, service.cluster, <u32>service.timeout);
}

function send(plugin: Plugin, flight: Flight, cluster: Slice, timeout: u32): TierAnswer | null {
  const status = new TierCall(plugin, flight).dispatchFrom(plugin, cluster, headers, NONE, null, timeout);
  if (status == Status.Ok) return null;
  // The host says so at once when it has no such cluster.
  return unsent(status == Status.BadArgument ? "unknown cluster" : "not sent");
}

function unsent(reason: string): TierAnswer {
  return TierAnswer.failed(FailureClass.Unavailable, reason);
}
