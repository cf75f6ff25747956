import { NONE, Slice, equal, isPresent, lengthOf, persist, sub } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { ScratchBuffers } from "../request/scratch-buffers";
import { HeaderList } from "../text/header-list";
import { MARKS, bit, markOf } from "../text/name-mark";

const COOKIE = persist("cookie");
const BETWEEN_COOKIES = persist("; ");
const BETWEEN_VALUES = persist(",");

/**
 * The fields of a header list by name. What `get` returns is good as long as the list's bytes are and until the next
 * `begin`. Allocates nothing but the buffers that repeated fields are joined in, which are used again.
 */
export class StoredHeaders extends HeaderSource {
  private bytes: Slice = NONE;
  private list: HeaderList = new HeaderList();
  private joined: ScratchBuffers = new ScratchBuffers();
  /** The marks of all names, and of those whose mark came more than once: most look-ups are for what is not there. */
  private marks: u64 = 0;
  private repeatedMarks: u64 = 0;
  private isMarked: bool = false;
  /** Where the first field with each mark begins; only for marks that are set. */
  private firsts: StaticArray<i32> = new StaticArray<i32>(MARKS);

  /** Looks at other fields: those that `HeaderListWriter` laid out in `bytes`. */
  begin(bytes: Slice): void {
    this.bytes = bytes;
    this.isMarked = false;
    this.joined.reuse();
  }

  /** Looks at nothing any more, and keeps no buffer of more than `most` bytes. */
  release(most: i32): void {
    this.bytes = NONE;
    this.isMarked = false;
    this.joined.shrink(most);
  }

  get(name: Slice): Slice {
    const first = this.first(name);
    if (!isPresent(first) || (this.repeatedMarks & bit(markOf(name))) == 0) return first;
    const second = this.next(name);
    return isPresent(second) ? this.joinedValues(name, first, second) : first;
  }

  get nameMarks(): u64 {
    if (!this.isMarked) this.mark();
    return this.marks;
  }

  /** The value of the first field of that name (lower case); `NONE` where there is none. */
  first(name: Slice): Slice {
    if (!this.isMarked) this.mark();
    const mark = markOf(name);
    if ((this.marks & bit(mark)) == 0) {
      this.list.begin(NONE);
      return NONE;
    }
    this.list.begin(sub(this.bytes, unchecked(this.firsts[mark])));
    return this.next(name);
  }

  /** The value of the next field of that name after the one that `first` or `next` gave last. */
  next(name: Slice): Slice {
    const list = this.list;
    while (list.next()) {
      if (equal(list.name, name)) return list.value;
    }
    return NONE;
  }

  private mark(): void {
    let marks: u64 = 0;
    let repeated: u64 = 0;
    let at = 0;
    const list = this.list;
    const length = lengthOf(this.bytes);
    list.begin(this.bytes);
    while (list.next()) {
      const mark = markOf(list.name);
      if ((marks & bit(mark)) != 0) repeated |= bit(mark);
      else unchecked((this.firsts[mark] = at));
      marks |= bit(mark);
      at = length - list.bytesLeft;
    }
    this.marks = marks;
    this.repeatedMarks = repeated;
    this.isMarked = true;
  }

  private joinedValues(name: Slice, first: Slice, second: Slice): Slice {
    const separator = equal(name, COOKIE) ? BETWEEN_COOKIES : BETWEEN_VALUES;
    const into = this.joined.next().bytes(first);
    for (let value = second; isPresent(value); value = this.next(name)) into.bytes(separator).bytes(value);
    return into.view();
  }
}
