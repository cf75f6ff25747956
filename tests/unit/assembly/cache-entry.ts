import { ByteBuffer, NONE, lengthOf, pointerOf, slice, sub } from "as-bytes/assembly";
import { EnvelopeWriter, StoredResponse, sealEnvelope } from "../../../assembly/cache/envelope";
import { Recording, RecordingBudget } from "../../../assembly/cache/recording";
import { Recency } from "../../../assembly/cache/recency";
import { ReuseTerms } from "../../../assembly/cache/reuse-terms";
import { StoredHeaders } from "../../../assembly/cache/stored-headers";
import { HeaderList, HeaderListWriter } from "../../../assembly/text/header-list";
import { atMemoryEnd, bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";

const written = new ByteBuffer();
const writer = new HeaderListWriter(written);
const list = new HeaderList();
const headers = new StoredHeaders();
const envelope = new EnvelopeWriter();
const stored = new StoredResponse();
const terms = new ReuseTerms();
const recency = new Recency();

export function headerListClear(): void {
  written.clear();
}

export function headerListAdd(name: Uint8Array, value: Uint8Array | null): void {
  writer.add(bytesOf(name), optionalBytesOf(value));
}

export function headerListView(): Uint8Array {
  return copyOf(written.view());
}

export function headerListBegin(bytes: Uint8Array): void {
  list.begin(atMemoryEnd(bytes));
}

export function headerListNext(): bool {
  return list.next();
}

export function headerListName(): Uint8Array | null {
  return optionalCopyOf(list.name);
}

export function headerListValue(): Uint8Array | null {
  return optionalCopyOf(list.value);
}

export function headerListAtEnd(): bool {
  return list.isAtEnd;
}

export function storedHeadersBegin(bytes: Uint8Array): void {
  headers.begin(atMemoryEnd(bytes));
}

export function storedHeadersGet(name: Uint8Array): Uint8Array | null {
  return optionalCopyOf(headers.get(bytesOf(name)));
}

export function storedHeadersFirst(name: Uint8Array): Uint8Array | null {
  return optionalCopyOf(headers.first(bytesOf(name)));
}

export function storedHeadersNext(name: Uint8Array): Uint8Array | null {
  return optionalCopyOf(headers.next(bytesOf(name)));
}

/** Whether two values of one message stand side by side: the first must not change when the second is read. */
export function storedHeadersBoth(first: Uint8Array, second: Uint8Array): Uint8Array {
  const one = headers.get(bytesOf(first));
  const two = headers.get(bytesOf(second));
  const both = new ByteBuffer().bytes(one).byte(0x7c).bytes(two);
  return copyOf(both.view());
}

export function envelopeSetTimes(receivedAt: i64, initialAge: i64, lifetime: i64): void {
  envelope.terms.receivedAt = receivedAt;
  envelope.terms.initialAge = initialAge;
  envelope.terms.lifetime = lifetime;
}

export function envelopeSetRecency(generatedAt: i64, isDated: bool, requestTime: i64): void {
  envelope.recency.set(generatedAt, isDated, requestTime);
}

export function envelopeSetStale(whileRevalidate: i64, ifError: i64, noCache: bool, mustRevalidate: bool): void {
  envelope.terms.staleWhileRevalidate = whileRevalidate;
  envelope.terms.staleIfError = ifError;
  envelope.terms.noCache = noCache;
  envelope.terms.mustRevalidate = mustRevalidate;
}

/** Lays a response out among other bytes, in room that held garbage, and seals it; nothing but it may be written. */
export function envelopeWrite(
  status: i32,
  sequence: u64,
  key: Uint8Array,
  secondaryKey: Uint8Array,
  tags: Uint8Array,
  fields: Uint8Array,
  body: Uint8Array,
  sealed: bool,
): Uint8Array {
  envelope.status = status;
  envelope.sequence = sequence;
  envelope.key = bytesOf(key);
  envelope.secondaryKey = bytesOf(secondaryKey);
  envelope.tags = bytesOf(tags);
  envelope.fields = bytesOf(fields);
  const size = envelope.sizeFor(body.length);
  const room = new Uint8Array(size + 2).fill(0xa5);
  const into = slice(room.dataStart + 1, size);
  const forBody = envelope.write(into, body.length);
  assert(lengthOf(forBody) == body.length && pointerOf(forBody) + body.length == pointerOf(into) + size);
  memory.copy(pointerOf(forBody), body.dataStart, body.length);
  if (sealed) sealEnvelope(into);
  assert(room[0] == 0xa5 && room[size + 1] == 0xa5);
  return copyOf(into);
}

/** The size that a body of that length makes with the parts of the last `envelopeWrite`. */
export function envelopeSizeFor(bodyLength: i32): i32 {
  return envelope.sizeFor(bodyLength);
}

/** Whether nothing is written into room of another size. */
export function envelopeWriteInto(room: Uint8Array, bodyLength: i32): bool {
  return envelope.write(bytesOf(room), bodyLength) != NONE;
}

export function envelopeSeal(bytes: Uint8Array): Uint8Array {
  sealEnvelope(bytesOf(bytes));
  return bytes;
}

let opened = new Uint8Array(0);

/** See `EnvelopeKind`. */
export function envelopeOpen(bytes: Uint8Array | null, trusted: bool): i32 {
  const at = bytes ? atMemoryEnd(bytes) : NONE;
  opened = bytes ? bytes : new Uint8Array(0);
  return <i32>(trusted ? stored.open(at) : stored.openUntrusted(at));
}

/** `status`, `sequence`, `retryAt`, `flags`, or a time of the terms or of the recency. */
export function envelopeNumber(name: string): i64 {
  stored.readTerms(terms);
  if (name == "status") return stored.status;
  if (name == "sequence") return stored.sequence;
  if (name == "retryAt") return stored.retryAt;
  stored.readRecency(recency);
  if (name == "isDated") return recency.isDated ? 1 : 0;
  if (name == "generatedAt") return recency.generatedAt;
  if (name == "requestTime") return recency.requestTime;
  if (name == "receivedAt") return terms.receivedAt;
  if (name == "initialAge") return terms.initialAge;
  if (name == "lifetime") return terms.lifetime;
  if (name == "staleWhileRevalidate") return terms.staleWhileRevalidate;
  if (name == "staleIfError") return terms.staleIfError;
  return (terms.noCache ? 1 : 0) + (terms.mustRevalidate ? 2 : 0);
}

export function envelopePart(name: string): Uint8Array {
  if (name == "key") return copyOf(stored.key);
  if (name == "secondaryKey") return copyOf(stored.secondaryKey);
  if (name == "tags") return copyOf(stored.tags);
  if (name == "fields") return copyOf(stored.fields);
  return copyOf(stored.body);
}

export function envelopeSetRetryAt(time: i64): void {
  stored.retryAt = time;
}

let budget = new RecordingBudget(0);
let recording = new Recording(budget);

export function recordingNew(mostBytes: i64): void {
  recording.drop();
  budget = new RecordingBudget(mostBytes);
  recording = new Recording(budget);
}

/** Another recording with the same budget. */
export function recordingSibling(): Recording {
  return new Recording(budget);
}

export function recordingSelect(other: Recording): void {
  recording = other;
}

export function recordingBegin(maxBodyBytes: i64, contentLength: i64): void {
  recording.begin(maxBodyBytes, contentLength);
}

export function recordingAddField(name: Uint8Array, value: Uint8Array): void {
  recording.fields.add(bytesOf(name), bytesOf(value));
}

/** The bytes from `start` up to `end`: so that one large array is recorded in many chunks. */
export function recordingAppend(bytes: Uint8Array, start: i32, end: i32): bool {
  return recording.append(sub(bytesOf(bytes), start, end));
}

export function recordingActive(): bool {
  return recording.isActive;
}

export function recordingFields(): Uint8Array {
  return copyOf(recording.fieldList);
}

export function recordingBodyLength(): i32 {
  return recording.bodyLength;
}

/** The body; null where none is copied into room of that length. */
export function recordingBody(length: i32): Uint8Array | null {
  const into = new Uint8Array(length);
  return recording.copyBody(bytesOf(into)) ? into : null;
}

/** The recording as a response that goes to Redis, its chunks copied to their place; null where that does not fit. */
export function recordingEnvelope(status: i32): Uint8Array | null {
  envelope.status = status;
  envelope.fields = recording.fieldList;
  const into = new Uint8Array(envelope.sizeFor(recording.bodyLength));
  const isCopied = recording.copyBody(envelope.write(bytesOf(into), recording.bodyLength));
  sealEnvelope(bytesOf(into));
  return isCopied ? into : null;
}

export function recordingDrop(): void {
  recording.drop();
}

export function recordingHeld(): i64 {
  return budget.bytes;
}
