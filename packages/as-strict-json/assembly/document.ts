import { ByteBuffer, NONE, Slice, byteAt, equal, lengthOf, sub } from "as-bytes/assembly";
import { JsonKind, JsonNodes } from "./nodes";
import { IntegerReader, doubleOf } from "./number";
import { JsonPointer } from "./pointer";
import { JsonReader } from "./reader";
import { appendUnescaped } from "./string";
import { KeySet } from "./key-set";

const LINE_FEED: i32 = 0x0a;

/**
 * A JSON document (RFC 8259), read strictly: UTF-8 only, no half surrogate pairs, nothing behind the value. Nothing
 * traps, whatever the text is. One document is made once and reads many texts.
 *
 * A value is an index; -1 is "there is none", and every question takes it (or any other number) and answers as for a
 * value that is not there. Slices point into the text given to `parse` and are good as long as that text is.
 */
export class JsonDocument {
  /** Why the latest `parse` said no, in words, and where: a byte offset, and line and column (in characters) from 1. */
  error: string = "";
  errorOffset: i32 = 0;
  errorLine: i32 = 0;
  errorColumn: i32 = 0;

  private text: Slice = NONE;
  private nodes: JsonNodes = new JsonNodes();
  private reader: JsonReader = new JsonReader(this.nodes);
  private integers: IntegerReader = new IntegerReader();
  private unescaped: ByteBuffer = new ByteBuffer();
  private keys: KeySet = new KeySet();

  /**
   * Reads a text of at most `maxBytes`, nested at most `maxDepth` arrays and objects deep. When it says no, there is no
   * root and `error` says why.
   */
  parse(text: Slice, maxBytes: i32, maxDepth: i32): bool {
    this.error = "";
    this.nodes.clear();
    this.text = text;
    if (<u32>lengthOf(text) > <u32>max(maxBytes, 0)) {
      return this.fail("larger than " + maxBytes.toString() + " bytes", maxBytes);
    }
    if (this.reader.read(text, maxDepth)) return true;
    return this.fail(this.reader.error, this.reader.at);
  }

  /** The top value; -1 when there is no document. */
  get root(): i32 {
    return this.nodes.count > 0 ? 0 : -1;
  }

  kind(node: i32): JsonKind {
    return this.nodes.has(node) ? this.nodes.at(node).kind : JsonKind.Missing;
  }

  /** An array's first element or an object's first member; -1 when it is empty or a scalar. */
  firstChild(node: i32): i32 {
    return this.childCount(node) > 0 ? node + 1 : -1;
  }

  /** The next element or member of the same container; -1 behind the last one. */
  nextSibling(node: i32): i32 {
    return this.nodes.has(node) ? this.nodes.at(node).next : -1;
  }

  childCount(node: i32): i32 {
    return this.nodes.has(node) ? this.nodes.at(node).childCount : 0;
  }

  /** The value as written, strings without their quotes. */
  raw(node: i32): Slice {
    if (!this.nodes.has(node)) return NONE;
    const value = this.nodes.at(node);
    return sub(this.text, value.start, value.start + value.length);
  }

  /** A member's key as written, without its quotes; `NONE` for what is no object's member. */
  key(node: i32): Slice {
    if (!this.nodes.has(node)) return NONE;
    const value = this.nodes.at(node);
    return value.keyStart < 0 ? NONE : sub(this.text, value.keyStart, value.keyStart + value.keyLength);
  }

  /** Writes a member's key, decoded; false for what is no object's member. */
  appendKey(node: i32, into: ByteBuffer): bool {
    const key = this.key(node);
    if (key == NONE) return false;
    appendUnescaped(into, key);
    return true;
  }

  /** The member of that name, in UTF-8; of several the last one, as everywhere that JSON is read. */
  member(object: i32, name: Slice): i32 {
    if (this.kind(object) != JsonKind.Object) return -1;
    let found = -1;
    for (let child = this.firstChild(object); child >= 0; child = this.nextSibling(child)) {
      if (equal(this.plainKey(child), name)) found = child;
    }
    return found;
  }

  /** The first member whose name an earlier member of the object has; -1 when all names differ. */
  duplicateKey(object: i32): i32 {
    if (this.kind(object) != JsonKind.Object) return -1;
    this.keys.reset(this.childCount(object));
    for (let child = this.firstChild(object); child >= 0; child = this.nextSibling(child)) {
      if (!this.keys.add(this.plainKey(child))) return child;
    }
    return -1;
  }

  /**
   * Writes a scalar as text: a string decoded, a number, true or false as written. False, and nothing written, for
   * null, arrays and objects.
   */
  appendText(node: i32, into: ByteBuffer): bool {
    switch (this.kind(node)) {
      case JsonKind.String:
        if (this.nodes.at(node).escaped) appendUnescaped(into, this.raw(node));
        else into.bytes(this.raw(node));
        return true;
      case JsonKind.False:
      case JsonKind.True:
      case JsonKind.Number:
        into.bytes(this.raw(node));
        return true;
      default:
        return false;
    }
  }

  /** A number as a double, infinite where it is too large for one; NaN for what is no number. */
  number(node: i32): f64 {
    return this.kind(node) == JsonKind.Number ? doubleOf(this.raw(node)) : NaN;
  }

  /** Whether this is a number, whole and within 64 bits, in any notation (`10000`, `1e4`, `10000.0`). */
  isInteger(node: i32): bool {
    return this.kind(node) == JsonKind.Number && this.integers.read(this.raw(node));
  }

  /** The whole number, exactly; 0 where `isInteger` says no. */
  integer(node: i32): i64 {
    return this.isInteger(node) ? this.integers.value : 0;
  }

  /** The value that a JSON Pointer leads to from the top (RFC 6901); -1 when there is none. */
  at(pointer: JsonPointer): i32 {
    let node = this.root;
    for (let step = 0; step < pointer.depth && node >= 0; step++) {
      if (this.kind(node) == JsonKind.Object) node = this.member(node, pointer.name(step));
      else node = this.element(node, pointer.index(step));
    }
    return node;
  }

  /** Gives the memory back; the document may be used again. */
  dispose(): void {
    this.nodes.dispose();
    this.unescaped.dispose();
    this.keys.dispose();
    this.text = NONE;
  }

  /** The array's element of that index, from 0; -1 when there is none. */
  element(array: i32, index: i32): i32 {
    if (this.kind(array) != JsonKind.Array || index < 0 || index >= this.childCount(array)) return -1;
    let child = this.firstChild(array);
    for (let i = 0; i < index && child >= 0; i++) child = this.nextSibling(child);
    return child;
  }

  /** A member's name, decoded; good until the next call. */
  private plainKey(member: i32): Slice {
    if (!this.nodes.at(member).keyEscaped) return this.key(member);
    this.appendKey(member, this.unescaped.clear());
    return this.unescaped.view();
  }

  private fail(error: string, offset: i32): bool {
    this.nodes.clear();
    this.error = error;
    this.errorOffset = offset;
    this.errorLine = 1;
    this.errorColumn = 1;
    for (let at = 0; at < min(offset, lengthOf(this.text)); at++) {
      const byte = byteAt(this.text, at);
      if (byte == LINE_FEED) {
        this.errorLine++;
        this.errorColumn = 1;
      } else if ((byte & 0xc0) != 0x80) {
        // Continuation bytes of UTF-8 are part of the character before them.
        this.errorColumn++;
      }
    }
    return false;
  }
}
