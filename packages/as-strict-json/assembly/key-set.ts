import { ByteBuffer, Slice, equal, lengthOf, sipHash, sub } from "as-bytes/assembly";

/** Where a name lies among the set's bytes. Never filled: offset -1. */
@unmanaged
class KeySlot {
  offset: i32;
  length: i32;
}

const SMALLEST_TABLE: i32 = 16;

/** A set of names that tells in one step whether a name is new, so that looking for duplicates among n takes n steps. */
export class KeySet {
  private table: usize = 0;
  private mask: i32 = 0;
  private used: i32 = 0;
  private bytes: ByteBuffer = new ByteBuffer();

  /** Empties the set and makes room for `count` names. */
  reset(count: i32): void {
    let slots = SMALLEST_TABLE;
    // At least twice as many slots as names, so that every search ends at an empty one.
    while (slots < count * 2 && slots < 1 << 24) slots <<= 1;
    const size = <usize>slots * offsetof<KeySlot>();
    if (slots > this.mask + 1) {
      if (this.table != 0) heap.free(this.table);
      this.table = heap.alloc(size);
      this.mask = slots - 1;
    }
    memory.fill(this.table, 0xff, <usize>(this.mask + 1) * offsetof<KeySlot>());
    this.used = 0;
    this.bytes.clear();
  }

  /** Whether the name was not in the set; it is now. A full set takes no more and says so of every name. */
  add(name: Slice): bool {
    if (this.used >= this.mask) return false;
    // The names are those of one document, whose author gains nothing by slowing down its reading: no secret needed.
    let at = <i32>sipHash(name, 0, 0);
    while (true) {
      const slot = this.slot(at++ & this.mask);
      if (slot.offset < 0) {
        slot.offset = this.bytes.length;
        slot.length = lengthOf(name);
        this.bytes.bytes(name);
        this.used++;
        return true;
      }
      if (equal(sub(this.bytes.view(), slot.offset, slot.offset + slot.length), name)) return false;
    }
  }

  /** Gives the memory back; `reset` makes the set usable again. */
  dispose(): void {
    if (this.table != 0) heap.free(this.table);
    this.table = 0;
    this.mask = 0;
    this.used = 0;
    this.bytes.dispose();
  }


  @inline
  private slot(index: i32): KeySlot {
    return changetype<KeySlot>(this.table + <usize>index * offsetof<KeySlot>());
  }
}
