import { Slice, isPresent, textOf } from "as-bytes/assembly";
import { JsonDocument } from "as-strict-json/assembly";
import { Config, parseConfig } from "../../../assembly/config/config";
import { parseDuration } from "../../../assembly/config/duration";
import { ConfigErrors } from "../../../assembly/config/errors";
import { InvalidationConfig } from "../../../assembly/config/invalidation-config";
import { LocalConfig } from "../../../assembly/config/local-config";
import { parsePercentage } from "../../../assembly/config/percentage";
import { ResponseCacheConfig } from "../../../assembly/config/response-cache-config";
import { ServiceConfig } from "../../../assembly/config/service-config";
import { parseSize } from "../../../assembly/config/size";
import { TracingConfig } from "../../../assembly/config/tracing-config";
import { TierConfig } from "../../../assembly/config/upstream-config";
import { Value } from "../../../assembly/config/value";
import { WebdisConfig } from "../../../assembly/config/webdis-config";
import { Encoding } from "../../../assembly/request/encoding";
import { bytesOf, optionalCopyOf } from "./bytes";
import { fill, request } from "./request";

export {
  addHeader,
  beginRequest,
  compileProblem,
  fillTemplate,
  headersRead,
  needsOfTemplate,
  pathSegments,
  propertyOf,
} from "./request";

export function durationOf(text: string): f64 {
  return <f64>parseDuration(text);
}

export function sizeOf(text: string): f64 {
  return <f64>parseSize(text);
}

export function percentageOf(text: string): f64 {
  return parsePercentage(text);
}

let config: Config = new Config();

/** Compiles a configuration for the functions below and returns its errors, one a line. */
export function configure(json: Uint8Array): string {
  config.dispose();
  const result = parseConfig(bytesOf(json));
  const parsed = result.config;
  config = parsed ? parsed : new Config();
  return result.errors.join("\n");
}

/** The size of the module's memory, which never shrinks. */
export function memoryPages(): i32 {
  return memory.size();
}

export function describeTop(): string {
  return [
    "lookups=" + config.lookups.length.toString(),
    "debugHeader=" + shown(config.debugHeader),
    "shadow=" + config.shadow.toString(),
    "webdis=" + (config.webdis ? "given" : "none"),
    "needsManyHeaders=" + config.needsManyHeaders.toString(),
  ].join("\n");
}

export function describeWebdis(): string {
  const webdis = config.webdis;
  return webdis ? linesOfWebdis(webdis).join("\n") : "none";
}

export function describeLookup(): string {
  const lookup = config.lookups[0];
  const service = lookup.service;
  const local = lookup.local;
  const lines = [
    "name=" + lookup.name,
    "key=" + lookup.key.text,
    "webdis=" + lookup.webdis.toString(),
    "owns=" + namesOf(lookup.owns),
    "onMiss=" + lookup.onMiss.status.toString() + " " + shown(lookup.onMiss.body),
    "onError=" + lookup.onError.status.toString() + " " + shown(lookup.onError.body),
  ];
  return lines
    .concat(service ? linesOfService(service) : [])
    .concat(local ? linesOfLocal(local) : [])
    .join("\n");
}

/** Reads one section on its own, also one that a whole configuration cannot have yet, and describes it. */
export function describeSection(name: string, json: Uint8Array): string {
  const document = new JsonDocument();
  const errors = new ConfigErrors();
  if (!document.parse(bytesOf(json), 1 << 20, 32)) return document.error;
  const value = new Value(document, document.root, name, errors);
  const lines = linesOfSection(name, value);
  document.dispose();
  return lines.concat(errors.list()).join("\n");
}

export function identity(): string {
  return config.identityOf(config.lookups[0]);
}

export function setPassword(password: string): void {
  const webdis = config.webdis;
  if (webdis) webdis.setPassword(password);
}

export function matches(): bool {
  return config.lookups[0].match.matches(request);
}

export function restOfMatch(): Uint8Array | null {
  return optionalCopyOf(config.lookups[0].match.rest);
}

export function buildKey(): Uint8Array | null {
  const lookup = config.lookups[0];
  return fill(lookup.key, Encoding.Key, lookup.match.rest);
}

