import { ByteBuffer, NONE, Slice, empty, sub, textOf } from "as-bytes/assembly";
import { parseConfig } from "../../../assembly/config/config";
import { TierConfig } from "../../../assembly/config/upstream-config";
import { LocalConfig } from "../../../assembly/config/local-config";
import { LookupChain } from "../../../assembly/lookup/chain";
import { Admission, Dependencies, Dependency, Health } from "../../../assembly/tier/dependency";
import { StoredEntry, entrySize, writeEntry } from "../../../assembly/lookup/entry";
import { actionFor, resortFor } from "../../../assembly/lookup/failure-policy";
import { FillQueue } from "../../../assembly/webdis/fill-queue";
import { LookupFlight } from "../../../assembly/lookup/lookup-flight";
import { freshnessOf } from "../../../assembly/lookup/freshness";
import { Jitter } from "../../../assembly/lookup/jitter";
import { Lookup } from "../../../assembly/lookup/lookup";
import { FailureClass, Tier, TierAnswer } from "../../../assembly/tier/outcome";
import { Passage } from "../../../assembly/lookup/passage";
import { rawAnswer, serviceAnswer, webdisAnswer, writeAnswer } from "../../../assembly/tier/replies";
import { Report } from "../../../assembly/lookup/report";
import { LookupTrace } from "../../../assembly/lookup/trace";
import { Store } from "../../../assembly/store/store";
import { LookupCount, nameOfLookupCount } from "../../../assembly/telemetry/lookup-counts";
import { WriteQueue } from "../../../assembly/webdis/write-queue";
import { bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";
import { request } from "./request";

const SEED0: u64 = 0x0706050403020100;
const SEED1: u64 = 0x0f0e0d0c0b0a0908;

const entryBytes = new ByteBuffer();
const entry = new StoredEntry();

class TestTrace extends LookupTrace {
  lines: Array<string> = [];

  protected write(line: Slice): void {
    this.lines.push(textOf(line));
  }
}

let queue = new WriteQueue(1, 1, 1, 0, SEED0, SEED1);
let lookups: Array<Lookup> = [];
let stores: Array<Store | null> = [];
let jitter = new Jitter(SEED0, SEED1);
let trace = new TestTrace();
let chain = new LookupChain(lookups, new Report(false), trace);
let answer = TierAnswer.missing();

// The answer's document points into the reply.
let reply: Uint8Array | null = null;

/** A chain without lookups; `reports` is whether somebody asked for the debug header. */
export function chainBegin(reports: bool): void {
  lookups = [];
  stores = [];
  jitter = new Jitter(SEED0, SEED1);
  trace = new TestTrace();
  chain = new LookupChain(lookups, new Report(reports), trace);
}

/** Adds the lookups of a configuration; returns the configuration's errors, one a line. */
export function chainAddLookups(json: Uint8Array): string {
  const parsed = parseConfig(bytesOf(json));
  const config = parsed.config;
  if (!config) return parsed.errors.join("\n");
  const webdis = config.webdis;
  queue = new WriteQueue(100, 1 << 20, 100, 0, SEED0, SEED1);
  const redis: FillQueue | null = webdis ? new FillQueue(queue, webdis.keyPrefix) : null;
  for (let i = 0; i < config.lookups.length; i++) {
    const local = config.lookups[i].local;
    const store = local ? new Store(local.maxEntries, local.maxBytes, SEED0, SEED1) : null;
    stores.push(store);
    lookups.push(new Lookup(config.lookups[i], i, store, jitter, redis));
  }
  return "";
}

/** What would be written to Redis next, as `key ttl value`; empty when nothing would. */
export function nextFill(now: i64): string {
  const write = queue.next(now);
  return write ? `${textOf(write.key)} ${write.ttl.toString()} ${textOf(write.value)}` : "";
}

/** Listens to what the lookups do from now on. */
export function traceBegin(): void {
  trace.isWanted = true;
}

export function traceLines(): string {
  return trace.lines.join("\n");
}

/** A count of a lookup since it was last taken; see `LookupCount`. */
export function takeCount(lookup: i32, name: string): i32 {
  for (let i = 0; i < LookupCount.Size; i++) {
    if (nameOfLookupCount(i) == name) return lookups[lookup].counts.take(i);
  }
  return -1;
}

/** Leads a request on: the one of `beginRequest` and `addHeader`. See `Step`. */
export function chainAdvance(passage: Passage, now: i64): i32 {
  return <i32>chain.advance(passage, request, now);
}

export function chainNextLaunch(): LookupFlight<Passage> | null {
  return chain.nextToAsk();
}

export function lookupFlightCount(lookup: i32): i32 {
  return lookups[lookup].flightCount;
}

/** How many entries a lookup holds; -1 without a local tier. */
export function lookupEntries(lookup: i32): i32 {
  const store = stores[lookup];
  return store ? store.entries : -1;
}

export function resortOf(lookup: i32, failure: i32, hasStale: bool): i32 {
  return <i32>resortFor(lookups[lookup].config, <FailureClass>failure, hasStale);
}

export function actionStatusOf(lookup: i32, failure: i32): i32 {
  return actionFor(lookups[lookup].config, <FailureClass>failure).status;
}

export function newPassage(stream: u32): Passage {
  const passage = new Passage();
  passage.begin(stream);
  return passage;
}

export function passageBegin(passage: Passage, stream: u32): void {
  passage.begin(stream);
}

export function passageForgetChanges(passage: Passage): void {
  passage.forgetChanges();
}

export function passageAbandon(passage: Passage): void {
  passage.abandon();
}

export function passageHasLanded(passage: Passage): bool {
  return passage.hasLanded;
}

export function passageChanges(passage: Passage): Uint8Array {
  return copyOf(passage.changes.view());
}

export function passageReport(passage: Passage): Uint8Array {
  return copyOf(passage.report.view());
}

export function flightLookup(flight: LookupFlight<Passage>): string {
  return flight.config.name;
}

export function flightTier(flight: LookupFlight<Passage>): i32 {
  return <i32>flight.tier;
}

export function flightKey(flight: LookupFlight<Passage>): Uint8Array {
  return copyOf(flight.key);
}

export function flightServicePath(flight: LookupFlight<Passage>): Uint8Array {
  return copyOf(flight.servicePath);
}

export function flightServiceHeaders(flight: LookupFlight<Passage>): Uint8Array {
  return copyOf(flight.serviceHeaders);
}

export function flightLanding(flight: LookupFlight<Passage>): i32 {
  return <i32>flight.landing;
}

export function flightLeave(flight: LookupFlight<Passage>, passage: Passage): void {
  if (passage.flight == flight) passage.abandon();
}

export function flightNextWaiter(flight: LookupFlight<Passage>): Passage | null {
  return flight.waiters.shift();
}

/** The present tier has this record. */
export function flightFound(flight: LookupFlight<Passage>, document: Uint8Array, now: i64): void {
  chain.answered(flight, TierAnswer.found(bytesOf(document)), now);
}

/** The present tier has no record. */
export function flightMissing(flight: LookupFlight<Passage>, now: i64): void {
  chain.answered(flight, TierAnswer.missing(), now);
}

/** The present tier could not answer. */
export function flightFailed(flight: LookupFlight<Passage>, failure: i32, reason: string, now: i64): void {
  chain.answered(flight, TierAnswer.failed(<FailureClass>failure, reason), now);
}

/** The present tier sent this reply. */
export function flightReplied(flight: LookupFlight<Passage>, status: i32, body: Uint8Array | null, now: i64): void {
  const service = flight.config.service;
  const maxBytes = service ? service.maxBytes : 0;
  const bytes = optionalBytesOf(body);
  const said =
    flight.tier == Tier.Webdis ? webdisAnswer(status, bytes, empty()) : serviceAnswer(status, bytes, maxBytes);
  chain.answered(flight, said, now);
}

export function readWebdisReply(status: i32, body: Uint8Array | null, mark: Uint8Array): void {
  reply = body;
  answer = webdisAnswer(status, optionalBytesOf(body), bytesOf(mark));
}

export function readRawReply(status: i32, body: Uint8Array | null): void {
  reply = body;
  answer = rawAnswer(status, optionalBytesOf(body), 1024);
}

export function readWriteReply(status: i32, body: Uint8Array | null): void {
  reply = body;
  answer = writeAnswer(status, optionalBytesOf(body));
}

export function readServiceReply(status: i32, body: Uint8Array | null, maxBytes: i32): void {
  reply = body;
  answer = serviceAnswer(status, optionalBytesOf(body), maxBytes);
}

export function answerFound(): bool {
  return answer.isFound;
}

export function answerDocument(): Uint8Array | null {
  return optionalCopyOf(answer.document);
}

/** See `FailureClass`. */
export function answerFailure(): i32 {
  return <i32>answer.failure;
}

export function answerIsOutage(): bool {
  return answer.isOutage;
}

export function answerReason(): string {
  return answer.reason;
}

export function reportAdd(wanted: bool, passage: Passage, lookup: string, tier: i32, age: i64, reason: string): void {
  new Report(wanted).add(passage, lookup, <Tier>tier, age, reason);
}

/** Lays an entry out for the functions below; the changes are null for a negative one. */
export function entryWrite(
  now: i64,
  ttl: i64,
  isOwnTtl: bool,
  changes: Uint8Array | null,
  values: Uint8Array | null,
): void {
  const size = entrySize(optionalBytesOf(changes), optionalBytesOf(values));
  entryBytes.clear();
  // Garbage, as in a store: nothing of it may be taken for what was written.
  while (entryBytes.length < size) entryBytes.byte(0xee);
  writeEntry(entryBytes.view(), now, ttl, isOwnTtl, optionalBytesOf(changes), optionalBytesOf(values));
  entry.open(entryBytes.view());
}

/** Lays an entry out in less room than it needs; returns what is there then. */
export function entryWriteShort(room: Uint8Array, changes: Uint8Array | null): Uint8Array {
  writeEntry(bytesOf(room), 1, 1, false, optionalBytesOf(changes), NONE);
  return room;
}

/** Whether the first bytes of `entryWrite`'s are an entry. */
export function entryOpens(length: i32): bool {
  return new StoredEntry().open(sub(entryBytes.view(), 0, length));
}

export function entryOpensMissing(): bool {
  return new StoredEntry().open(NONE);
}

export function entryLength(): i32 {
  return entryBytes.length;
}

export function entryStoredAt(): i64 {
  return entry.storedAt;
}

export function entryTtl(): i64 {
  return entry.ttl;
}

export function entryRetryAt(): i64 {
  return entry.retryAt;
}

export function entrySetRetryAt(time: i64): void {
  entry.retryAt = time;
}

export function entryNegative(): bool {
  return entry.isNegative;
}

export function entryValues(): Uint8Array | null {
  return optionalCopyOf(entry.values);
}

export function entryChanges(): Uint8Array | null {
  return optionalCopyOf(entry.changes);
}

let limitOfRecords: i64 = i64.MAX_VALUE;
let limitOfMisses: i64 = i64.MAX_VALUE;

/** How long records and misses are fresh under the configuration of `entryFreshness`. */
export function entrySetLimits(ttl: i64, negativeTtl: i64): void {
  limitOfRecords = ttl;
  limitOfMisses = negativeTtl;
}

/** What the entry of `entryWrite` is good for; see `Freshness`. */
export function entryFreshness(now: i64, refreshAhead: i64, staleWhileRevalidate: i64, staleIfError: i64): i32 {
  const config = new LocalConfig();
  config.ttl = limitOfRecords;
  config.negativeTtl = limitOfMisses;
  config.refreshAhead = refreshAhead;
  config.staleWhileRevalidate = staleWhileRevalidate;
  config.staleIfError = staleIfError;
  return <i32>freshnessOf(entry, now, config);
}

export function newDependency(): Dependency {
  return new Dependencies().to(NONE);
}

function limits(maxInFlight: i32, failures: i32, open: i64): TierConfig {
  const config = new TierConfig(1);
  config.maxInFlight = maxInFlight;
  config.breaker.failures = failures;
  config.breaker.open = open;
  return config;
}

/** See `Admission`. */
export function dependencyEnter(dependency: Dependency, maxInFlight: i32, failures: i32, open: i64, now: i64): i32 {
  const config = limits(maxInFlight, failures, open);
  return <i32>dependency.enter(config, now);
}

export function dependencyLeave(
  dependency: Dependency,
  failures: i32,
  open: i64,
  admission: i32,
  health: i32,
  now: i64,
): void {
  dependency.leave(limits(1, failures, open), <Admission>admission, <Health>health, now);
}

export function dependencyInFlight(dependency: Dependency): i32 {
  return dependency.inFlight;
}

export function dependencyIsRefusing(dependency: Dependency, failures: i32, open: i64, now: i64): bool {
  return dependency.isRefusing(limits(1, failures, open), now);
}

/** See `Admission`; breaker open where no write may be sent. */
export function dependencyEnterWrite(dependency: Dependency, failures: i32, open: i64, now: i64): i32 {
  const config = limits(1, failures, open);
  return <i32>(dependency.mayWrite(config, now) ? dependency.enterWrite(config) : Admission.BreakerOpen);
}

export function dependencyLeaveWrite(
  dependency: Dependency,
  failures: i32,
  open: i64,
  admission: i32,
  health: i32,
  now: i64,
): void {
  dependency.leaveWrite(limits(1, failures, open), <Admission>admission, <Health>health, now);
}

/** Whether two clusters are one dependency. */
export function shareDependency(first: Uint8Array, second: Uint8Array): bool {
  const dependencies = new Dependencies();
  return dependencies.to(bytesOf(first)) == dependencies.to(bytesOf(second));
}

export function newJitter(seed0: u64, seed1: u64): Jitter {
  return new Jitter(seed0, seed1);
}

export function jitterShorten(spread: Jitter, ttl: i64, percent: f64): i64 {
  return spread.shorten(ttl, percent);
}
