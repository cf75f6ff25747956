import { ByteBuffer, Slice, byteAt, equal, lengthOf, lowerCase, persist, pointerOf, sub } from "as-bytes/assembly";

const TAB: i32 = 0x09;
const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const SEMICOLON: i32 = 0x3b;
const BACKSLASH: i32 = 0x5c;

/** Lists with more members stay in the order they came in. */
const MAX_MEMBERS: i32 = 32;

const ACCEPT_CHARSET = persist("accept-charset");
const ACCEPT_ENCODING = persist("accept-encoding");
const ACCEPT_LANGUAGE = persist("accept-language");

/**
 * Brings a request's field values to one form where RFC 9111 §4.1 calls them equal: "adding or removing whitespace, where
 * allowed in the header field's syntax", "combining multiple header field lines with the same field name", and
 * "normalizing both header field values in a way that is known to have identical semantics". Its buffers are used again.
 */
export class ListedValues {
  private plain: ByteBuffer = new ByteBuffer();
  private sorted: ByteBuffer = new ByteBuffer();
  private members: StaticArray<Slice> = new StaticArray<Slice>(MAX_MEMBERS);

  /** The value in that form; good until the next call. */
  normalized(name: Slice, value: Slice): Slice {
    this.plain.clear();
    if (!isPreference(name)) {
      appendWithoutSpace(this.plain, value, false);
      return this.plain.view();
    }
    // Content codings, language tags and charsets are case-insensitive (RFC 9110 §8.4.1, §8.5.1, §8.3.2), and so is `q`.
    appendWithoutSpace(this.plain, value, true);
    this.plain.toLowerCase();
    // The weights say which member is preferred (RFC 9110 §12.4.2), and of the order in Accept-Language it says "this
    // behavior cannot be relied upon" (§12.5.4). Browsers give each language a weight of its own, which stays with it.
    return this.inOrder(this.plain.view());
  }

  private inOrder(list: Slice): Slice {
    const count = this.readMembers(list);
    if (count < 0) return list;
    this.sort(count);
    const sorted = this.sorted.clear();
    for (let i = 0; i < count; i++) {
      if (i > 0) sorted.byte(COMMA);
      sorted.bytes(unchecked(this.members[i]));
    }
    return sorted.view();
  }

  /** Finds the members of a list without quotes, and says how many there are; -1 for too many. */
  private readMembers(list: Slice): i32 {
    const length = lengthOf(list);
    let count = 0;
    let start = 0;
    for (let at = 0; at <= length; at++) {
      if (at < length && byteAt(list, at) != COMMA) continue;
      // Empty members say nothing (RFC 9110 §5.6.1.2).
      if (at > start) {
        if (count == MAX_MEMBERS) return -1;
        unchecked((this.members[count++] = sub(list, start, at)));
      }
      start = at + 1;
    }
    return count;
  }

  private sort(count: i32): void {
    for (let i = 1; i < count; i++) {
      const member = unchecked(this.members[i]);
      let at = i;
      while (at > 0 && compare(unchecked(this.members[at - 1]), member) > 0) {
        unchecked((this.members[at] = this.members[at - 1]));
        at--;
      }
      unchecked((this.members[at] = member));
    }
  }
}

/** Whether the field lists what the client prefers, with weights, and nothing in it is quoted or minds its case. */
function isPreference(name: Slice): bool {
  return equal(name, ACCEPT_ENCODING) || equal(name, ACCEPT_LANGUAGE) || equal(name, ACCEPT_CHARSET);
}

/**
 * Appends the value without the spaces and tabs around it and around its commas, which no list minds, and with
 * `aroundSemicolons` those, too. What is quoted stays as it is; from a quote that is never closed on, everything does.
 */
function appendWithoutSpace(into: ByteBuffer, value: Slice, aroundSemicolons: bool): void {
  const length = lengthOf(value);
  let isBehindSeparator = true;
  for (let at = 0; at < length;) {
    const byte = byteAt(value, at);
    if (isSpace(byte)) {
      const end = endOfSpace(value, at);
      const isRemoved = isBehindSeparator || end == length || isSeparator(byteAt(value, end), aroundSemicolons);
      if (!isRemoved) into.bytes(sub(value, at, end));
      at = end;
      continue;
    }
    const end = byte == QUOTE ? endOfQuoted(value, at) : at + 1;
    into.bytes(sub(value, at, end));
    isBehindSeparator = isSeparator(byte, aroundSemicolons);
    at = end;
  }
}


@inline
function isSpace(byte: i32): bool {
  return byte == SPACE || byte == TAB;
}


@inline
function isSeparator(byte: i32, orSemicolon: bool): bool {
  return byte == COMMA || (orSemicolon && byte == SEMICOLON);
}

function endOfSpace(value: Slice, start: i32): i32 {
  let at = start;
  while (isSpace(byteAt(value, at))) at++;
  return at;
}

/** Behind the quote that closes the one at `start`, or the value's end. */
function endOfQuoted(value: Slice, start: i32): i32 {
  const length = lengthOf(value);
  let at = start + 1;
  while (at < length) {
    const byte = byteAt(value, at);
    at += byte == BACKSLASH ? 2 : 1;
    if (byte == QUOTE) return at;
  }
  return length;
}

function compare(a: Slice, b: Slice): i32 {
  const order = memory.compare(pointerOf(a), pointerOf(b), <usize>min(lengthOf(a), lengthOf(b)));
  return order != 0 ? order : lengthOf(a) - lengthOf(b);
}
