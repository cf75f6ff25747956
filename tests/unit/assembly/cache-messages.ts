import { ByteBuffer } from "as-bytes/assembly";
import { CacheStatus } from "../../../assembly/cache/cache-status";
import { HeaderUpdate } from "../../../assembly/cache/header-update";
import { appendInvalidated, invalidates } from "../../../assembly/cache/invalidation-targets";
import { Preconditions, hasOriginPrecondition, isSentWithNotModified } from "../../../assembly/cache/preconditions";
import { RangeRequest, appendContentRange, appendUnsatisfiedRange } from "../../../assembly/cache/ranges";
import { StoredHeaders } from "../../../assembly/cache/stored-headers";
import { ValidationRequest, headMatches, selectsForUpdate } from "../../../assembly/cache/validation";
import { EntityTags, isEntityTag, matchesStrongly, matchesWeakly } from "../../../assembly/text/entity-tag";
import { HeaderListWriter } from "../../../assembly/text/header-list";
import { atMemoryEnd, bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";

const into = new ByteBuffer();
const request = new StoredHeaders();
const response = new StoredHeaders();
const preconditions = new Preconditions();
const validation = new ValidationRequest();
const update = new HeaderUpdate();
const range = new RangeRequest();
const tags = new EntityTags();
const status = new CacheStatus();

export function entityTagValid(tag: Uint8Array): bool {
  return isEntityTag(atMemoryEnd(tag));
}

export function entityTagsMatch(a: Uint8Array, b: Uint8Array, strongly: bool): bool {
  return strongly ? matchesStrongly(bytesOf(a), bytesOf(b)) : matchesWeakly(bytesOf(a), bytesOf(b));
}

export function entityTagsBegin(field: Uint8Array): void {
  tags.begin(atMemoryEnd(field));
}

export function entityTagsNext(): Uint8Array | null {
  return tags.next() ? copyOf(tags.tag) : null;
}

/** The fields of a request and of a stored response, as header lists, for the functions below. */
export function messagesSet(requestFields: Uint8Array, responseFields: Uint8Array): void {
  keptRequest = requestFields;
  keptResponse = responseFields;
  request.begin(bytesOf(requestFields));
  response.begin(bytesOf(responseFields));
}

let keptRequest = new Uint8Array(0);
let keptResponse = new Uint8Array(0);

/** See `Precondition`. */
export function preconditionOf(responseStatus: i32, receivedAt: i64): i32 {
  return <i32>preconditions.evaluate(request, response, responseStatus, receivedAt);
}

export function originPrecondition(): bool {
  return hasOriginPrecondition(request);
}

export function sentWithNotModified(name: Uint8Array, hasEntityTag: bool): bool {
  return isSentWithNotModified(bytesOf(name), hasEntityTag);
}

export function validationPrepare(): bool {
  return validation.prepare(request, response);
}

export function validationNoneMatch(): Uint8Array | null {
  return optionalCopyOf(validation.ifNoneMatch);
}

export function validationModifiedSince(): Uint8Array | null {
  return optionalCopyOf(validation.ifModifiedSince);
}

/** The first of `messagesSet` is a 304. */
export function notModifiedSelects(): bool {
  return selectsForUpdate(request, response);
}

/** The first of `messagesSet` is a response to HEAD. */
export function headResponseMatches(bodyLength: i32): bool {
  return headMatches(request, response, bodyLength);
}

export function headersUpdated(stored: Uint8Array, by: Uint8Array): Uint8Array {
  update.write(new HeaderListWriter(into.clear()), bytesOf(stored), bytesOf(by));
  return copyOf(into.view());
}

/** See `RangeAnswer`. */
export function rangeDecide(responseStatus: i32, bodyLength: i32): i32 {
  return <i32>range.decide(request, response, responseStatus, bodyLength);
}

/** The `Content-Range` of the last decision, for 206 or 416. */
export function rangeText(bodyLength: i32, isSatisfied: bool): Uint8Array {
  into.clear();
  if (isSatisfied) appendContentRange(into, range.first, range.last, bodyLength);
  else appendUnsatisfiedRange(into, bodyLength);
  return copyOf(into.view());
}

export function cacheStatusClear(): void {
  status.clear();
}

export function cacheStatusForwarded(reason: i32, forwardedStatus: i32, stored: bool, collapsed: bool): void {
  status.forwarded = reason;
  status.forwardedStatus = forwardedStatus;
  status.stored = stored;
  status.collapsed = collapsed;
}

export function cacheStatusTtl(ttl: i64): void {
  status.hasTtl = true;
  status.ttl = ttl;
}

export function cacheStatusText(detail: Uint8Array | null, existing: Uint8Array | null): Uint8Array {
  status.detail = optionalBytesOf(detail);
  status.append(into.clear(), optionalBytesOf(existing));
  return copyOf(into.view());
}

export function methodInvalidates(method: Uint8Array, responseStatus: i32): bool {
  return invalidates(bytesOf(method), responseStatus);
}

/** The path and query that is invalidated; null where nothing is, and then nothing may have been written. */
export function invalidatedTarget(
  reference: Uint8Array | null,
  scheme: Uint8Array,
  authority: Uint8Array,
  target: Uint8Array,
): Uint8Array | null {
  into.clear();
  const found = reference ? atMemoryEnd(reference) : optionalBytesOf(reference);
  if (appendInvalidated(into, found, bytesOf(scheme), bytesOf(authority), bytesOf(target))) return copyOf(into.view());
  assert(into.length == 0);
  return null;
}
