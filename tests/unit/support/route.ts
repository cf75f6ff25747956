import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** What a change of `changes.ts` says; names and values byte for byte, as Latin-1. */
export type Change =
  | { what: "path" | "host"; value: string }
  | { what: "set"; name: string; value: string }
  | { what: "remove"; name: string }
  | { what: "answer"; status: number; location: string; body: string }
  | { what: "unknown"; kind: number };

/** What a document turned out to be. */
export type RouteRecord =
  { kind: "changes"; changes: Change[]; ttl: number } | { kind: "negative" } | { kind: "invalid"; problem: string };

const read = unit.function("recordRead", ["bytes"], "i32");
const problem = unit.function("recordProblem", [], "text");
const ttl = unit.function("recordTtl", [], "i64");
const recordChanges = unit.function("recordChanges", [], "bytes");

const begin = unit.function("changesBegin", ["bytes"], "void");
const next = unit.function("changesNext", [], "bool");
const kind = unit.function("changeKind", [], "i32");
const number = unit.function("changeNumber", [], "i32");
const name = unit.function("changeName", [], "optionalBytes");
const value = unit.function("changeValue", [], "optionalBytes");

const clear = unit.function("changesClear", [], "void");
const written = unit.function("changesWritten", [], "bytes");
const writeSetPath = unit.function("writeSetPath", ["bytes"], "void");
const writeSetHost = unit.function("writeSetHost", ["bytes"], "void");
const writeSetHeader = unit.function("writeSetHeader", ["bytes", "bytes"], "void");
const writeRemoveHeader = unit.function("writeRemoveHeader", ["bytes"], "void");
const writeAnswer = unit.function("writeAnswer", ["i32", "optionalBytes", "optionalBytes"], "void");

/** The kinds of change, by number. */
const CHANGES = ["path", "host", "set", "remove", "answer"] as const;

export const pathKeepingQuery = unit.function("pathKeepingQuery", ["bytes", "optionalBytes"], "bytes");

/** Reads a record; anything that is not bytes or text stands for its JSON. */
export function readRecord(document: unknown): RouteRecord {
  const isText = typeof document === "string" || document instanceof Uint8Array;
  const kind = read(isText ? document : JSON.stringify(document));
  if (kind === 0) return { kind: "changes", changes: readChanges(recordChanges()), ttl: Number(ttl()) };
  if (kind === 1) return { kind: "negative" };
  if (kind === 2) return { kind: "invalid", problem: problem() };
  throw new Error(`no kind of record has the number ${kind}`);
}

/** The changes of the record read last, as they are stored; empty for an invalid one. */
export function lastChanges(): Uint8Array {
  return recordChanges();
}

export function lastTtl(): number {
  return Number(ttl());
}

/** All changes that the bytes are. They are the last bytes of memory while they are read. */
export function readChanges(bytes: Uint8Array): Change[] {
  const changes: Change[] = [];
  begin(bytes);
  while (next()) changes.push(readChange());
  return changes;
}

export function writeChanges(changes: Change[]): Uint8Array {
  clear();
  changes.forEach(writeChange);
  return written();
}

function readChange(): Change {
  const what = CHANGES[kind()];
  const nameText = text(name());
  const valueText = text(value());
  switch (what) {
    case "path":
    case "host":
      return { what, value: valueText };
    case "set":
      return { what, name: nameText, value: valueText };
    case "remove":
      return { what, name: nameText };
    case "answer":
      return { what, status: number(), location: nameText, body: valueText };
    default:
      return { what: "unknown", kind: kind() };
  }
}

function writeChange(change: Change): void {
  switch (change.what) {
    case "path":
      writeSetPath(bytes(change.value));
      break;
    case "host":
      writeSetHost(bytes(change.value));
      break;
    case "set":
      writeSetHeader(bytes(change.name), bytes(change.value));
      break;
    case "remove":
      writeRemoveHeader(bytes(change.name));
      break;
    case "answer":
      writeAnswer(change.status, bytes(change.location), bytes(change.body));
      break;
    case "unknown":
      throw new Error("nobody writes an unknown change");
  }
}

function text(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString("latin1");
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
