import { NONE, Slice, byteAt, isDigit, isLetter, lengthOf, sub } from "as-bytes/assembly";
import { isTokenCharacter } from "./header-value";

/** The type of a dictionary member's value (RFC 8941 §3). */
export enum ItemType {
  False,
  True,
  Integer,
  Decimal,
  String,
  Token,
  Bytes,
  InnerList,
}

const TAB: i32 = 0x09;
const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const OPEN: i32 = 0x28;
const CLOSE: i32 = 0x29;
const STAR: i32 = 0x2a;
const COMMA: i32 = 0x2c;
const MINUS: i32 = 0x2d;
const POINT: i32 = 0x2e;
const SLASH: i32 = 0x2f;
const COLON: i32 = 0x3a;
const SEMICOLON: i32 = 0x3b;
const EQUALS: i32 = 0x3d;
const QUESTION_MARK: i32 = 0x3f;
const BACKSLASH: i32 = 0x5c;

/**
 * Reads the members of a dictionary (RFC 8941 §4.2.2) one after the other. Parameters are checked and passed over. A key
 * may come again: its last member counts. One wrong byte makes the whole field invalid, so what was read of it before is
 * worth nothing: look at `failed` when `next` says no.
 */
export class StructuredDictionary {
  key: Slice = NONE;
  type: ItemType = ItemType.True;
  /** The value as written, without the quotes of a string; escapes in it are left as they are. */
  value: Slice = NONE;
  /** Whether the field is no dictionary. */
  failed: bool = false;

  private field: Slice = NONE;
  private at: i32 = 0;

  begin(field: Slice): void {
    this.field = field;
    this.failed = false;
    this.at = 0;
    this.skip(SPACE, SPACE);
  }

  /** Goes to the next member; false at the end and where the field is no dictionary. */
  next(): bool {
    if (this.failed || this.byte < 0) return false;
    this.key = this.readKey();
    this.type = ItemType.True;
    this.value = NONE;
    if (this.take(EQUALS)) this.readMember();
    this.skipParameters();
    this.readSeparator();
    return !this.failed;
  }

  private get byte(): i32 {
    return byteAt(this.field, this.at);
  }

  /** Goes past `byte` if it is the next one. */
  private take(byte: i32): bool {
    if (this.byte != byte) return false;
    this.at++;
    return true;
  }

  private skip(one: i32, other: i32): void {
    while (this.byte == one || this.byte == other) this.at++;
  }

  private fail(): void {
    this.failed = true;
    this.at = lengthOf(this.field);
  }

  /** `OWS "," OWS` with a member behind it, or the end. */
  private readSeparator(): void {
    this.skip(SPACE, TAB);
    if (this.take(COMMA)) {
      this.skip(SPACE, TAB);
      if (this.byte < 0) this.fail();
    } else if (this.byte >= 0) {
      this.fail();
    }
  }

  private readKey(): Slice {
    const start = this.at;
    if (!isLowerCaseLetter(this.byte) && this.byte != STAR) this.fail();
    while (isKeyCharacter(this.byte)) this.at++;
    return sub(this.field, start, this.at);
  }

  private readMember(): void {
    if (this.byte == OPEN) this.readInnerList();
    else this.readItem();
  }

  private readInnerList(): void {
    const start = this.at++;
    while (!this.failed) {
      this.skip(SPACE, SPACE);
      if (this.take(CLOSE)) break;
      this.readItem();
      this.skipParameters();
      if (this.byte != SPACE && this.byte != CLOSE) this.fail();
    }
    this.type = ItemType.InnerList;
    this.value = sub(this.field, start, this.at);
  }

  private skipParameters(): void {
    const type = this.type;
    const value = this.value;
    while (!this.failed && this.take(SEMICOLON)) {
      this.skip(SPACE, SPACE);
      this.readKey();
      if (this.take(EQUALS)) this.readItem();
    }
    this.type = type;
    this.value = value;
  }

  private readItem(): void {
    const byte = this.byte;
    if (byte == MINUS || isDigit(byte)) this.readNumber();
    else if (byte == QUOTE) this.readString();
    else if (byte == STAR || isLetter(byte)) this.readToken();
    else if (byte == COLON) this.readBytes();
    else if (byte == QUESTION_MARK) this.readBoolean();
    else this.fail();
  }

  /** An integer has at most 15 digits, a decimal at most 12 before the point and 1 to 3 behind it. */
  private readNumber(): void {
    const start = this.at;
    this.take(MINUS);
    const whole = this.countDigits();
    this.type = ItemType.Integer;
    let isValid = whole > 0 && whole <= 15;
    if (isValid && this.take(POINT)) {
      this.type = ItemType.Decimal;
      const fraction = this.countDigits();
      isValid = whole <= 12 && fraction > 0 && fraction <= 3;
    }
    this.value = sub(this.field, start, this.at);
    if (!isValid) this.fail();
  }

  private countDigits(): i32 {
    const start = this.at;
    while (isDigit(this.byte)) this.at++;
    return this.at - start;
  }

  private readString(): void {
    const start = ++this.at;
    while (isPrintable(this.byte) && this.byte != QUOTE) {
      if (this.take(BACKSLASH) && this.byte != QUOTE && this.byte != BACKSLASH) return this.fail();
      this.at++;
    }
    this.type = ItemType.String;
    this.value = sub(this.field, start, this.at);
    if (!this.take(QUOTE)) this.fail();
  }

  private readToken(): void {
    const start = this.at++;
    while (isTokenCharacter(this.byte) || this.byte == COLON || this.byte == SLASH) this.at++;
    this.type = ItemType.Token;
    this.value = sub(this.field, start, this.at);
  }

  private readBytes(): void {
    const start = ++this.at;
    while (isBase64Character(this.byte)) this.at++;
    this.type = ItemType.Bytes;
    this.value = sub(this.field, start, this.at);
    if (!this.take(COLON)) this.fail();
  }

  private readBoolean(): void {
    this.at++;
    if (this.take(0x31)) this.type = ItemType.True;
    else if (this.take(0x30)) this.type = ItemType.False;
    else this.fail();
    this.value = NONE;
  }
}


@inline
function isLowerCaseLetter(byte: i32): bool {
  return byte >= 0x61 && byte <= 0x7a;
}

/** `lcalpha / DIGIT / "_" / "-" / "." / "*"` */
function isKeyCharacter(byte: i32): bool {
  return isLowerCaseLetter(byte) || isDigit(byte) || byte == 0x5f || byte == MINUS || byte == POINT || byte == STAR;
}


@inline
function isPrintable(byte: i32): bool {
  return byte >= SPACE && byte <= 0x7e;
}

function isBase64Character(byte: i32): bool {
  return isLetter(byte) || isDigit(byte) || byte == 0x2b || byte == SLASH || byte == EQUALS;
}
