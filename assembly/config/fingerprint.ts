import { ByteBuffer, Slice, sipHash } from "as-bytes/assembly";
import { JsonDocument, JsonKind } from "as-strict-json/assembly";

/** Configurations are the operator's: who could make two of them collide could as well make them equal. */
const KEY0: u64 = 0x7369676e706f7374;
const KEY1: u64 = 0x66696e6765727072;

const text = new ByteBuffer();

/**
 * A number that two JSON values share when they are equal: whatever the order of an object's members, the white space, the
 * escapes in strings and the notation of numbers. Control planes write a configuration anew.
 */
export function fingerprintOf(document: JsonDocument, node: i32): u64 {
  const kind = document.kind(node);
  let inner: u64 = 0;
  switch (kind) {
    case JsonKind.Object:
      // A sum, so that the order makes no difference; each member with its name.
      for (let at = document.firstChild(node); at >= 0; at = document.nextSibling(at)) {
        const value = fingerprintOf(document, at);
        document.appendKey(at, text.clear());
        inner += mix(hashOf(text.view()), value);
      }
      break;
    case JsonKind.Array:
      for (let at = document.firstChild(node); at >= 0; at = document.nextSibling(at)) {
        inner = mix(inner, fingerprintOf(document, at));
      }
      break;
    case JsonKind.Number:
      inner = reinterpret<u64>(document.number(node));
      break;
    case JsonKind.String:
      document.appendText(node, text.clear());
      inner = hashOf(text.view());
      break;
    default:
      break;
  }
  return mix(<u64>kind, inner);
}

function hashOf(bytes: Slice): u64 {
  return sipHash(bytes, KEY0, KEY1);
}

function mix(first: u64, second: u64): u64 {
  text.clear();
  text.u32(<u32>first).u32(<u32>(first >> 32));
  text.u32(<u32>second).u32(<u32>(second >> 32));
  return hashOf(text.view());
}
