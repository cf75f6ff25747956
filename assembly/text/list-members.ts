import { NONE, Slice, indexOf, lengthOf, sub } from "as-bytes/assembly";
import { trimSpace } from "./header-value";

const COMMA: i32 = 0x2c;

/** Reads the members of a field that is a list of tokens, one after the other (RFC 9110 §5.6.1); quotes mean nothing to it. */
export class ListMembers {
  /** The member of the last `next`, without the spaces around it. */
  member: Slice = NONE;

  private list: Slice = NONE;
  private at: i32 = 0;

  begin(list: Slice): void {
    this.list = list;
    this.at = 0;
    this.member = NONE;
  }

  /** Goes to the next member; false when there is none left. */
  next(): bool {
    const list = this.list;
    const length = lengthOf(list);
    while (this.at < length) {
      const comma = indexOf(list, COMMA, this.at);
      const end = comma < 0 ? length : comma;
      this.member = trimSpace(sub(list, this.at, end));
      this.at = end + 1;
      // "A recipient MUST parse and ignore a reasonable number of empty list elements." (RFC 9110 §5.6.1.2)
      if (lengthOf(this.member) > 0) return true;
    }
    return false;
  }
}
