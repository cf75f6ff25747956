import { ByteBuffer, NONE, Slice, copy, equal, persist, release, sub } from "as-bytes/assembly";
import { PrimaryKeys, appendRedisKey } from "../../../assembly/cache/key";
import { ConnectionPort } from "../../../assembly/cache/overrides";
import { StoredHeaders } from "../../../assembly/cache/stored-headers";
import { VariantIndex, appendVariantKey } from "../../../assembly/cache/variants";
import { SecondaryKeys, VaryNames, isWholeSecondaryKey, namesOfSecondaryKey } from "../../../assembly/cache/vary";
import { Pattern } from "../../../assembly/request/match";
import { appendSha256Hex } from "../../../assembly/text/sha256";
import { atMemoryEnd, bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";

const into = new ByteBuffer();
const names = new VaryNames();
const secondary = new SecondaryKeys();
const request = new StoredHeaders();
const index = new VariantIndex();
const otherIndex = new VariantIndex();

export function sha256Hex(bytes: Uint8Array): Uint8Array {
  appendSha256Hex(into.clear(), atMemoryEnd(bytes));
  return copyOf(into.view());
}

/** The names that a `Vary` field lists; null where it never matches. */
export function varyNames(field: Uint8Array | null): Uint8Array | null {
  return names.read(field ? atMemoryEnd(field) : NONE) ? copyOf(names.view()) : null;
}

/** The secondary key of a request, given as a header list, for a list of names. */
export function secondaryKey(list: Uint8Array, requestFields: Uint8Array): Uint8Array {
  request.begin(atMemoryEnd(requestFields));
  secondary.append(into.clear(), bytesOf(list), request);
  return copyOf(into.view());
}

export function secondaryKeyWhole(key: Uint8Array): bool {
  return isWholeSecondaryKey(atMemoryEnd(key));
}

export function secondaryKeyNames(key: Uint8Array): Uint8Array | null {
  return optionalCopyOf(namesOfSecondaryKey(atMemoryEnd(key)));
}

/** Whose the indexes are that are written here. */
const PRIMARY = persist("primary key");

export function variantIndexOf(primary: Uint8Array): bool {
  return index.isOf(bytesOf(primary));
}

export function variantIndexOpen(bytes: Uint8Array | null): bool {
  return index.open(bytes ? atMemoryEnd(bytes) : NONE);
}

/** Since when the list of the last `variantIndexNext` counts. */
export function variantIndexSince(): i64 {
  return index.since;
}

export function variantIndexNext(): Uint8Array | null {
  return index.next() ? copyOf(index.names) : null;
}

/** The index with one list more; null where nothing changes. */
export function variantIndexWith(list: Uint8Array, since: i64): Uint8Array | null {
  return index.writeWith(PRIMARY, bytesOf(list), since, into) ? copyOf(into.view()) : null;
}

/** The open index with another one's lists before its own; null where nothing changes. */
export function variantIndexMerged(other: Uint8Array, now: i64): Uint8Array | null {
  otherIndex.open(bytesOf(other));
  return index.writeMerged(otherIndex, now, into) ? copyOf(into.view()) : null;
}

export function variantKey(primaryKey: Uint8Array, key: Uint8Array): Uint8Array {
  appendVariantKey(into.clear(), bytesOf(primaryKey), bytesOf(key));
  return copyOf(into.view());
}

let ignoredQuery: Array<Pattern> = [];
let keyHeaders: Array<Slice> = [];
let keys = new PrimaryKeys(ignoredQuery, keyHeaders);

/** A configuration without ignored parameters and fields. */
export function keyConfigure(): void {
  for (let i = 0; i < ignoredQuery.length; i++) ignoredQuery[i].dispose();
  for (let i = 0; i < keyHeaders.length; i++) release(keyHeaders[i]);
  ignoredQuery = [];
  keyHeaders = [];
  keys = new PrimaryKeys(ignoredQuery, keyHeaders);
}

export function keyIgnore(name: string, isPartial: bool): void {
  ignoredQuery.push(new Pattern(persist(name), isPartial));
}

export function keyAddHeader(name: Uint8Array): void {
  keyHeaders.push(copy(bytesOf(name)));
}

export function primaryKey(requestFields: Uint8Array, outcome: Uint8Array | null): Uint8Array {
  request.begin(atMemoryEnd(requestFields));
  keys.append(into.clear(), request, optionalBytesOf(outcome));
  return copyOf(into.view());
}

export function uriKey(scheme: Uint8Array, authority: Uint8Array, target: Uint8Array): Uint8Array {
  keys.appendUri(into.clear(), bytesOf(scheme), bytesOf(authority), bytesOf(target));
  return copyOf(into.view());
}

/** The part of a request's key that says which URI it is for. */
export function uriOfKey(requestFields: Uint8Array, outcome: Uint8Array | null): Uint8Array {
  request.begin(atMemoryEnd(requestFields));
  keys.append(into.clear(), request, optionalBytesOf(outcome));
  return copyOf(sub(into.view(), 0, keys.uriLength));
}

/** A connection to the proxy's port 8443. */
class GivenPort extends ConnectionPort {
  is(port: Slice): bool {
    return equal(port, CONNECTION_PORT);
  }
}

const CONNECTION_PORT = persist("8443");
const connection = new GivenPort();

/** Whether a request has a field that says otherwise than its URI, where the connection is to port 8443. */
export function overridden(requestFields: Uint8Array): bool {
  request.begin(atMemoryEnd(requestFields));
  keys.append(into.clear(), request, NONE);
  return keys.isOverridden(request, connection);
}

export function redisKey(prefix: Uint8Array, key: Uint8Array): Uint8Array {
  appendRedisKey(into.clear(), bytesOf(prefix), bytesOf(key));
  return copyOf(into.view());
}
