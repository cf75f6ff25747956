import { ByteBuffer, NONE, Slice, equal, lengthOf, pointerOf } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { Store } from "../store/store";
import { EnvelopeKind, EnvelopeWriter, StoredResponse } from "./envelope";
import { VariantIndex, appendVariantKey } from "./variants";
import { SecondaryKeys } from "./vary";

/** What the local store has for a request. */
export enum Finding {
  /** Nothing under its primary key. */
  UriMiss,
  /** Responses to other requests for the URI only. */
  VaryMiss,
  /** A response that this request selects: `found`. */
  Found,
}

/**
 * The responses in the local store by primary and secondary key. Under a primary key lies a response, or an index of the
 * variants that lie under keys of their own (`VariantIndex`).
 */
export class StoredResponses {
  /** The response of the last `find`; good until anything is written. */
  readonly found: StoredResponse = new StoredResponse();
  /** The bytes of `found`. */
  foundBytes: Slice = NONE;
  /** After `write`: where the response lies. */
  writtenKey: Slice = NONE;
  /** After `write`: all of it, body included. */
  writtenBytes: Slice = NONE;
  /** After `write`: the index that leads to it, for the primary key; `NONE` where none does. */
  indexBytes: Slice = NONE;

  private index: VariantIndex = new VariantIndex();
  private secondaryKeys: SecondaryKeys = new SecondaryKeys();
  private secondary: ByteBuffer = new ByteBuffer();
  private sought: ByteBuffer = new ByteBuffer();
  private variant: ByteBuffer = new ByteBuffer();
  private written: ByteBuffer = new ByteBuffer();

  /** `generation` is a number that no VM of the fleet has used for an index yet, nor one of those that follow it. */
  constructor(
    private held: Store,
    private generation: u64,
  ) {}

  /** Looks for the response that the request selects (RFC 9111 §4.1): of several the most recent one. */
  find(primary: Slice, request: HeaderSource): Finding {
    const bytes = this.held.find(primary);
    this.sought.clear().bytes(primary);
    this.variant.clear();
    this.foundBytes = NONE;
    if (this.opens(bytes)) return Finding.Found;
    if (!this.index.open(bytes)) return Finding.UriMiss;
    let isFirst = true;
    while (this.index.next()) {
      this.writeVariantKey(primary, this.index.names, request);
      if (isFirst) this.sought.clear().bytes(this.variant.view());
      isFirst = false;
      // Looking a variant up moves nothing in the store, so the index's bytes stay where they are.
      if (!this.opens(this.held.find(this.variant.view()))) continue;
      if (equal(this.found.secondaryKey, this.secondary.view())) return Finding.Found;
    }
    this.foundBytes = NONE;
    return Finding.VaryMiss;
  }

  /** After `find`: when what was found was received, in wall-clock milliseconds; -1 for nothing. */
  get foundReceivedAt(): i64 {
    return this.foundBytes == NONE ? -1 : this.found.receivedAt;
  }

  /** After `find`: the key under which the response lies, or under which one that is missing is likely to come to lie. */
  get soughtKey(): Slice {
    return this.sought.view();
  }

  /** Forgets the response that this request selects. */
  removeFor(primary: Slice, request: HeaderSource): void {
    if (this.find(primary, request) != Finding.Found) return;
    this.foundBytes = NONE;
    // A response without `Vary` may be a variant, too: the one with no names.
    this.held.remove(this.variant.length > 0 ? this.variant.view() : primary);
  }

  /** Forgets what lies under a primary key; its variants are never found again. */
  remove(primary: Slice): void {
    this.held.remove(primary);
  }

  /**
   * Makes room for a response with a body of `bodyLength` bytes whose `Vary` lists `names` (see `VaryNames`), and writes all
   * but the body; `writer` has everything but the secondary key. Returns the room for the body, `NONE` where there is none.
   */
  write(writer: EnvelopeWriter, names: Slice, request: HeaderSource, bodyLength: i32): Slice {
    const primary = writer.key;
    this.indexBytes = NONE;
    this.writtenKey = primary;
    this.writtenBytes = NONE;
    writer.secondaryKey = NONE;
    const hasIndex = this.index.open(this.held.find(primary));
    if (hasIndex || lengthOf(names) > 0) {
      if (!this.putIndex(primary, names, hasIndex)) return NONE;
      this.writeVariantKey(primary, names, request);
      this.writtenKey = this.variant.view();
      writer.secondaryKey = this.secondary.view();
    }
    const size = writer.sizeFor(bodyLength);
    if (size < 0) return NONE;
    const room = this.held.reserve(this.writtenKey, size);
    if (room == NONE) return NONE;
    this.writtenBytes = room;
    return writer.write(room, bodyLength);
  }

  /** Undoes `write`. */
  removeWritten(): void {
    this.held.remove(this.writtenKey);
    this.writtenBytes = NONE;
  }

  /**
   * Appends the key of the variant that this request selects by the list of that place, from 0, in the index under a primary
   * key; false where there is no such list. The secondary key is in `soughtSecondaryKey` then.
   */
  appendVariantKeyAt(into: ByteBuffer, primary: Slice, request: HeaderSource, place: i32): bool {
    if (!this.index.open(this.held.find(primary))) return false;
    for (let i = 0; this.index.next(); i++) {
      if (i < place) continue;
      this.writeVariantKey(primary, this.index.names, request);
      into.bytes(this.variant.view());
      return true;
    }
    return false;
  }

  /** After `appendVariantKeyAt`. */
  get soughtSecondaryKey(): Slice {
    return this.secondary.view();
  }

  /** Takes a response or an index that was checked, from elsewhere, as it is. False where there is no room. */
  adopt(key: Slice, bytes: Slice): bool {
    const room = this.held.reserve(key, lengthOf(bytes));
    if (room == NONE) return false;
    memory.copy(pointerOf(room), pointerOf(bytes), <usize>lengthOf(bytes));
    return true;
  }

  private opens(bytes: Slice): bool {
    const isResponse = this.found.open(bytes) == EnvelopeKind.Response;
    this.foundBytes = isResponse ? bytes : NONE;
    return isResponse;
  }

  /** Sets `secondary` and `variant` for a list of names of the open index. */
  private writeVariantKey(primary: Slice, names: Slice, request: HeaderSource): void {
    this.secondaryKeys.append(this.secondary.clear(), names, request);
    appendVariantKey(this.variant.clear(), primary, this.index.generation, this.secondary.view());
  }

  /** Writes the index with `names`, and leaves it open. */
  private putIndex(primary: Slice, names: Slice, hasIndex: bool): bool {
    if (!hasIndex) this.generation++;
    if (this.index.writeWith(names, this.generation, this.written)) {
      const room = this.held.reserve(primary, this.written.length);
      if (room == NONE) return false;
      memory.copy(pointerOf(room), pointerOf(this.written.view()), <usize>this.written.length);
    }
    this.indexBytes = this.written.view();
    return this.index.open(this.indexBytes);
  }
}
