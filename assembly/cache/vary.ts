import {
  ByteBuffer,
  NONE,
  Slice,
  byteAt,
  equal,
  indexOf,
  isPresent,
  lengthOf,
  lowerCase,
  persist,
  pointerOf,
  sub,
} from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { isFieldName } from "../text/header-value";
import { ListMembers } from "../text/list-members";
import { ListedValues } from "./listed-values";

const COMMA: i32 = 0x2c;

/** More names than any response has a use for; past it, finding out what to compare would cost more than the cache saves. */
const MAX_NAMES: i32 = 32;

/** A value's length where the request has no such field. */
const ABSENT: u32 = 0xffff_ffff;

const LENGTH_BYTES: i32 = 4;

const AUTHORIZATION = persist("authorization");
const COOKIE = persist("cookie");
const PROXY_AUTHORIZATION = persist("proxy-authorization");

/** The names that a `Vary` field lists, kept from one response to the next so that reading one allocates nothing. */
export class VaryNames {
  private members: StaticArray<Slice> = new StaticArray<Slice>(MAX_NAMES);
  private count: i32 = 0;
  private names: ByteBuffer = new ByteBuffer();
  private list: ListMembers = new ListMembers();

  /**
   * Reads the field (RFC 9110 §12.5.5), repeated ones joined with commas; a missing one lists nothing. False where
   * responses with it never match: "a stored response with a Vary header field value containing a member "*" always fails
   * to match" (RFC 9111 §4.1). What is no list of names says no less.
   */
  read(field: Slice): bool {
    this.count = 0;
    this.names.clear();
    this.list.begin(field);
    while (this.list.next()) {
      if (!this.insert(this.list.member)) return false;
    }
    this.write();
    return true;
  }

  /** The names in lower case, in order, each once, with commas between them; good until the next `read`. */
  view(): Slice {
    return this.names.view();
  }

  /** Appends those members of another field that are none of the names to a list. */
  appendOthers(into: ByteBuffer, field: Slice): void {
    this.list.begin(field);
    while (this.list.next()) {
      if (this.lists(this.list.member)) continue;
      if (into.length > 0) into.byte(COMMA);
      into.bytes(this.list.member);
    }
  }

  private lists(name: Slice): bool {
    for (let i = 0; i < this.count; i++) {
      if (compareIgnoreCase(unchecked(this.members[i]), name) == 0) return true;
    }
    return false;
  }

  /** Keeps the members in order, so that two fields that list the same are the same. */
  private insert(name: Slice): bool {
    // `*` is a token, too, but no field has that name.
    if (!isFieldName(name) || isStar(name)) return false;
    let at = this.count;
    while (at > 0) {
      const order = compareIgnoreCase(unchecked(this.members[at - 1]), name);
      if (order == 0) return true;
      if (order < 0) break;
      at--;
    }
    if (this.count == MAX_NAMES) return false;
    for (let i = this.count; i > at; i--) unchecked((this.members[i] = this.members[i - 1]));
    unchecked((this.members[at] = name));
    this.count++;
    return true;
  }

  private write(): void {
    for (let i = 0; i < this.count; i++) {
      if (i > 0) this.names.byte(COMMA);
      this.names.bytes(unchecked(this.members[i]));
    }
    this.names.toLowerCase();
  }
}

/**
 * Secondary keys: what tells the responses to one target URI apart (RFC 9111 §4.1), as bytes. Those of two requests are
 * equal, byte for byte, exactly where the fields that `Vary` names match. Without names a key is empty, else it is the
 * length of the names and the names, and for each of them the length of the request's value and the value.
 */
export class SecondaryKeys {
  private lists: ListedValues = new ListedValues();

  /** Appends the request's key for the names, as `VaryNames` has them. */
  append(into: ByteBuffer, names: Slice, request: HeaderSource): void {
    const length = lengthOf(names);
    if (length == 0) return;
    into.u32(<u32>length).bytes(names);
    for (let start = 0; start < length;) {
      const comma = indexOf(names, COMMA, start);
      const end = comma < 0 ? length : comma;
      this.appendValue(into, sub(names, start, end), request);
      start = end + 1;
    }
  }

  private appendValue(into: ByteBuffer, name: Slice, request: HeaderSource): void {
    const value = request.get(name);
    // "If (after any normalization that might take place) a header field is absent from a request, it can only match
    // another request if it is also absent there." (RFC 9111 §4.1)
    if (!isPresent(value)) {
      into.u32(ABSENT);
      return;
    }
    const normalized = isComparedAsIs(name) ? value : this.lists.normalized(name, value);
    into.u32(<u32>lengthOf(normalized)).bytes(normalized);
  }
}

/** The names that a secondary key begins with; `NONE` where the bytes are no key. */
export function namesOfSecondaryKey(key: Slice): Slice {
  if (lengthOf(key) == 0) return sub(key, 0);
  const length = lengthAt(key, 0);
  if (length == 0 || <i64>length > <i64>lengthOf(key) - LENGTH_BYTES) return NONE;
  return sub(key, LENGTH_BYTES, LENGTH_BYTES + <i32>length);
}

/** Whether the bytes are a secondary key. */
export function isWholeSecondaryKey(key: Slice): bool {
  const names = namesOfSecondaryKey(key);
  if (!isPresent(names)) return false;
  const length = lengthOf(names);
  let at: i64 = length == 0 ? 0 : LENGTH_BYTES + length;
  for (let start = 0; start < length;) {
    if (at + LENGTH_BYTES > lengthOf(key)) return false;
    const valueLength = lengthAt(key, <i32>at);
    at += LENGTH_BYTES + (valueLength == ABSENT ? 0 : <i64>valueLength);
    const comma = indexOf(names, COMMA, start);
    start = comma < 0 ? length : comma + 1;
  }
  return at == lengthOf(key);
}

/** Whether the field's value is compared as it is: it says who asks, and nothing in it may look like anything else. */
function isComparedAsIs(name: Slice): bool {
  return equal(name, AUTHORIZATION) || equal(name, COOKIE) || equal(name, PROXY_AUTHORIZATION);
}

/** The four bytes at `at`; `ABSENT` where there are not so many. */
function lengthAt(bytes: Slice, at: i32): u32 {
  if (at < 0 || at > lengthOf(bytes) - LENGTH_BYTES) return ABSENT;
  return load<u32>(pointerOf(bytes) + <usize>at);
}


@inline
function isStar(name: Slice): bool {
  return lengthOf(name) == 1 && byteAt(name, 0) == 0x2a;
}

/** Negative, 0 or positive, as `a` comes before `b`, is `b` but for the case of letters, or comes after it. */
function compareIgnoreCase(a: Slice, b: Slice): i32 {
  const length = min(lengthOf(a), lengthOf(b));
  for (let i = 0; i < length; i++) {
    const order = lowerCase(byteAt(a, i)) - lowerCase(byteAt(b, i));
    if (order != 0) return order;
  }
  return lengthOf(a) - lengthOf(b);
}
