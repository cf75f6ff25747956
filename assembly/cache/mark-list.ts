import { ByteBuffer, NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";

/** So many URIs are told apart in one list. */
const MOST_MARKS: i32 = 15;

/** Bytes before the marks: the floor. */
const HEAD: i32 = 8;

/** Bytes of a mark: a URI's hash and a time. */
const MARK: i32 = 16;

/**
 * Marks of invalidations as bytes: the floor, and then the latest ones, each once, the most recent first. What has to make
 * room becomes the floor: it then counts for every URI of the list. Times are wall-clock milliseconds.
 */
export class MarkList {
  private bytes: Slice = NONE;

  /** Looks at a list; what is none is an empty one. */
  open(bytes: Slice): void {
    const length = lengthOf(bytes) - HEAD;
    const isList = length >= 0 && length % MARK == 0 && length <= MOST_MARKS * MARK;
    this.bytes = isList ? bytes : NONE;
  }

  /** When the URI with that hash was invalidated, or may have been; 0 for never. */
  latest(uriHash: u64): i64 {
    if (this.bytes == NONE) return 0;
    const end = pointerOf(this.bytes) + <usize>lengthOf(this.bytes);
    for (let at = pointerOf(this.bytes) + <usize>HEAD; at < end; at += <usize>MARK) {
      if (load<u64>(at) == uriHash) return max(load<i64>(at, 8), this.floor);
    }
    return this.floor;
  }

  /** Writes the list with the URI invalidated at `time`. */
  writeWith(uriHash: u64, time: i64, into: ByteBuffer): void {
    into.clear();
    append64(into, 0);
    append64(into, uriHash);
    append64(into, <u64>time);
    let floor = this.floor;
    const length = lengthOf(this.bytes);
    let kept = 1;
    for (let at = HEAD; at < length; at += MARK) {
      const mark = pointerOf(this.bytes) + <usize>at;
      if (load<u64>(mark) == uriHash) continue;
      if (kept == MOST_MARKS) {
        floor = max(floor, load<i64>(mark, 8));
        continue;
      }
      kept++;
      append64(into, load<u64>(mark));
      append64(into, load<u64>(mark, 8));
    }
    store<i64>(pointerOf(into.view()), floor);
  }

  /** Writes a list that says of every URI that it was invalidated at `time`. */
  writeFloor(time: i64, into: ByteBuffer): void {
    append64(into.clear(), <u64>time);
  }

  private get floor(): i64 {
    return this.bytes == NONE ? 0 : load<i64>(pointerOf(this.bytes));
  }
}

function append64(into: ByteBuffer, value: u64): void {
  into.u32(<u32>value).u32(<u32>(value >> 32));
}
