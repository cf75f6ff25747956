import { Slice, byteAt, lengthOf, persist } from "as-bytes/assembly";
import { Template } from "../request/template";
import { TemplatePart } from "../request/template-part";
import { isUnreserved } from "../text/url";

const PERCENT: i32 = 0x25;

/** Keys over this are `invalid`, whoever asks. */
const MAX_KEY_BYTES: i32 = 1024;

/** The response cache's entries. */
const CACHE: Slice = persist("cache:");
/** The log of invalidations. */
const INVALIDATIONS: Slice = persist("invalidations");

/**
 * Why a template makes no safe keys; empty when it does. Values stand in keys percent-encoded: a literal character that
 * no encoded value can have tells where one ends, so that no client reaches the key of another by its choice of values.
 */
export function problemOfKey(template: Template): string {
  const parts = template.parts;
  if (parts.length == 0 || !parts[0].isLiteral) return "character 1: a key begins with a literal (as in route:{host})";
  let literalBytes = 0;
  let isSeparated = true;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part.isLiteral) {
      literalBytes += lengthOf(part.text);
      if (hasSeparator(part.text)) isSeparated = true;
    } else if (!isSeparated) {
      return (
        `character ${part.position.toString()}: between this value and the one before it there is no literal character ` +
        "that is neither unreserved (letter, digit, - . _ ~) nor % (use e.g. a colon)"
      );
    } else {
      isSeparated = false;
    }
  }
  if (literalBytes > MAX_KEY_BYTES) return "longer than any key may be (1KiB)";
  if (mayBegin(parts, 0, CACHE, 0)) return 'a key could begin with "cache:", which is reserved';
  if (mayBegin(parts, 0, INVALIDATIONS, 0)) return 'a key could begin with "invalidations", which is reserved';
  return "";
}

function hasSeparator(literal: Slice): bool {
  for (let i = 0; i < lengthOf(literal); i++) {
    if (!isUnreserved(byteAt(literal, i)) && byteAt(literal, i) != PERCENT) return true;
  }
  return false;
}

/**
 * Whether some values make the parts from `first` on begin with the rest of `reserved` from `at` on: a client who sends
 * `he` where a key is `cac{query[x]}:…` makes it `cache:…`. Literals between two values have a character that ends this
 * soon, as neither reserved word has two of them.
 */
function mayBegin(parts: Array<TemplatePart>, first: i32, reserved: Slice, at: i32): bool {
  if (at == lengthOf(reserved)) return true;
  if (first == parts.length) return false;
  const part = parts[first];
  if (part.isLiteral) {
    for (let i = 0; i < lengthOf(part.text); i++, at++) {
      if (at == lengthOf(reserved)) return true;
      if (byteAt(part.text, i) != byteAt(reserved, at)) return false;
    }
    return mayBegin(parts, first + 1, reserved, at);
  }
  for (; at <= lengthOf(reserved); at++) {
    if (mayBegin(parts, first + 1, reserved, at)) return true;
    if (!isUnreserved(byteAt(reserved, at))) return false;
  }
  return false;
}
