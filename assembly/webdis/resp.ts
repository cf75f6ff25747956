import { NONE, Slice, byteAt, isDigit, lengthOf, sub } from "as-bytes/assembly";

const LINE_FEED: i32 = 0x0a;
const CARRIAGE_RETURN: i32 = 0x0d;
const BULK: i32 = 0x24;
const ARRAY: i32 = 0x2a;
const SIMPLE_STRING: i32 = 0x2b;
const ERROR: i32 = 0x2d;
const MINUS: i32 = 0x2d;
const ZERO: i32 = 0x30;
const INTEGER: i32 = 0x3a;

/** What a reply, or an element of one, is. */
export enum RespKind {
  /** Not RESP: not from Redis, or cut off. */
  Malformed,
  /** There is no such thing. */
  Nil,
  /** A bulk string: `value`. */
  Bulk,
  /** A simple string, as in `+OK`: `value`. */
  SimpleString,
  /** A number: `integer`. */
  Integer,
  /** Redis refused the command: `value` is what it says. */
  Error,
  /** `count` elements, one at each `next`. */
  Array,
  /** Of `next`: there was no further element. */
  End,
}

/**
 * Reads a reply to a `.raw` command: one RESP2 reply and nothing else, as Redis writes it, down to numbers without
 * leading zeros. A reply is checked as a whole before anything of it is given out; a part of one is malformed, never a
 * shorter reply.
 *
 * Webdis 0.1.9 drops from arrays what is neither string nor number (nil of `MGET`, nested arrays) but counts it in the
 * length: such a reply is malformed, because nobody can tell which element is missing. Numbers in arrays come as strings.
 */
export class RespReader {
  /** The bytes of a bulk string, simple string or error (without its `-`); `NONE` for all others. */
  value: Slice = NONE;
  /** The number, of `Integer`. */
  integer: i64 = 0;
  /** How many elements an `Array` has. */
  count: i32 = 0;

  private reply: Slice = NONE;
  private at: i32 = 0;
  private left: i32 = 0;

  /** What the reply is. Slices point into it. */
  read(reply: Slice): RespKind {
    this.reply = reply;
    this.at = 0;
    this.left = 0;
    this.count = 0;
    const kind = this.readItem();
    if (kind == RespKind.Array) return this.readArray();
    return this.at == lengthOf(reply) ? kind : this.malformed();
  }

  /** After `Array`: takes its next element into the fields; `End` when there is none left. */
  next(): RespKind {
    if (this.left <= 0) {
      this.value = NONE;
      return RespKind.End;
    }
    this.left--;
    return this.readItem();
  }

  /** Checks all elements and goes back to the first one. */
  private readArray(): RespKind {
    const count = this.count;
    const first = this.at;
    for (let i = 0; i < count; i++) {
      const nested = byteAt(this.reply, this.at) == ARRAY;
      if (nested || this.readItem() == RespKind.Malformed) return this.malformed();
    }
    if (this.at != lengthOf(this.reply)) return this.malformed();
    this.at = first;
    this.left = count;
    this.value = NONE;
    return RespKind.Array;
  }

  private readItem(): RespKind {
    const type = byteAt(this.reply, this.at);
    const line = this.readLine();
    this.value = NONE;
    if (line == NONE) return this.malformed();
    switch (type) {
      case BULK:
        return this.readBulk(line);
      case SIMPLE_STRING:
        this.value = line;
        return RespKind.SimpleString;
      case ERROR:
        this.value = line;
        return RespKind.Error;
      case INTEGER:
        return this.parseInteger(line) ? RespKind.Integer : this.malformed();
      case ARRAY:
        return this.readArrayLength(line);
      default:
        return this.malformed();
    }
  }

  private readBulk(line: Slice): RespKind {
    if (!this.parseInteger(line)) return this.malformed();
    if (this.integer == -1) return RespKind.Nil;
    // Compared as 64 bits: a length from outside may be anything.
    if (this.integer < 0 || this.integer > <i64>(lengthOf(this.reply) - this.at - 2)) return this.malformed();
    const end = this.at + <i32>this.integer;
    if (!this.isLineEnd(end)) return this.malformed();
    this.value = sub(this.reply, this.at, end);
    this.at = end + 2;
    return RespKind.Bulk;
  }

  private readArrayLength(line: Slice): RespKind {
    if (!this.parseInteger(line)) return this.malformed();
    if (this.integer == -1) return RespKind.Nil;
    // No element is shorter than three bytes.
    if (this.integer < 0 || this.integer > <i64>((lengthOf(this.reply) - this.at) / 3)) return this.malformed();
    this.count = <i32>this.integer;
    return RespKind.Array;
  }

  /** The bytes between the type and the end of the line, and steps past it; `NONE` when no line is there. */
  private readLine(): Slice {
    const start = this.at + 1;
    let end = start;
    let byte = byteAt(this.reply, end);
    while (byte >= 0 && byte != CARRIAGE_RETURN && byte != LINE_FEED) byte = byteAt(this.reply, ++end);
    if (!this.isLineEnd(end)) return NONE;
    this.at = end + 2;
    return sub(this.reply, start, end);
  }

  private isLineEnd(at: i32): bool {
    return byteAt(this.reply, at) == CARRIAGE_RETURN && byteAt(this.reply, at + 1) == LINE_FEED;
  }

  /** Reads a number as Redis writes it into `integer`: no plus, no leading zeros, within 64 bits. */
  private parseInteger(line: Slice): bool {
    const length = lengthOf(line);
    const negative = byteAt(line, 0) == MINUS;
    const first = negative ? 1 : 0;
    const leading = byteAt(line, first);
    if (!isDigit(leading) || (leading == ZERO && (negative || length > 1))) return false;
    const limit: u64 = negative ? 1 << 63 : (1 << 63) - 1;
    let magnitude: u64 = 0;
    for (let i = first; i < length; i++) {
      const byte = byteAt(line, i);
      if (!isDigit(byte)) return false;
      const digit = <u64>(byte - ZERO);
      if (magnitude > (limit - digit) / 10) return false;
      magnitude = magnitude * 10 + digit;
    }
    // Unsigned arithmetic has the magnitude of i64.MIN_VALUE, and its negation wraps to the right value.
    this.integer = <i64>(negative ? 0 - magnitude : magnitude);
    return true;
  }

  private malformed(): RespKind {
    this.value = NONE;
    return RespKind.Malformed;
  }
}
