import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** `JsonKind`, by number. */
export const KINDS = ["null", "false", "true", "number", "string", "array", "object", "missing"] as const;

const parseText = unit.function("jsonParse", ["bytes", "i32", "i32"], "bool");
const parseFirst = unit.function("jsonParseFirst", ["bytes", "i32", "i32", "i32"], "bool");
const error = unit.function("jsonError", [], "text");
const errorOffset = unit.function("jsonErrorOffset", [], "i32");
const errorLine = unit.function("jsonErrorLine", [], "i32");
const errorColumn = unit.function("jsonErrorColumn", [], "i32");
const kindNumber = unit.function("jsonKind", ["i32"], "i32");
const scalarBytes = unit.function("jsonScalar", ["i32"], "optionalBytes");
const keyBytes = unit.function("jsonKey", ["i32"], "optionalBytes");

/** The module's one document, as JavaScript sees it. */
export const json = {
  parse: (text: Uint8Array | string, maxBytes = 1 << 20, maxDepth = 100): boolean =>
    parseText(text, maxBytes, maxDepth),
  /** Reads the first `length` bytes only. */
  parseFirst: (text: Uint8Array | string, length: number): boolean => parseFirst(text, length, 1 << 20, 100),
  failure: () => ({ error: error(), offset: errorOffset(), line: errorLine(), column: errorColumn() }),
  root: unit.function("jsonRoot", [], "i32"),
  kind: (node: number): string => KINDS[kindNumber(node)] ?? "unknown",
  firstChild: unit.function("jsonFirstChild", ["i32"], "i32"),
  nextSibling: unit.function("jsonNextSibling", ["i32"], "i32"),
  childCount: unit.function("jsonChildCount", ["i32"], "i32"),
  raw: unit.function("jsonRaw", ["i32"], "optionalBytes"),
  rawKey: unit.function("jsonRawKey", ["i32"], "optionalBytes"),
  key: (node: number): string | null => text(keyBytes(node)),
  scalar: (node: number): string | null => text(scalarBytes(node)),
  member: unit.function("jsonMember", ["i32", "bytes"], "i32"),
  element: unit.function("jsonElement", ["i32", "i32"], "i32"),
  duplicateKey: unit.function("jsonDuplicateKey", ["i32"], "i32"),
  number: unit.function("jsonNumber", ["i32"], "f64"),
  isInteger: unit.function("jsonIsInteger", ["i32"], "bool"),
  integer: unit.function("jsonInteger", ["i32"], "i64"),
  at: unit.function("jsonAt", ["bytes"], "i32"),
  dispose: unit.function("jsonDispose", [], "void"),
};

/** The value of a node as JSON.parse would give it; undefined for -1. */
export function valueOf(node: number): unknown {
  switch (json.kind(node)) {
    case "null":
      return null;
    case "false":
      return false;
    case "true":
      return true;
    case "number":
      // From the text: `number` may be a neighbouring double, and has tests of its own.
      return Number(json.scalar(node));
    case "string":
      return json.scalar(node);
    case "array":
      return children(node).map(valueOf);
    case "object":
      return objectOf(node);
    default:
      return undefined;
  }
}

/** A node's elements or members, in order. */
export function children(node: number): number[] {
  const found: number[] = [];
  for (let child = json.firstChild(node); child >= 0; child = json.nextSibling(child)) found.push(child);
  return found;
}

function objectOf(node: number): object {
  const object = {};
  for (const member of children(node)) {
    // Not an assignment: `__proto__` is a name like any other.
    Object.defineProperty(object, json.key(member) ?? "", {
      value: valueOf(member),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return object;
}

function text(bytes: Uint8Array | null): string | null {
  return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