export function needsOfLookup(): i32 {
  return config.lookups[0].needs;
}

function linesOfSection(name: string, value: Value): Array<string> {
  if (name == "webdis") {
    const webdis = WebdisConfig.read(value);
    return webdis ? linesOfWebdis(webdis) : ["none"];
  }
  if (name == "tracing") {
    const tracing = TracingConfig.read(value);
    if (!tracing) return ["none"];
    return ["path=" + shown(tracing.path), "service=" + tracing.service, "authority=" + shown(tracing.authority)];
  }
  if (name == "invalidation") {
    const invalidation = InvalidationConfig.read(value, true);
    return [invalidation ? "poll=" + invalidation.poll.toString() : "none"];
  }
  const cache = ResponseCacheConfig.read(value, true);
  return cache ? linesOfCache(cache) : ["none"];
}

function linesOfTier(tier: TierConfig): Array<string> {
  return [
    "cluster=" + shown(tier.cluster),
    "authority=" + shown(tier.authority),
    "timeout=" + tier.timeout.toString(),
    "maxInFlight=" + tier.maxInFlight.toString(),
    "breaker=" + tier.breaker.failures.toString() + " " + tier.breaker.open.toString(),
  ];
}

function linesOfWebdis(webdis: WebdisConfig): Array<string> {
  return linesOfTier(webdis).concat([
    "database=" + webdis.database.toString(),
    "keyPrefix=" + shown(webdis.keyPrefix),
    "authorization=" + shown(webdis.authorization),
    "passwordEnv=" + webdis.passwordEnv,
    "writeQueue=" + webdis.writeQueue.maxEntries.toString() + " " + webdis.writeQueue.bytesFor(0).toString(),
  ]);
}

function linesOfService(service: ServiceConfig): Array<string> {
  const lines = linesOfTier(service).concat([
    "method=" + shown(service.method),
    "path=" + service.path.text,
    "maxBytes=" + service.maxBytes.toString(),
    "fill=" + service.fill.toString() + " " + service.fillTtl.toString(),
  ]);
  for (let i = 0; i < service.headers.length; i++) {
    lines.push("header " + shown(service.headers[i].name) + "=" + service.headers[i].value.text);
  }
  return lines;
}

function linesOfLocal(local: LocalConfig): Array<string> {
  return [
    "ttl=" + local.ttl.toString(),
    "jitter=" + local.jitter.toString(),
    "negativeTtl=" + local.negativeTtl.toString(),
    "refreshAhead=" + local.refreshAhead.toString(),
    "staleWhileRevalidate=" + local.staleWhileRevalidate.toString(),
    "staleIfError=" + local.staleIfError.toString(),
    "maxEntries=" + local.maxEntries.toString(),
    "localMaxBytes=" + local.maxBytes.toString(),
  ];
}

function linesOfCache(cache: ResponseCacheConfig): Array<string> {
  const ignored: Array<string> = [];
  for (let i = 0; i < cache.ignoredQuery.length; i++) {
    ignored.push(shown(cache.ignoredQuery[i].text) + (cache.ignoredQuery[i].isPartial ? "*" : ""));
  }
  return [
    "ignoredQuery=" + ignored.join(" "),
    "keyHeaders=" + namesOf(cache.keyHeaders),
    "shared=" + cache.shared.toString(),
    "local=" + cache.local.maxEntries.toString() + " " + cache.local.maxBytes.toString(),
    "maxBodyBytes=" + cache.maxBodyBytes.toString(),
    "heuristic=" + cache.heuristic.toString(),
    "defaultTtl=" + cache.defaultTtl.toString(),
    "staleWhileRevalidate=" + cache.staleWhileRevalidate.toString(),
    "staleIfError=" + cache.staleIfError.toString(),
    "collapseWait=" + cache.collapseWait.toString(),
    "tagsHeader=" + shown(cache.tagsHeader),
  ];
}

function namesOf(names: Array<Slice>): string {
  const texts: Array<string> = [];
  for (let i = 0; i < names.length; i++) texts.push(textOf(names[i]));
  return texts.join(" ");
}

/** Missing and empty look different. */
function shown(s: Slice): string {
  return isPresent(s) ? textOf(s) : "(none)";
}
