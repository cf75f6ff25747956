import { ByteBuffer, Slice, byteAt, equal, indexOf, lengthOf, lowerCase, sub } from "as-bytes/assembly";
import { isFieldName } from "../text/header-value";
import { ListMembers } from "../text/list-members";

const COMMA: i32 = 0x2c;

/** A set of field names, kept from one message to the next so that it allocates for none of them. */
export class FieldNames {
  /** The names in lower case, each behind a comma, which no name has. */
  private names: ByteBuffer = new ByteBuffer();
  private list: ListMembers = new ListMembers();

  clear(): void {
    this.names.clear();
  }

  get isEmpty(): bool {
    return this.names.length == 0;
  }

  /** Adds the names in a list with commas; false, and then nothing is added, when it has none or what is none. */
  addList(list: Slice): bool {
    const before = this.names.length;
    this.list.begin(list);
    while (this.list.next()) {
      if (this.add(this.list.member)) continue;
      this.names.truncate(before);
      return false;
    }
    return this.names.length > before;
  }

  /** Adds one name; false when it is none. */
  add(name: Slice): bool {
    if (!isFieldName(name)) return false;
    this.names.byte(COMMA);
    for (let i = 0; i < lengthOf(name); i++) this.names.byte(lowerCase(byteAt(name, i)));
    return true;
  }

  /** Whether the name, in lower case, is one of them. */
  has(name: Slice): bool {
    const names = this.names.view();
    for (let start = 1; start <= lengthOf(names);) {
      const comma = indexOf(names, COMMA, start);
      const end = comma < 0 ? lengthOf(names) : comma;
      if (equal(sub(names, start, end), name)) return true;
      start = end + 1;
    }
    return false;
  }
}
