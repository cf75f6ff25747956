import { HEADROOM, NONE, Slice, lengthOf, memoryIsLeftFor, pointerOf, slice } from "as-bytes/assembly";
import { EnvelopeKind, StoredResponse } from "./envelope";
import { RecordingBudget } from "./recording";

/** What the allocator adds to a block, at most: its own head (4) and the rounding up to its alignment (15). */
const BLOCK_OVERHEAD: i32 = 19;

/**
 * A copy of a stored response for the time that the upstream is asked about it: a 304 has no content, and by then the store
 * may have forgotten what it stands for. Who has no more use for it calls `drop`.
 */
export class KeptResponse {
  readonly response: StoredResponse = new StoredResponse();
  private bytes: Slice = NONE;

  constructor(private budget: RecordingBudget) {}

  get isKept(): bool {
    return this.bytes != NONE;
  }

  /** Copies a stored response; false, and then nothing is kept, where there is no room for it. */
  keep(stored: Slice): bool {
    this.drop();
    const length = lengthOf(stored);
    const size = <i64>length + BLOCK_OVERHEAD;
    if (length == 0 || !memoryIsLeftFor(<u64>size, HEADROOM) || !this.budget.take(size)) return false;
    const block = heap.alloc(<usize>length);
    memory.copy(block, pointerOf(stored), <usize>length);
    this.bytes = slice(block, length);
    if (this.response.open(this.bytes) == EnvelopeKind.Response) return true;
    this.drop();
    return false;
  }

  drop(): void {
    if (this.bytes == NONE) return;
    this.budget.giveBack(<i64>lengthOf(this.bytes) + BLOCK_OVERHEAD);
    heap.free(pointerOf(this.bytes));
    this.bytes = NONE;
    this.response.open(NONE);
  }
}
