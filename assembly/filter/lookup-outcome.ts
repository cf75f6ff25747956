import { ByteBuffer, Slice, byteAt, lengthOf, persist } from "as-bytes/assembly";
import { Change, ChangesReader } from "../route/changes";
import { appendSha256Hex } from "../text/sha256";

/** What tells the forms of an outcome apart. */
const FAILED: i32 = 0x66;
const CHANGES: i32 = 0x63;
const DIGEST: i32 = 0x64;
const BOTH: i32 = 0x62;

/** The outcome of lookups of which one had no answer, and of those of which nobody knows. */
export const FAILED_OUTCOME = persist("f");

/** Longer ones are told by their digest. */
const MOST_BYTES: i32 = 256;

const reader = new ChangesReader();
const changed = new ByteBuffer();
const outcome = new ByteBuffer();

/**
 * What the lookups of a request did, as far as its path and host do not tell: which headers they set and removed. Empty for
 * nothing; `isFailed` outcomes say that one of them had no answer. Good until the next one.
 */
export function outcomeOf(changes: Slice, hasFailed: bool): Slice {
  outcome.clear();
  if (hasFailed) return FAILED_OUTCOME;
  changed.clear();
  reader.begin(changes);
  while (reader.next()) {
    if (reader.change != Change.SetHeader && reader.change != Change.RemoveHeader) continue;
    changed
      .byte(reader.change)
      .u32(<u32>lengthOf(reader.name))
      .u32(<u32>lengthOf(reader.value));
    changed.bytes(reader.name).bytes(reader.value);
  }
  if (changed.length == 0) return outcome.view();
  if (changed.length <= MOST_BYTES) return outcome.byte(CHANGES).bytes(changed.view()).view();
  appendSha256Hex(outcome.byte(DIGEST), changed.view());
  return outcome.view();
}

/** What the lookups of two instances did, one after the other. Good until the next outcome; `second` is the last one. */
export function outcomeOfBoth(first: Slice, second: Slice): Slice {
  if (lengthOf(first) == 0 || isFailed(second)) return second;
  if (lengthOf(second) == 0 || isFailed(first)) return first;
  changed
    .clear()
    .u32(<u32>lengthOf(first))
    .bytes(first)
    .bytes(second);
  appendSha256Hex(outcome.clear().byte(BOTH), changed.view());
  return outcome.view();
}

/** Whether a lookup had no answer: such a request is not the cache's to answer. */
export function isFailed(outcome: Slice): bool {
  return byteAt(outcome, 0) == FAILED;
}
