import {
  ByteBuffer,
  NONE,
  Slice,
  byteAt,
  copy,
  equal,
  indexOf,
  isDigit,
  lengthOf,
  release,
  sub,
} from "as-bytes/assembly";

const SLASH: i32 = 0x2f;
const TILDE: i32 = 0x7e;
const ZERO: i32 = 0x30;

/** An index of more digits is larger than any array. */
const MAX_INDEX_DIGITS: i32 = 9;

/** A JSON Pointer (RFC 6901), taken apart once so that following it parses nothing. */
export class JsonPointer {
  private names: StaticArray<Slice>;
  private indices: StaticArray<i32>;

  private constructor(depth: i32) {
    this.names = new StaticArray<Slice>(depth);
    this.indices = new StaticArray<i32>(depth);
  }

  /**
   * The pointer that a text such as `/headers/x-cell` writes, or null when it is none: it must be empty (the whole
   * document) or begin with `/`, and `~` must be followed by `0` (a `~`) or `1` (a `/`).
   */
  static parse(text: Slice): JsonPointer | null {
    if (!isJsonPointer(text)) return null;
    let depth = 0;
    for (let at = indexOf(text, SLASH); at >= 0; at = indexOf(text, SLASH, at + 1)) depth++;
    const pointer = new JsonPointer(depth);
    const name = new ByteBuffer();
    for (let i = 0, start = 1; i < depth; i++) {
      let end = indexOf(text, SLASH, start);
      if (end < 0) end = lengthOf(text);
      appendToken(name.clear(), sub(text, start, end));
      unchecked((pointer.names[i] = copy(name.view())));
      unchecked((pointer.indices[i] = arrayIndex(name.view())));
      start = end + 1;
    }
    name.dispose();
    return pointer;
  }

  /** How many steps it is from the top to the value. */
  get depth(): i32 {
    return this.names.length;
  }

  /** The member's name at a step; `NONE` outside. */
  name(step: i32): Slice {
    return <u32>step < <u32>this.names.length ? unchecked(this.names[step]) : NONE;
  }

  /** The element's index at a step; -1 where the step names no array element. */
  index(step: i32): i32 {
    return <u32>step < <u32>this.indices.length ? unchecked(this.indices[step]) : -1;
  }

  /** Whether both lead the same way. */
  equals(other: JsonPointer): bool {
    if (this.depth != other.depth) return false;
    for (let step = 0; step < this.depth; step++) {
      if (!equal(this.name(step), other.name(step))) return false;
    }
    return true;
  }

  /** Gives the memory back; afterwards the pointer must not be used. */
  dispose(): void {
    for (let i = 0; i < this.names.length; i++) {
      release(unchecked(this.names[i]));
      unchecked((this.names[i] = NONE));
    }
  }
}

function isJsonPointer(text: Slice): bool {
  const length = lengthOf(text);
  if (length > 0 && byteAt(text, 0) != SLASH) return false;
  for (let at = 0; at < length; at++) {
    if (byteAt(text, at) != TILDE) continue;
    const escaped = byteAt(text, at + 1);
    if (escaped != ZERO && escaped != ZERO + 1) return false;
  }
  return true;
}

function appendToken(into: ByteBuffer, token: Slice): void {
  const length = lengthOf(token);
  for (let at = 0; at < length; at++) {
    const byte = byteAt(token, at);
    if (byte == TILDE) {
      at++;
      into.byte(byteAt(token, at) == ZERO ? TILDE : SLASH);
    } else {
      into.byte(byte);
    }
  }
}

/** RFC 6901 §4: digits without a leading zero. `-`, the element behind the last one, never exists. */
function arrayIndex(token: Slice): i32 {
  const length = lengthOf(token);
  if (length == 0 || length > MAX_INDEX_DIGITS) return -1;
  if (length > 1 && byteAt(token, 0) == ZERO) return -1;
  let index = 0;
  for (let at = 0; at < length; at++) {
    const byte = byteAt(token, at);
    if (!isDigit(byte)) return -1;
    index = index * 10 + (byte - ZERO);
  }
  return index;
}
