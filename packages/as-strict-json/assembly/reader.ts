import { NONE, Slice, byteAt, lengthOf, pointerOf, utf8SequenceLength } from "as-bytes/assembly";
import { JsonKind, JsonNodes } from "./nodes";
import { numberLength } from "./number";
import { escapeLength } from "./string";

const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const COLON: i32 = 0x3a;
const OPEN_ARRAY: i32 = 0x5b;
const BACKSLASH: i32 = 0x5c;
const CLOSE_ARRAY: i32 = 0x5d;
const OPEN_OBJECT: i32 = 0x7b;
const CLOSE_OBJECT: i32 = 0x7d;

/**
 * Reads a text into a table of nodes by the grammar of RFC 8259, and no other. It keeps its place in the table and not
 * on the call stack, so that no nesting exhausts it.
 */
export class JsonReader {
  /** Why `read` said no, and at which byte. */
  error: string = "";
  at: i32 = 0;

  private text: Slice = NONE;
  private length: i32 = 0;

  // The key that was read for the next value.
  private keyStart: i32 = -1;
  private keyLength: i32 = 0;
  private keyEscaped: bool = false;
  // Whether the string that was read last has escape sequences.
  private escaped: bool = false;

  constructor(private nodes: JsonNodes) {}

  /** Fills the table; false and `error` when the text is not one JSON value nested at most `maxDepth` deep. */
  read(text: Slice, maxDepth: i32): bool {
    this.text = text;
    this.length = lengthOf(text);
    this.at = 0;
    this.error = "";
    this.keyStart = -1;
    const nodes = this.nodes;
    let container = -1;
    let depth = 0;
    while (true) {
      // Here a value is due.
      const first = this.skipSpace();
      if (first == OPEN_OBJECT || first == OPEN_ARRAY) {
        if (depth >= maxDepth) return this.fail("nested more than " + maxDepth.toString() + " deep");
        depth++;
        container = this.add(container, first == OPEN_OBJECT ? JsonKind.Object : JsonKind.Array, this.at);
        if (container < 0) return false;
        this.at++;
        if (this.skipSpace() != closerOf(nodes.at(container).kind)) {
          if (first == OPEN_OBJECT && !this.readKey()) return false;
          continue;
        }
      } else if (!this.readScalar(container, first)) return false;

      // Here a value is complete: containers may end until another value is due.
      while (true) {
        const next = this.skipSpace();
        if (container < 0) return this.at == this.length ? true : this.fail("expected the end of the document");
        const node = nodes.at(container);
        if (next == COMMA) {
          this.at++;
          this.skipSpace();
          if (node.kind == JsonKind.Object && !this.readKey()) return false;
          break;
        }
        if (next != closerOf(node.kind)) {
          return this.fail(node.kind == JsonKind.Object ? "expected ',' or '}'" : "expected ',' or ']'");
        }
        this.at++;
        node.length = this.at - node.start;
        container = node.parent;
        depth--;
      }
    }
  }

  /** Adds a node that starts at `start` below `parent`, with the key that was read for it; -1 and `error` when full. */
  private add(parent: i32, kind: JsonKind, start: i32): i32 {
    const nodes = this.nodes;
    const index = nodes.add();
    if (index < 0) {
      this.fail("too many values");
      return -1;
    }
    const node = nodes.at(index);
    node.kind = kind;
    node.start = start;
    node.keyStart = this.keyStart;
    node.keyLength = this.keyLength;
    node.keyEscaped = this.keyEscaped;
    node.parent = parent;
    node.next = -1;
    this.keyStart = -1;
    this.keyLength = 0;
    this.keyEscaped = false;
    if (parent >= 0) {
      const above = nodes.at(parent);
      if (above.childCount > 0) nodes.at(above.lastChild).next = index;
      above.lastChild = index;
      above.childCount++;
    }
    return index;
  }

  private readScalar(parent: i32, first: i32): bool {
    const start = this.at;
    switch (first) {
      case QUOTE: {
        if (!this.readString()) return false;
        const node = this.addScalar(parent, JsonKind.String, start + 1, this.at - 1);
        if (node < 0) return false;
        this.nodes.at(node).escaped = this.escaped;
        return true;
      }
      case 0x6e:
        return this.readWord("null") && this.addScalar(parent, JsonKind.Null, start, this.at) >= 0;
      case 0x66:
        return this.readWord("false") && this.addScalar(parent, JsonKind.False, start, this.at) >= 0;
      case 0x74:
        return this.readWord("true") && this.addScalar(parent, JsonKind.True, start, this.at) >= 0;
      case -1:
        return this.fail("expected a value, found the end");
      default: {
        const taken = numberLength(this.text, start);
        if (taken == 0) return this.fail("expected a value");
        this.at += taken;
        return this.addScalar(parent, JsonKind.Number, start, this.at) >= 0;
      }
    }
  }

  private addScalar(parent: i32, kind: JsonKind, start: i32, end: i32): i32 {
    const index = this.add(parent, kind, start);
    if (index >= 0) this.nodes.at(index).length = end - start;
    return index;
  }

  /** Reads a member's key and the colon behind it. */
  private readKey(): bool {
    if (byteAt(this.text, this.at) != QUOTE) return this.fail("expected a member's name in double quotes");
    const start = this.at + 1;
    if (!this.readString()) return false;
    this.keyStart = start;
    this.keyLength = this.at - 1 - start;
    this.keyEscaped = this.escaped;
    if (this.skipSpace() != COLON) return this.fail("expected ':'");
    this.at++;
    return true;
  }

  /** Reads a string from its first quote past its last one. */
  private readString(): bool {
    const base = pointerOf(this.text);
    const end = base + <usize>this.length;
    this.escaped = false;
    this.at++;
    while (true) {
      const byte = byteAt(this.text, this.at);
      if (byte == QUOTE) {
        this.at++;
        return true;
      }
      if (byte < 0x20) return this.fail(byte < 0 ? "string without an end" : "control character in a string");
      if (byte == BACKSLASH) {
        const taken = escapeLength(this.text, this.at);
        if (taken == 0) return this.fail("bad escape sequence in a string");
        this.escaped = true;
        this.at += taken;
      } else if (byte < 0x80) {
        this.at++;
      } else {
        const taken = utf8SequenceLength(base + <usize>this.at, end);
        if (taken == 0) return this.fail("not UTF-8");
        this.at += taken;
      }
    }
  }

  private readWord(word: string): bool {
    for (let i = 0; i < word.length; i++) {
      if (byteAt(this.text, this.at + i) != word.charCodeAt(i)) return this.fail("expected a value");
    }
    this.at += word.length;
    return true;
  }

  /** Skips white space; the byte behind it, or -1 at the end. */
  private skipSpace(): i32 {
    let byte = byteAt(this.text, this.at);
    while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) byte = byteAt(this.text, ++this.at);
    return byte;
  }

  private fail(error: string): bool {
    this.error = error;
    return false;
  }
}


@inline
function closerOf(kind: JsonKind): i32 {
  return kind == JsonKind.Object ? CLOSE_OBJECT : CLOSE_ARRAY;
}
