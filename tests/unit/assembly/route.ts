import { ByteBuffer, persist, release } from "as-bytes/assembly";
import { JsonDocument, JsonPointer } from "as-strict-json/assembly";
import { ChangesReader, ChangesWriter } from "../../../assembly/route/changes";
import { appendPathKeepingQuery } from "../../../assembly/route/path";
import { RecordReader } from "../../../assembly/route/record";
import { RecordValues, appendRecordValues } from "../../../assembly/route/record-values";
import { atMemoryEnd, bytesOf, copyOf, optionalBytesOf, optionalCopyOf } from "./bytes";

const records = new RecordReader(new JsonDocument());
const reader = new ChangesReader();
const written = new ByteBuffer();
const writer = new ChangesWriter(written);

/** What kind of record it is; see `RecordKind`. The functions below are about the record read last. */
export function recordRead(document: Uint8Array): i32 {
  return <i32>records.read(bytesOf(document));
}

export function recordProblem(): string {
  return records.problem;
}

export function recordTtl(): i64 {
  return records.ttl;
}

export function recordChanges(): Uint8Array {
  return copyOf(records.changes);
}

// What does not fit the end of memory is read where it is, and lives until it has been read.
let changes: Uint8Array | null = null;

/** Starts reading changes, from bytes that are the last ones of memory. */
export function changesBegin(bytes: Uint8Array): void {
  changes = bytes;
  reader.begin(atMemoryEnd(bytes));
}

export function changesNext(): bool {
  return reader.next();
}

export function changeKind(): i32 {
  return <i32>reader.change;
}

export function changeNumber(): i32 {
  return reader.number;
}

export function changeName(): Uint8Array | null {
  return optionalCopyOf(reader.name);
}

export function changeValue(): Uint8Array | null {
  return optionalCopyOf(reader.value);
}

/** Forgets the changes written so far. */
export function changesClear(): void {
  written.clear();
}

export function changesWritten(): Uint8Array {
  return copyOf(written.view());
}

export function writeSetPath(path: Uint8Array): void {
  writer.setPath(bytesOf(path));
}

export function writeSetHost(host: Uint8Array): void {
  writer.setHost(bytesOf(host));
}

export function writeSetHeader(name: Uint8Array, value: Uint8Array): void {
  writer.setHeader(bytesOf(name), bytesOf(value));
}

export function writeRemoveHeader(name: Uint8Array): void {
  writer.removeHeader(bytesOf(name));
}

export function writeAnswer(status: i32, location: Uint8Array | null, body: Uint8Array | null): void {
  writer.answer(status, optionalBytesOf(location), optionalBytesOf(body));
}

export function pathKeepingQuery(path: Uint8Array, query: Uint8Array | null): Uint8Array {
  const into = new ByteBuffer();
  appendPathKeepingQuery(into, bytesOf(path), optionalBytesOf(query));
  const joined = copyOf(into.view());
  into.dispose();
  return joined;
}

/** The values that `pointers`, one a line, lead to in a document, as they are kept of it. */
export function keepValues(document: Uint8Array, pointers: string): Uint8Array | null {
  const json = new JsonDocument();
  if (!json.parse(bytesOf(document), 1 << 20, 32)) return null;
  const kept = new ByteBuffer();
  const list = pointersOf(pointers);
  appendRecordValues(kept, json, list, list.length);
  json.dispose();
  return copyOf(kept.view());
}

function pointersOf(lines: string): Array<JsonPointer> {
  const list: Array<JsonPointer> = [];
  const texts = lines.split("\n");
  for (let i = 0; i < texts.length; i++) {
    const text = persist(texts[i]);
    const pointer = JsonPointer.parse(text);
    release(text);
    if (pointer) list.push(pointer);
  }
  return list;
}

/** Reads one of `count` values back, from bytes that are the last ones of memory. */
export function keptValue(bytes: Uint8Array, count: i32, index: i32): Uint8Array | null {
  return optionalCopyOf(new RecordValues().open(atMemoryEnd(bytes), count).value(index));
}
