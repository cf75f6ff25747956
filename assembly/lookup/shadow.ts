import { ByteBuffer, NONE, Slice, byteAt, equal, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { ClientRequest } from "../request/client-request";
import { Change, ChangesReader } from "../route/changes";
import { appendPathKeepingQuery } from "../route/path";

/** So much of a value is told. */
const MOST_TOLD: i32 = 200;

/** How long a line may get before it goes no further, in bytes. */
const MOST_LINE: i32 = 4096;

const PATH = persist(":path");
const AUTHORITY = persist(":authority");

/** Headers whose values are credentials: nobody's log is the place for them. */
const HIDDEN: Array<Slice> = [
  persist("authorization"),
  persist("proxy-authorization"),
  persist("cookie"),
  persist("x-api-key"),
];

/** Tells what lookups would have done to a request: shadow mode decides and changes nothing. */
export class ShadowComparison {
  private reader: ChangesReader = new ChangesReader();
  private later: ChangesReader = new ChangesReader();
  private path: ByteBuffer = new ByteBuffer();

  /**
   * Writes where the request would be another one after `changes` and the removal of the `owned` headers, as
   * `:path "/a" -> "/b"; x-cell (none) -> "7"`. False, and nothing written, where it would be the same.
   */
  append(into: ByteBuffer, changes: Slice, request: ClientRequest, owned: Array<Slice>): bool {
    const before = into.length;
    this.reader.begin(changes);
    for (let i = 0; this.reader.next() && into.length - before < MOST_LINE; i++) {
      const start = into.length;
      this.appendChange(into, before, request);
      // Most changes make no difference, and only of one that does is it asked whether a later one overrides it.
      if (into.length > start && this.isOverridden(changes, i)) into.truncate(start);
    }
    for (let i = 0; i < owned.length; i++) {
      if (!this.isNamed(changes, owned[i]))
        this.appendDifference(into, before, owned[i], request.header(owned[i]), NONE);
    }
    return into.length > before;
  }

  private appendChange(into: ByteBuffer, before: i32, request: ClientRequest): void {
    const reader = this.reader;
    switch (reader.change) {
      case Change.Answer:
        separate(into, before).text("answer ").decimal(reader.number);
        break;
      case Change.SetPath:
        appendPathKeepingQuery(this.path.clear(), reader.value, request.query);
        this.appendDifference(into, before, PATH, request.header(PATH), this.path.view());
        break;
      case Change.SetHost:
        this.appendDifference(into, before, AUTHORITY, request.header(AUTHORITY), reader.value);
        break;
      case Change.SetHeader:
        this.appendDifference(into, before, reader.name, request.header(reader.name), reader.value);
        break;
      default:
        this.appendDifference(into, before, reader.name, request.header(reader.name), NONE);
        break;
    }
  }

  private appendDifference(into: ByteBuffer, before: i32, name: Slice, is: Slice, would: Slice): void {
    if (equal(is, would) || (!isPresent(is) && !isPresent(would))) return;
    separate(into, before).bytes(name).byte(0x20);
    if (isHidden(name)) {
      into.text("(hidden)");
      return;
    }
    appendQuoted(into, is);
    into.text(" -> ");
    appendQuoted(into, would);
  }

  /** Whether a change after the one at `index` has the same target. */
  private isOverridden(changes: Slice, index: i32): bool {
    const mine = this.reader;
    const later = this.later.begin(changes);
    for (let i = 0; later.next(); i++) {
      if (i <= index) continue;
      if (targetKind(later.change) == targetKind(mine.change) && equal(later.name, mine.name)) return true;
    }
    return false;
  }

  private isNamed(changes: Slice, name: Slice): bool {
    const reader = this.later.begin(changes);
    while (reader.next()) {
      if (targetKind(reader.change) == Change.SetHeader && equal(reader.name, name)) return true;
    }
    return false;
  }
}

/** Setting and removing a header have the same target. */
function targetKind(change: Change): Change {
  return change == Change.RemoveHeader ? Change.SetHeader : change;
}

function isHidden(name: Slice): bool {
  for (let i = 0; i < HIDDEN.length; i++) {
    if (equal(HIDDEN[i], name)) return true;
  }
  return false;
}

function separate(into: ByteBuffer, before: i32): ByteBuffer {
  return into.length > before ? into.text("; ") : into;
}

/** In quotes, with what a line of a log cannot hold as `?`. */
function appendQuoted(into: ByteBuffer, value: Slice): void {
  if (!isPresent(value)) {
    into.text("(none)");
    return;
  }
  into.byte(0x22);
  for (let i = 0; i < min(lengthOf(value), MOST_TOLD); i++) {
    const byte = byteAt(value, i);
    into.byte(byte < 0x20 || byte == 0x7f || byte == 0x22 ? 0x3f : byte);
  }
  into.text(lengthOf(value) > MOST_TOLD ? '…"' : '"');
}
