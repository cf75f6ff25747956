import { ByteBuffer, NONE, Slice, copyBytes, isPresent, lengthOf, pointerOf, slice } from "as-bytes/assembly";

/**
 * A field of the list: the lengths of its name and of its value, the least significant byte first, and then the bytes of
 * both. The list is nothing but its fields, one behind the other.
 */
@unmanaged
class FieldHead {
  nameLength: u32;
  valueLength: u32;
}

const HEAD: i32 = <i32>offsetof<FieldHead>();

/** What takes a message's fields, one after the other. */
export abstract class HeaderSink {
  /** Forgets all fields. */
  abstract clear(): void;

  /** Adds a field; nothing where its value is missing. */
  abstract add(name: Slice, value: Slice): void;
}

/** Writes a message's fields as bytes that `HeaderList` reads: in their order, repeated ones as often as they came. */
export class HeaderListWriter {
  constructor(private into: ByteBuffer) {}

  /** Adds a field; nothing where its value is missing. */
  add(name: Slice, value: Slice): void {
    if (!isPresent(value)) return;
    const nameLength = lengthOf(name);
    const valueLength = lengthOf(value);
    const at = this.into.room(HEAD + nameLength + valueLength);
    const head = changetype<FieldHead>(at);
    head.nameLength = <u32>nameLength;
    head.valueLength = <u32>valueLength;
    copyBytes(at + <usize>HEAD, pointerOf(name), nameLength);
    copyBytes(at + <usize>(HEAD + nameLength), pointerOf(value), valueLength);
  }
}

/** Reads the fields of a list, one after the other. Whatever the bytes are, nothing outside them is read. */
export class HeaderList {
  /** The field of the last `next`, `NONE` when it said that there is none; views of the list's bytes. */
  name: Slice = NONE;
  value: Slice = NONE;

  private at: usize = 0;
  private left: i32 = 0;

  begin(bytes: Slice): void {
    this.at = pointerOf(bytes);
    this.left = lengthOf(bytes);
    this.name = NONE;
    this.value = NONE;
  }

  /** Goes to the next field; false when there is none left, or what is left is no field. */
  next(): bool {
    this.name = NONE;
    this.value = NONE;
    if (this.left < HEAD) return false;
    const head = changetype<FieldHead>(this.at);
    const behind = this.left - HEAD;
    // As 64 bits: lengths from outside do not overflow, whatever they say.
    if (<u64>head.nameLength + <u64>head.valueLength > <u64>behind) return false;
    const nameLength = <i32>head.nameLength;
    const valueLength = <i32>head.valueLength;
    const names = this.at + <usize>HEAD;
    this.name = slice(names, nameLength);
    this.value = slice(names + <usize>nameLength, valueLength);
    this.at = names + <usize>nameLength + <usize>valueLength;
    this.left = behind - nameLength - valueLength;
    return true;
  }

  /** How many bytes are behind the field of the last `next`. */
  get bytesLeft(): i32 {
    return this.left;
  }

  /** Whether nothing is left: after `next` has said no, whether all bytes were fields. */
  get isAtEnd(): bool {
    return this.left == 0;
  }
}
