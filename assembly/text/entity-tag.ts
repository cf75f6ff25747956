import { NONE, Slice, byteAt, equal, indexOf, lengthOf, sub } from "as-bytes/assembly";
import { trimSpace } from "./header-value";

const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const SLASH: i32 = 0x2f;
const WEAK: i32 = 0x57;
const DELETE: i32 = 0x7f;

/**
 * Whether this is an entity tag (RFC 9110 §8.8.3): `[ weak ] opaque-tag`, with `weak = %s"W/"`, which minds its case,
 * and in the quotes visible characters but no quotes.
 */
export function isEntityTag(tag: Slice): bool {
  const opaque = opaqueTag(tag);
  const last = lengthOf(opaque) - 1;
  if (last < 1 || byteAt(opaque, 0) != QUOTE || byteAt(opaque, last) != QUOTE) return false;
  for (let i = 1; i < last; i++) {
    const byte = byteAt(opaque, i);
    if (byte <= 0x20 || byte == QUOTE || byte == DELETE) return false;
  }
  return true;
}

/** "two entity tags are equivalent if both are not weak and their opaque-tags match character-by-character" (§8.8.3.2) */
export function matchesStrongly(a: Slice, b: Slice): bool {
  return isStrongEntityTag(a) && equal(a, b);
}

/** Whether this is an entity tag that is not weak. */
export function isStrongEntityTag(tag: Slice): bool {
  return isEntityTag(tag) && byteAt(tag, 0) == QUOTE;
}

/**
 * "two entity tags are equivalent if their opaque-tags match character-by-character, regardless of either or both being
 * tagged as "weak"" (§8.8.3.2). Some origins send tags without quotes, and their clients send them back: what is no
 * entity tag matches what is no entity tag of the same bytes.
 */
export function matchesWeakly(a: Slice, b: Slice): bool {
  if (lengthOf(a) == 0) return false;
  return isEntityTag(a) && isEntityTag(b) ? equal(opaqueTag(a), opaqueTag(b)) : equal(a, b);
}

/** Reads the members of a list of entity tags, as in `If-None-Match`. */
export class EntityTags {
  /** The member of the last `next`. */
  tag: Slice = NONE;

  private field: Slice = NONE;
  private at: i32 = 0;

  begin(field: Slice): void {
    this.field = field;
    this.at = 0;
    this.tag = NONE;
  }

  /** Goes to the next member; false when there is none left. Empty ones are passed over. */
  next(): bool {
    const length = lengthOf(this.field);
    while (this.at < length) {
      const end = this.memberEnd();
      this.tag = trimSpace(sub(this.field, this.at, end));
      this.at = end + 1;
      if (lengthOf(this.tag) > 0) return true;
    }
    this.tag = NONE;
    return false;
  }

  /** The comma behind the member, or the list's end. Commas in quotes belong to the tag; a backslash escapes nothing. */
  private memberEnd(): i32 {
    const field = this.field;
    const length = lengthOf(field);
    let at = this.at;
    while (at < length && byteAt(field, at) != COMMA) {
      const closing = byteAt(field, at) == QUOTE ? indexOf(field, QUOTE, at + 1) : at;
      // Without its closing quote the tag is none, and what follows the comma may be one.
      at = closing < 0 ? at + 1 : closing + 1;
    }
    return at;
  }
}

function opaqueTag(tag: Slice): Slice {
  return byteAt(tag, 0) == WEAK && byteAt(tag, 1) == SLASH ? sub(tag, 2) : tag;
}
