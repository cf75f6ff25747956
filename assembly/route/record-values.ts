import { ByteBuffer, NONE, Slice, lengthOf, pointerOf, sub } from "as-bytes/assembly";
import { JsonDocument, JsonPointer } from "as-strict-json/assembly";

/** Where a value begins behind the table, and how long it is: four bytes each. */
const PLACE: i32 = 8;

/** The length of a value that the record does not have. */
const MISSING: u32 = u32.MAX_VALUE;

const values = new ByteBuffer();

/**
 * Writes the scalars that the first `count` of `pointers` lead to in a document, as text, so that they can be read with
 * `RecordValues` when the document is long gone.
 */
export function appendRecordValues(
  into: ByteBuffer,
  document: JsonDocument,
  pointers: Array<JsonPointer>,
  count: i32,
): void {
  values.clear();
  for (let i = 0; i < min(count, pointers.length); i++) {
    const start = values.length;
    const isThere = document.appendText(document.at(pointers[i]), values);
    into.u32(<u32>start).u32(isThere ? <u32>(values.length - start) : MISSING);
  }
  into.bytes(values.view());
}

/** A view of what `appendRecordValues` wrote. Never reads outside the bytes it was given. */
export class RecordValues {
  private bytes: Slice = NONE;
  private count: i32 = 0;

  /** Looks at `bytes`, which hold `count` values; its values are good as long as they are. */
  open(bytes: Slice, count: i32): RecordValues {
    this.bytes = bytes;
    this.count = lengthOf(bytes) / PLACE >= count ? count : 0;
    return this;
  }

  /** The value of that place, from 0; `NONE` when the record has none. */
  value(index: i32): Slice {
    if (<u32>index >= <u32>this.count) return NONE;
    const place = pointerOf(this.bytes) + <usize>(index * PLACE);
    const start = load<u32>(place);
    const length = load<u32>(place, 4);
    const text = sub(this.bytes, this.count * PLACE);
    if (length == MISSING || <u64>start + <u64>length > <u64>lengthOf(text)) return NONE;
    return sub(text, <i32>start, <i32>(start + length));
  }
}
