import { ByteBuffer, NONE, Slice, slice, textOf } from "as-bytes/assembly";
import { Change, ChangesReader } from "../../../assembly/route/changes";
import { appendPathKeepingQuery } from "../../../assembly/route/path";
import { RecordKind, RecordReader } from "../../../assembly/route/record";

const records = new RecordReader();
const reader = new ChangesReader();

function bytesOf(array: Uint8Array): Slice {
  return slice(array.dataStart, array.length);
}

/** `changes`, `negative` or `invalid: why`. */
export function readRecord(document: Uint8Array): string {
  switch (records.read(bytesOf(document))) {
    case RecordKind.Changes:
      return "changes";
    case RecordKind.Negative:
      return "negative";
    default:
      return "invalid: " + records.problem;
  }
}

/** The ttl of the record read last, in milliseconds. */
export function recordTtl(): i32 {
  return <i32>records.ttl;
}

/** The changes of the record read last, one a line. */
export function recordChanges(): string {
  return linesOf(records.changes);
}

/** Any bytes, read as changes. */
export function readChanges(bytes: Uint8Array): string {
  return linesOf(bytesOf(bytes));
}

export function keepQuery(path: Uint8Array, query: Uint8Array | null): string {
  const into = new ByteBuffer();
  appendPathKeepingQuery(into, bytesOf(path), query ? bytesOf(query) : NONE);
  return textOf(into.view());
}

function linesOf(changes: Slice): string {
  const lines: string[] = [];
  reader.begin(changes);
  while (reader.next()) lines.push(lineOf());
  return lines.join("\n");
}

function lineOf(): string {
  const value = textOf(reader.value);
  switch (reader.change) {
    case Change.SetPath:
      return "path " + value;
    case Change.SetHost:
      return "host " + value;
    case Change.SetHeader:
      return "set " + textOf(reader.name) + ": " + value;
    case Change.RemoveHeader:
      return "remove " + textOf(reader.name);
    case Change.Answer:
      return "answer " + reader.number.toString() + " " + textOf(reader.name) + " " + value;
    default:
      return "unknown";
  }
}
