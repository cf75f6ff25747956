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

  /** Whether the member stands behind another one where a comma should. */
  isMisplaced: bool = false;

  private field: Slice = NONE;
  private at: i32 = 0;
  /** Whether a quote was found that nothing closes. */
  private isUnclosed: bool = false;
  /** Whether the field is read once more, with quotes as bytes like others. */
  private isAgain: bool = false;
  /** Whether what follows, up to the next comma, is misplaced. */
  private hasRest: bool = false;

  begin(field: Slice): void {
    this.field = field;
    this.at = 0;
    this.isUnclosed = false;
    this.isAgain = false;
    this.hasRest = false;
  }

  /**
   * Goes to the next member; false when there is none left. Members without a name are passed over.
   *
   * What stands behind a member where a comma should is read as members, too, and malformed: who sends `public; private` or
   * `public no-store` means a restriction.
   *
   * Where a quote is not closed, nobody can tell which of the quotes before it was to open a string and which to close one, so
   * what seems to be within one may be a directive. All members then come once more, now as they are from comma to comma,
   * and malformed: what restricts among them counts, wherever it stands.
   */
  next(): bool {
    const length = lengthOf(this.field);
    while (true) {
      while (this.at < length) {
        if (this.isAgain) this.readUnquoted();
        else if (this.hasRest) this.readMisplaced();
        else this.readMember();
        if (lengthOf(this.name) > 0) return true;
      }
      if (!this.isUnclosed || this.isAgain) return false;
      this.isAgain = true;
      this.at = 0;
    }
  }

  /** The next token that stands behind a member, with its argument if it has one; no name where a comma or the end is next. */
  private readMisplaced(): void {
    while (this.byte >= 0 && this.byte != COMMA && !isTokenCharacter(this.byte)) {
      if (this.byte == QUOTE) this.readQuoted();
      else this.at++;
    }
    this.isMalformed = true;
    this.isMisplaced = true;
    this.readDirective();
    this.hasRest = this.byte != COMMA && this.byte >= 0;
    if (!this.hasRest) this.at++;
  }

  private readUnquoted(): void {
    this.skipSpace();
    this.name = this.readToken();
    this.value = NONE;
    this.isMalformed = true;
    this.isMisplaced = false;
    while (this.byte >= 0 && this.byte != COMMA) this.at++;
    this.at++;
  }

  private readMember(): void {
    this.skipSpace();
    this.isMalformed = false;
    this.isMisplaced = false;
    this.readDirective();
    this.skipSpace();
    if (this.byte != COMMA && this.byte >= 0) {
      this.isMalformed = true;
      this.hasRest = true;
      return;
    }
    this.at++;
  }

  private readDirective(): void {
    this.name = this.readToken();
    this.value = NONE;
    if (this.byte != EQUALS) return;
    this.at++;
    this.value = this.byte == QUOTE ? this.readQuoted() : this.readToken();
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
    if (this.byte == QUOTE) {
      this.at++;
    } else {
      this.isMalformed = true;
      this.isUnclosed = true;
    }
    return text;
  }
}
