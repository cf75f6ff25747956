import { ByteBuffer, NONE, Slice, lengthOf, pointerOf, sub } from "as-bytes/assembly";

/** One thing a lookup's outcome does to a request. */
export enum Change {
  /** `value` becomes the path; a query of its own replaces the client's. */
  SetPath,
  /** `value` becomes the host (`:authority`). */
  SetHost,
  /** `value` becomes the only value of the header `name`. */
  SetHeader,
  /** The header `name` goes. */
  RemoveHeader,
  /** The request is answered with status `number`, `name` as the location (when not empty) and `value` as the body. */
  Answer,
}

/** Bytes of one change before its name and value: what, number, name's length, value's length. */
const HEAD: i32 = 12;

/**
 * Changes as bytes: they are worked out once, when a record arrives, and lie beside it in the store, so that a hit
 * parses nothing and hands the proxy slices of what is stored.
 */
export class ChangesWriter {
  constructor(private into: ByteBuffer) {}

  setPath(path: Slice): void {
    this.write(Change.SetPath, 0, NONE, path);
  }

  setHost(host: Slice): void {
    this.write(Change.SetHost, 0, NONE, host);
  }

  setHeader(name: Slice, value: Slice): void {
    this.write(Change.SetHeader, 0, name, value);
  }

  removeHeader(name: Slice): void {
    this.write(Change.RemoveHeader, 0, name, NONE);
  }

  answer(status: i32, location: Slice, body: Slice): void {
    this.write(Change.Answer, status, location, body);
  }

  private write(change: Change, number: i32, name: Slice, value: Slice): void {
    this.into.u32((<u32>change) | ((<u32>number) << 8));
    this.into
      .u32(<u32>lengthOf(name))
      .u32(<u32>lengthOf(value))
      .bytes(name)
      .bytes(value);
  }
}

/** Reads changes back in the order they were written. Never reads outside the bytes it was given. */
export class ChangesReader {
  change: Change = Change.SetPath;
  number: i32 = 0;
  name: Slice = NONE;
  value: Slice = NONE;
  private rest: Slice = NONE;

  /** Starts over at the first of `changes`. */
  begin(changes: Slice): ChangesReader {
    this.rest = changes;
    return this;
  }

  /** Takes the next change into the fields; false at the end. */
  next(): bool {
    const rest = this.rest;
    if (lengthOf(rest) < HEAD) return false;
    const at = pointerOf(rest);
    const what = load<u32>(at);
    const nameLength = load<i32>(at, 4);
    const valueLength = load<i32>(at, 8);
    const body = lengthOf(rest) - HEAD;
    if (nameLength < 0 || nameLength > body || valueLength < 0 || valueLength > body - nameLength) return false;
    this.change = <Change>(what & 0xff);
    this.number = <i32>(what >> 8);
    this.name = sub(rest, HEAD, HEAD + nameLength);
    this.value = sub(rest, HEAD + nameLength, HEAD + nameLength + valueLength);
    this.rest = sub(rest, HEAD + nameLength + valueLength);
    return true;
  }
}
