import { ByteBuffer, Slice, byteAt, copy, equal, lengthOf, persist, release, sub, textOf } from "as-bytes/assembly";
import { Pattern } from "../request/match";
import { appendEscape, encodedLength, escapedByte } from "../text/percent-encoding";
import { Value } from "./value";

const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const HASH: i32 = 0x23;
const STAR: i32 = 0x2a;
const LESS: i32 = 0x3c;
const GREATER: i32 = 0x3e;
const QUESTION_MARK: i32 = 0x3f;
const BACKSLASH: i32 = 0x5c;
const BACKTICK: i32 = 0x60;
const OPEN_BRACE: i32 = 0x7b;
const CLOSE_BRACE: i32 = 0x7d;
const DELETE: i32 = 0x7f;

const buffer = new ByteBuffer();

/**
 * Adds the pattern for a path, or for its beginning where the text ends in `*`. Paths are compared as received: what no
 * client sends so, or what means something to other routers and would here be compared as it stands, is an error with what
 * would be right.
 */
export function compilePath(patterns: Array<Pattern>, value: Value, text: string): void {
  const problem = problemOf(text);
  if (problem.length > 0) {
    value.refuse(value.quoted + " " + problem);
    return;
  }
  const isPartial = text.endsWith("*");
  const path = persist(isPartial ? text.substring(0, text.length - 1) : text);
  patterns.push(new Pattern(path, isPartial));
  // A literal `*` can only be written escaped, and clients send it both ways.
  const plain = withoutEscapedSigns(path);
  if (!equal(plain, path)) patterns.push(new Pattern(copy(plain), isPartial));
}

/** What is wrong with it, and what would be right; empty where nothing is. */
function problemOf(text: string): string {
  if (text == "*") return "";
  if (!text.startsWith("/")) return "does not begin with / (use e.g. /api/*)";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= SPACE || code == DELETE || code == QUESTION_MARK || code == HASH) {
      return "matches no path (paths are compared without query, as received)";
    }
    if (code == OPEN_BRACE || code == CLOSE_BRACE) {
      return `matches no path: a pattern has no names in braces (use ${prefixUpTo(text, i)}, and {path[N]} in templates; a literal brace is %7B)`;
    }
    if (code == STAR && i < text.length - 1) {
      return `has a * before its end, where it stands for nothing else (use ${prefixUpTo(text, i)}; a literal * is %2A)`;
    }
  }
  const encoded = encodedAsSent(text);
  return encoded == text ? "" : `is not how clients send that path (use ${encoded})`;
}

/** The pattern for all that begins as `text` does, up to the segment in which the character at `end` is. */
function prefixUpTo(text: string, end: i32): string {
  return encodedAsSent(text.substring(0, text.lastIndexOf("/", end) + 1)) + "*";
}

/** Percent-encoded where browsers encode (the WHATWG URL standard's path percent-encode set). */
function encodedAsSent(text: string): string {
  const bytes = persist(text);
  buffer.clear();
  for (let i = 0; i < lengthOf(bytes); i++) {
    const byte = byteAt(bytes, i);
    if (isEncodedByClients(byte)) appendEscape(buffer, byte);
    else buffer.byte(byte);
  }
  release(bytes);
  return textOf(buffer.view());
}

function isEncodedByClients(byte: i32): bool {
  switch (byte) {
    case QUOTE:
    case LESS:
    case GREATER:
    case BACKSLASH:
    case BACKTICK:
      return true;
    default:
      return byte > DELETE;
  }
}

/** With the escapes of `*`, `{` and `}` decoded; good until the next one. */
function withoutEscapedSigns(path: Slice): Slice {
  buffer.clear();
  for (let at = 0; at < lengthOf(path); at += encodedLength(path, at)) {
    const escaped = escapedByte(path, at);
    const isSign = escaped == STAR || escaped == OPEN_BRACE || escaped == CLOSE_BRACE;
    if (isSign) buffer.byte(escaped);
    else buffer.bytes(sub(path, at, at + encodedLength(path, at)));
  }
  return buffer.view();
}
