import type { Scalar } from "yaml";

/** Hexadecimal digits behind `\x`, `\u` and `\U`; no other escape has more than its letter. */
const ESCAPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** For a text of a YAML file, where in the file each of its characters stands. */
export function scalarOffsets(source: string, scalar: Scalar): (index: number) => number {
  const [start, end] = scalar.range ?? [0, 0];
  const value = String(scalar.value);
  if (scalar.type === "BLOCK_LITERAL") return (index) => literalOffset(source, start, value, index);
  if (scalar.type === "QUOTE_DOUBLE" && !source.slice(start, end).includes("\n")) {
    return (index) => escapedOffset(source, start + 1, index);
  }
  if (source.startsWith(value, start)) return (index) => start + index;
  if (source.startsWith(value, start + 1)) return (index) => start + 1 + index;
  // Folded over lines: the whole of it is as near as one gets.
  return () => start;
}

/** Lines of a literal block are those of the text, behind one indentation. */
function literalOffset(source: string, start: number, value: string, index: number): number {
  const before = value.slice(0, index).split("\n");
  const lines = source.slice(start).split("\n").slice(1);
  let offset = source.indexOf("\n", start) + 1;
  for (const line of lines.slice(0, before.length - 1)) offset += line.length + 1;
  const indentation = indentationOf(lines) - indentationOf(value.split("\n"));
  return Math.min(offset + indentation + before.slice(-1).join("").length, source.length);
}

/** How far the first line that is not blank stands in. */
function indentationOf(lines: readonly string[]): number {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  return first.length - first.trimStart().length;
}

/** One character of a double-quoted text may be written as an escape of several. */
function escapedOffset(source: string, start: number, index: number): number {
  let offset = start;
  for (let i = 0; i < index; i++) offset += escapeLength(source, offset);
  return offset;
}

function escapeLength(source: string, offset: number): number {
  if (source[offset] !== "\\") return 1;
  const digits = ESCAPE_DIGITS.get(source.charAt(offset + 1)) ?? 0;
  return 2 + digits;
}
