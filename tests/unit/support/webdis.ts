import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

export const getPath = unit.function("getPath", ["i32", "bytes", "bytes"], "bytes");
export const firstMarks = unit.function("firstMarks", ["i64"], "bytes");
export const psetexPath = unit.function("psetexPath", ["i32", "bytes", "i64"], "bytes");

/** `RespKind`, by number. */
const KINDS = ["malformed", "nil", "bulk", "simple", "integer", "error", "array", "end"] as const;

const readReply = unit.function("respRead", ["optionalBytes"], "i32");
const readFirst = unit.function("respReadFirst", ["bytes", "i32"], "i32");
const nextElement = unit.function("respNext", [], "i32");
const value = unit.function("respValue", [], "optionalBytes");
const integer = unit.function("respInteger", [], "i64");
const count = unit.function("respCount", [], "i32");

/** A reply, or an element of one; `value` is text byte for byte. */
export type Reply =
  | { kind: "malformed" | "nil" }
  | { kind: "bulk" | "simple" | "error"; value: string }
  | { kind: "integer"; value: bigint }
  | { kind: "array"; elements: Reply[] };

/** What the reader makes of a reply. */
export function read(reply: Uint8Array | string | null): Reply {
  const kind = KINDS[readReply(reply)];
  if (kind !== "array") return scalar(kind);
  const elements: Reply[] = [];
  const expected = count();
  for (let next = KINDS[nextElement()]; next !== "end"; next = KINDS[nextElement()]) elements.push(scalar(next));
  if (elements.length !== expected || value() !== null) throw new Error("the array does not have what it counts");
  return { kind, elements };
}

/** The kind of a reply of which only the first `length` bytes may be read. */
export function kindOfFirst(reply: Uint8Array, length: number): string | undefined {
  return KINDS[readFirst(reply, length)];
}

/** What the reader says when asked for one element more. */
export function readOneMore(): string | undefined {
  return KINDS[nextElement()];
}

function scalar(kind: string | undefined): Reply {
  const bytes = value();
  switch (kind) {
    case "bulk":
    case "simple":
    case "error":
      if (bytes === null) throw new Error(`a ${kind} without a value`);
      return { kind, value: Buffer.from(bytes).toString("latin1") };
    case "integer":
      return { kind, value: integer() };
    case "nil":
    case "malformed":
      if (bytes !== null) throw new Error(`a ${kind} with a value`);
      return { kind };
    default:
      throw new Error(`the reader gave ${String(kind)}`);
  }
}
