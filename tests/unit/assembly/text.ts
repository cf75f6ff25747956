import { ByteBuffer, appendCodePoint, isUtf8, sipHash, sub } from "as-bytes/assembly";
import { JsonDocument, JsonPointer } from "as-strict-json/assembly";
import { appendBase64 } from "../../../assembly/text/base64";
import { isFieldName, isFieldValue, isForbiddenName } from "../../../assembly/text/header-value";
import * as url from "../../../assembly/text/url";
import { atMemoryEnd, bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";

const json = new JsonDocument();
const into = new ByteBuffer();

// The document's slices point into the text: it lives until the next one is read, at the end of memory if it fits.
let jsonText = new Uint8Array(0);

export function jsonParse(text: Uint8Array, maxBytes: i32, maxDepth: i32): bool {
  jsonText = text;
  return json.parse(atMemoryEnd(text), maxBytes, maxDepth);
}

/** Reads the first bytes only of a text that goes on behind them. */
export function jsonParseFirst(text: Uint8Array, length: i32, maxBytes: i32, maxDepth: i32): bool {
  jsonText = text;
  return json.parse(sub(bytesOf(text), 0, length), maxBytes, maxDepth);
}

export function jsonError(): string {
  return json.error;
}

export function jsonErrorOffset(): i32 {
  return json.errorOffset;
}

export function jsonErrorLine(): i32 {
  return json.errorLine;
}

export function jsonErrorColumn(): i32 {
  return json.errorColumn;
}

export function jsonRoot(): i32 {
  return json.root;
}

export function jsonKind(node: i32): i32 {
  return <i32>json.kind(node);
}

export function jsonFirstChild(node: i32): i32 {
  return json.firstChild(node);
}

export function jsonNextSibling(node: i32): i32 {
  return json.nextSibling(node);
}

export function jsonChildCount(node: i32): i32 {
  return json.childCount(node);
}

export function jsonRaw(node: i32): Uint8Array | null {
  return optionalCopyOf(json.raw(node));
}

export function jsonRawKey(node: i32): Uint8Array | null {
  return optionalCopyOf(json.key(node));
}

/** The key, decoded; null for what has none. */
export function jsonKey(node: i32): Uint8Array | null {
  return json.appendKey(node, into.clear()) ? copyOf(into.view()) : null;
}

/** The scalar as text; null for what is no scalar, and then nothing may have been written. */
export function jsonScalar(node: i32): Uint8Array | null {
  if (json.appendText(node, into.clear())) return copyOf(into.view());
  return into.length == 0 ? null : copyOf(into.view());
}

export function jsonMember(object: i32, name: Uint8Array): i32 {
  return json.member(object, bytesOf(name));
}

export function jsonElement(array: i32, index: i32): i32 {
  return json.element(array, index);
}

export function jsonDuplicateKey(object: i32): i32 {
  return json.duplicateKey(object);
}

export function jsonNumber(node: i32): f64 {
  return json.number(node);
}

export function jsonIsInteger(node: i32): bool {
  return json.isInteger(node);
}

export function jsonInteger(node: i32): i64 {
  return json.integer(node);
}

/** The node that the pointer leads to, -1 when there is none, -2 when the pointer is none. */
export function jsonAt(pointer: Uint8Array): i32 {
  const parsed = JsonPointer.parse(bytesOf(pointer));
  if (!parsed) return -2;
  const node = json.at(parsed);
  parsed.dispose();
  return node;
}

export function jsonDispose(): void {
  json.dispose();
}

export function utf8Valid(text: Uint8Array): bool {
  return isUtf8(atMemoryEnd(text));
}

export function utf8Encode(codePoint: i32): Uint8Array {
  appendCodePoint(into.clear(), codePoint);
  return copyOf(into.view());
}

export function sipHashOf(bytes: Uint8Array, key0: u64, key1: u64): u64 {
  return sipHash(atMemoryEnd(bytes), key0, key1);
}

export function base64Of(bytes: Uint8Array): Uint8Array {
  appendBase64(into.clear(), atMemoryEnd(bytes));
  return copyOf(into.view());
}

export function percentEncode(value: Uint8Array): Uint8Array {
  url.appendPercentEncoded(into.clear(), bytesOf(value));
  return copyOf(into.view());
}

export function percentEncodeWithDots(value: Uint8Array): Uint8Array {
  url.appendPercentEncodedWithDots(into.clear(), bytesOf(value));
  return copyOf(into.view());
}

export function percentDecode(encoded: Uint8Array): Uint8Array {
  url.appendPercentDecoded(into.clear(), bytesOf(encoded));
  return copyOf(into.view());
}

export function equalDecoded(encoded: Uint8Array, plain: Uint8Array): bool {
  return url.equalDecoded(bytesOf(encoded), bytesOf(plain));
}

export function pathOf(target: Uint8Array): Uint8Array {
  return copyOf(url.pathOf(bytesOf(target)));
}

export function queryOf(target: Uint8Array): Uint8Array | null {
  return optionalCopyOf(url.queryOf(bytesOf(target)));
}

export function pathSegment(path: Uint8Array, index: i32): Uint8Array | null {
  return optionalCopyOf(url.pathSegment(bytesOf(path), index));
}

export function queryParameter(query: Uint8Array | null, name: Uint8Array): Uint8Array | null {
  return optionalCopyOf(url.queryParameter(optionalBytesOf(query), bytesOf(name)));
}

export function cookieValue(header: Uint8Array | null, name: Uint8Array): Uint8Array | null {
  return optionalCopyOf(url.cookieValue(optionalBytesOf(header), bytesOf(name)));
}

export function pathFromSegment(path: Uint8Array, index: i32): Uint8Array | null {
  return optionalCopyOf(url.pathFromSegment(bytesOf(path), index));
}

export function pathClimbs(path: Uint8Array): bool {
  return url.hasDotSegment(bytesOf(path));
}

/** What `appendAsReceived` makes of a part of a path or of a query. */
export function partAsReceived(part: Uint8Array, isQuery: bool): Uint8Array {
  url.appendAsReceived(into.clear(), bytesOf(part), isQuery);
  return copyOf(into.view());
}

export function builtPathValid(path: Uint8Array | null): bool {
  return url.isValidBuiltPath(optionalBytesOf(path));
}

export function normalizedHost(authority: Uint8Array): Uint8Array {
  url.appendNormalizedHost(into.clear(), bytesOf(authority));
  return copyOf(into.view());
}

export function authorityValid(authority: Uint8Array | null): bool {
  return url.isValidAuthority(optionalBytesOf(authority));
}

export function fieldNameValid(name: Uint8Array | null): bool {
  return isFieldName(optionalBytesOf(name));
}

export function fieldValueValid(value: Uint8Array | null): bool {
  return isFieldValue(optionalBytesOf(value));
}

export function nameForbidden(name: Uint8Array | null): bool {
  return isForbiddenName(optionalBytesOf(name));
}
