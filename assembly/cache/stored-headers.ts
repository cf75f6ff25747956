import { NONE, Slice, byteAt, equal, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { ScratchBuffers } from "../request/scratch-buffers";
import { HeaderList } from "../text/header-list";

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
  /** The marks of all names that are there, once somebody has asked: a name without its mark is not. */
  private marks: u64 = 0;
  private isMarked: bool = false;
  private joined: ScratchBuffers = new ScratchBuffers();

  /** Looks at other fields: those that `HeaderListWriter` laid out in `bytes`. */
  begin(bytes: Slice): void {
    this.bytes = bytes;
    this.isMarked = false;
    this.joined.reuse();
  }

  /** Looks at nothing any more, and keeps no buffer of more than `most` bytes. */
  release(most: i32): void {
    this.bytes = NONE;
    this.joined.shrink(most);
  }

  get(name: Slice): Slice {
    const first = this.first(name);
    if (!isPresent(first)) return NONE;
    const second = this.next(name);
    return isPresent(second) ? this.joinedValues(name, first, second) : first;
  }

  /** The value of the first field of that name (lower case); `NONE` where there is none. */
  first(name: Slice): Slice {
    if (!this.isMarked) this.mark();
    // Most of what is asked for is not there.
    if ((this.marks & markOf(name)) == 0) return NONE;
    this.list.begin(this.bytes);
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
    const list = this.list;
    let marks: u64 = 0;
    list.begin(this.bytes);
    while (list.next()) marks |= markOf(list.name);
    this.marks = marks;
    this.isMarked = true;
  }

  private joinedValues(name: Slice, first: Slice, second: Slice): Slice {
    const separator = equal(name, COOKIE) ? BETWEEN_COOKIES : BETWEEN_VALUES;
    const into = this.joined.next().bytes(first);
    for (let value = second; isPresent(value); value = this.next(name)) into.bytes(separator).bytes(value);
    return into.view();
  }
}

/** One of 64 bits by a name's length and its first and last bytes, which tell most fields apart. */
@inline
function markOf(name: Slice): u64 {
  const length = lengthOf(name);
  const hash = length * 7 + byteAt(name, 0) + byteAt(name, length - 1) * 3;
  return (<u64>1) << ((<u64>hash) & 63);
}
