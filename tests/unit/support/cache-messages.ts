import { headerList, readHeaderList, type Field } from "./header-list.ts";
import { latin1, optionalLatin1 } from "./text.ts";
import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

const setMessages = unit.function("messagesSet", ["bytes", "bytes"], "void");
const precondition = unit.function("preconditionOf", ["i32", "i64"], "i32");
const hasOrigin = unit.function("originPrecondition", [], "bool");
const tagsBegin = unit.function("entityTagsBegin", ["bytes"], "void");
const tagsNext = unit.function("entityTagsNext", [], "optionalBytes");
const prepare = unit.function("validationPrepare", [], "bool");
const noneMatch = unit.function("validationNoneMatch", [], "optionalBytes");
const modifiedSince = unit.function("validationModifiedSince", [], "optionalBytes");
const selects = unit.function("notModifiedSelects", [], "bool");
const headMatchesStored = unit.function("headResponseMatches", ["i32"], "bool");
const updated = unit.function("headersUpdated", ["bytes", "bytes"], "bytes");
const decide = unit.function("rangeDecide", ["i32", "i32"], "i32");
const rangeText = unit.function("rangeText", ["i32", "bool"], "bytes");
const clear = unit.function("cacheStatusClear", [], "void");
const forwarded = unit.function("cacheStatusForwarded", ["i32", "i32", "bool", "bool"], "void");
const setTtl = unit.function("cacheStatusTtl", ["i64"], "void");
const statusText = unit.function("cacheStatusText", ["optionalBytes", "optionalBytes"], "bytes");
const target = unit.function("invalidatedTarget", ["optionalBytes", "bytes", "bytes", "bytes"], "optionalBytes");

export const isEntityTag = unit.function("entityTagValid", ["bytes"], "bool");
export const tagsMatch = unit.function("entityTagsMatch", ["bytes", "bytes", "bool"], "bool");
export const isSentWithNotModified = unit.function("sentWithNotModified", ["bytes", "bool"], "bool");
export const invalidates = unit.function("methodInvalidates", ["bytes", "i32"], "bool");

/** Fields as an object; a list of values is a repeated field. */
export type Fields = Record<string, string | readonly string[]>;

function bytesOf(fields: Fields): Buffer {
  const list: Field[] = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((line): Field => [name, line]),
  );
  return headerList(list);
}

export function entityTags(field: string): string[] {
  tagsBegin(field);
  const tags: string[] = [];
  for (let tag = tagsNext(); tag !== null; tag = tagsNext()) tags.push(latin1(tag));
  return tags;
}

/** Whether a request is answered with 304 from a stored response that was received at that time. */
export function isNotModified(request: Fields, stored: Fields, status = 200, receivedAt = 0): boolean {
  setMessages(bytesOf({ ":method": "GET", ...request }), bytesOf(stored));
  return precondition(status, BigInt(receivedAt)) === 1;
}

export function hasOriginPrecondition(request: Fields): boolean {
  setMessages(bytesOf(request), new Uint8Array(0));
  return hasOrigin();
}

/** The preconditions that the upstream gets; null where it is asked nothing. */
export function validationOf(
  request: Fields,
  stored: Fields,
): { noneMatch: string | null; modifiedSince: string | null } | null {
  setMessages(bytesOf(request), bytesOf(stored));
  if (!prepare()) return null;
  return { noneMatch: optionalLatin1(noneMatch()), modifiedSince: optionalLatin1(modifiedSince()) };
}

export function selectsForUpdate(notModified: Fields, stored: Fields): boolean {
  setMessages(bytesOf(notModified), bytesOf(stored));
  return selects();
}

export function headMatches(head: Fields, stored: Fields, bodyLength: number): boolean {
  setMessages(bytesOf(head), bytesOf(stored));
  return headMatchesStored(bodyLength);
}

export function updatedFields(stored: Fields, by: Fields): [string, string][] {
  return readHeaderList(updated(bytesOf(stored), bytesOf(by))).fields;
}

/** The `Content-Range` of the answer, or "whole" where the range is ignored. */
export function rangeOf(
  range: string,
  length: number,
  request: Fields = {},
  stored: Fields = {},
  status = 200,
): string {
  setMessages(bytesOf({ ":method": "GET", range, ...request }), bytesOf(stored));
  const answer = decide(status, length);
  return answer === 0 ? "whole" : latin1(rangeText(length, answer === 1));
}

/** As `rangeOf`, for a request without `Range`. */
export function answerWithoutRange(length: number): number {
  setMessages(bytesOf({ ":method": "GET" }), new Uint8Array(0));
  return decide(200, length);
}

/** `Forwarded`, by number. */
const REASONS = ["", "bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"] as const;

export interface Status {
  forwarded?: (typeof REASONS)[number];
  forwardedStatus?: number;
  stored?: boolean;
  collapsed?: boolean;
  /** Milliseconds. */
  ttl?: number;
  detail?: string;
  existing?: string;
}

export function cacheStatus(status: Status): string {
  clear();
  const { forwardedStatus = 0, stored = false, collapsed = false } = status;
  forwarded(REASONS.indexOf(status.forwarded ?? ""), forwardedStatus, stored, collapsed);
  if (status.ttl !== undefined) setTtl(BigInt(status.ttl));
  return latin1(statusText(status.detail ?? null, status.existing ?? null));
}

/** What a response's `Location` invalidates; the target URI is `https://a.test` and this path and query. */
export function invalidatedTarget(reference: string | null, path = "/b/c/d?q", authority = "a.test"): string | null {
  return optionalLatin1(target(reference, "https", authority, path));
}
