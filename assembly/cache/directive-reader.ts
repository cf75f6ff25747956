import { NONE, Slice, byteAt, lengthOf, sub } from "as-bytes/assembly";
import { isTokenCharacter } from "../text/header-value";

const TAB: i32 = 0x09;
const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const EQUALS: i32 = 0x3d;
const BACKSLASH: i32 = 0x5c;

/**
 * Reads the members of a `Cache-Control` field (RFC 9111 §5.2) one after the other:
 *
 *     Cache-Control   = #cache-directive
 *     cache-directive = token [ "=" ( token / quoted-string ) ]
 */
export class DirectiveReader {
  /** The directive's name, in the case it was sent in. */
  name: Slice = NONE;
  /** Its argument without quotes, escapes in it left as they are; `NONE` where it has none. */
  value: Slice = NONE;
  /** Whether something stands in the member that the grammar has no place for. */
  isMalformed: bool = false;

  private field: Slice = NONE;
  private at: i32 = 0;

  begin(field: Slice): void {
    this.field = field;
    this.at = 0;
  }

  /** Goes to the next member; false when there is none left. Members without a name are passed over. */
  next(): bool {
    const length = lengthOf(this.field);
    while (this.at < length) {
      this.readMember();
      if (lengthOf(this.name) > 0) return true;
    }
    return false;
  }

  private readMember(): void {
    this.skipSpace();
    this.name = this.readToken();
    this.value = NONE;
    this.isMalformed = false;
    if (this.byte == EQUALS) {
      this.at++;
      this.value = this.byte == QUOTE ? this.readQuoted() : this.readToken();
    }
    this.skipSpace();
    if (this.byte != COMMA && this.byte >= 0) {
      this.isMalformed = true;
      this.skipToComma();
    }
    this.at++;
  }

  private get byte(): i32 {
    return byteAt(this.field, this.at);
  }

  private skipSpace(): void {
    while (this.byte == SPACE || this.byte == TAB) this.at++;
  }

  private readToken(): Slice {
    const start = this.at;
    while (isTokenCharacter(this.byte)) this.at++;
    return sub(this.field, start, this.at);
  }

  /** From a quote to the one that closes it. Without one, everything to the end belongs to a malformed string. */
  private readQuoted(): Slice {
    const start = ++this.at;
    while (this.byte >= 0 && this.byte != QUOTE) this.at += this.byte == BACKSLASH ? 2 : 1;
    const text = sub(this.field, start, this.at);
    if (this.byte == QUOTE) this.at++;
    else this.isMalformed = true;
    return text;
  }

  /** Commas in quotes do not end a member, not even a malformed one. */
  private skipToComma(): void {
    while (this.byte >= 0 && this.byte != COMMA) {
      if (this.byte == QUOTE) this.readQuoted();
      else this.at++;
    }
  }
}
