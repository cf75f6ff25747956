import { headerList, type Field } from "./header-list.ts";
import { latin1, optionalLatin1 } from "./text.ts";
import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

const names = unit.function("varyNames", ["optionalBytes"], "optionalBytes");
const secondary = unit.function("secondaryKey", ["bytes", "bytes"], "bytes");
const secondaryNames = unit.function("secondaryKeyNames", ["bytes"], "optionalBytes");
const next = unit.function("variantIndexNext", [], "optionalBytes");
const since = unit.function("variantIndexSince", [], "i64");
const withList = unit.function("variantIndexWith", ["bytes", "i64"], "optionalBytes");
const merged = unit.function("variantIndexMerged", ["bytes", "i64"], "optionalBytes");
const configure = unit.function("keyConfigure", [], "void");
const ignore = unit.function("keyIgnore", ["text", "bool"], "void");
const addHeader = unit.function("keyAddHeader", ["bytes"], "void");
const primary = unit.function("primaryKey", ["bytes", "optionalBytes"], "bytes");
const uriOf = unit.function("uriOfKey", ["bytes", "optionalBytes"], "bytes");
const overridden = unit.function("overridden", ["bytes"], "bool");

export const sha256 = unit.function("sha256Hex", ["bytes"], "bytes");
export const isWholeSecondaryKey = unit.function("secondaryKeyWhole", ["bytes"], "bool");
export const openIndex = unit.function("variantIndexOpen", ["optionalBytes"], "bool");
export const isIndexOf = unit.function("variantIndexOf", ["bytes"], "bool");
export const variantKey = unit.function("variantKey", ["bytes", "bytes"], "bytes");
export const uriKey = unit.function("uriKey", ["bytes", "bytes", "bytes"], "bytes");
export const redisKey = unit.function("redisKey", ["bytes", "bytes"], "bytes");

/** The names that a `Vary` field lists; null where responses with it never match. */
export function varyNames(field: string | null): string | null {
  return optionalLatin1(names(field));
}

/** The secondary key of a request with these fields. A name that stands there twice is a repeated field. */
export function secondaryKey(list: string, fields: readonly Field[]): Uint8Array {
  return secondary(list, headerList(fields));
}

export function namesOf(key: Uint8Array): string | null {
  return optionalLatin1(secondaryNames(key));
}

/** Whether two requests match in the fields that `vary` names. */
export function matches(vary: string, one: readonly Field[], other: readonly Field[]): boolean {
  const list = varyNames(vary);
  return list !== null && Buffer.compare(secondaryKey(list, one), secondaryKey(list, other)) === 0;
}

/** The open index with one list more, which counts since then; null where nothing changes. */
export function indexWith(list: string, at: number): Uint8Array | null {
  return withList(list, BigInt(at));
}

/** The open index with another one's lists before its own; null where nothing changes. */
export function indexMerged(other: Uint8Array, now: number): Uint8Array | null {
  return merged(other, BigInt(now));
}

/** The lists of names of the index that was opened last. */
export function listsOfIndex(): string[] {
  return countedListsOfIndex().map(([list]) => list);
}

/** The same with the time since when each one counts. */
export function countedListsOfIndex(): [string, number][] {
  const lists: [string, number][] = [];
  for (let list = next(); list !== null; list = next()) lists.push([latin1(list), Number(since())]);
  return lists;
}

/** What of a request counts beside its URI: names of parameters that do not, with `*` behind prefixes, and fields. */
export function configureKey(ignored: readonly string[] = [], headers: readonly string[] = []): void {
  configure();
  for (const name of ignored) ignore(name.replace(/\*$/, ""), name.endsWith("*"));
  for (const name of headers) addHeader(name);
}

export interface KeyRequest {
  scheme?: string;
  authority?: string;
  path?: string;
  fields?: readonly Field[];
  outcome?: string | null;
}

function fieldsOf({ scheme = "https", authority = "a.test", path = "/", fields = [] }: KeyRequest): Buffer {
  return headerList([[":scheme", scheme], [":authority", authority], [":path", path], ...fields]);
}

export function primaryKey(request: KeyRequest): string {
  return latin1(primary(fieldsOf(request), request.outcome ?? null));
}

/** The part of the key that says which URI it is for. */
export function uriOfKey(request: KeyRequest): string {
  return latin1(uriOf(fieldsOf(request), request.outcome ?? null));
}

/** Whether a field of the request says otherwise than its URI; its connection is to port 8443. */
export function isOverridden(request: KeyRequest): boolean {
  return overridden(fieldsOf(request));
}
