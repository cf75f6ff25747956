import { ByteBuffer, HEADROOM, Slice, lengthOf, memoryIsLeftFor, pointerOf } from "as-bytes/assembly";
import { HeaderListWriter } from "../text/header-list";

/** A run of recorded bytes: this head, then `capacity` bytes. It lives outside the collector. */
@unmanaged
class Block {
  next: Block | null;
  capacity: i32;
  used: i32;
}

/** Blocks for bodies of unknown length grow with them, between these two sizes. */
const SMALLEST_BLOCK: i32 = 4 * 1024;
const LARGEST_BLOCK: i32 = 256 * 1024;

/** What the allocator adds to a block, at most: its own head (4) and the rounding up to its alignment (15). */
const BLOCK_OVERHEAD: i32 = 19;

/** The most that is kept for the fields of the next response. */
const KEPT_FOR_FIELDS: i32 = 16 * 1024;

/** What recordings may hold together, in bytes of their blocks. */
export class RecordingBudget {
  private held: i64 = 0;

  constructor(private most: i64) {}

  /** How many bytes are held now. */
  get bytes(): i64 {
    return this.held;
  }

  take(size: i64): bool {
    if (size > this.most - this.held) return false;
    this.held += size;
    return true;
  }

  giveBack(size: i64): void {
    this.held -= size;
  }
}

/**
 * Keeps a response while it streams past: its fields, then its body, chunk by chunk. A body that is too large, or for
 * which there is no room, is given up at once and everything is freed. Who has no more use for it calls `drop`: the
 * collector does not know of the blocks.
 */
export class Recording {
  private fieldBytes: ByteBuffer = new ByteBuffer();
  /** The response's fields are written here. */
  readonly fields: HeaderListWriter = new HeaderListWriter(this.fieldBytes);
  private first: Block | null = null;
  private last: Block | null = null;
  private length: i32 = 0;
  private most: i64 = 0;
  private expected: i64 = 0;
  private isRecording: bool = false;

  constructor(private budget: RecordingBudget) {}

  /**
   * Begins anew, for a body of at most `maxBodyBytes`. With the length that the response says that it has (-1: none),
   * its body gets one block of that size.
   */
  begin(maxBodyBytes: i64, contentLength: i64 = -1): void {
    this.drop();
    this.most = min<i64>(maxBodyBytes, (<i64>i32.MAX_VALUE) >> 2);
    this.expected = contentLength;
    this.isRecording = contentLength <= this.most;
  }

  /** Whether there is a recording: it was begun and has been neither given up nor dropped. */
  get isActive(): bool {
    return this.isRecording;
  }

  /** Adds the next bytes of the body; false when the recording is given up, now or before. */
  append(chunk: Slice): bool {
    if (!this.isRecording) return false;
    const length = lengthOf(chunk);
    if (<i64>this.length + length > this.most || !this.write(pointerOf(chunk), length)) {
      this.drop();
      return false;
    }
    return true;
  }

  /** The recorded fields, for `HeaderList`; good until the next one is added. */
  get fieldList(): Slice {
    return this.fieldBytes.view();
  }

  get bodyLength(): i32 {
    return this.length;
  }

  /** Whether it has as many bytes as the response said; true where that said nothing. */
  get isWhole(): bool {
    return this.isRecording && (this.expected < 0 || this.expected == <i64>this.length);
  }

  /** Copies the body to `into`; false where that has another size. */
  copyBody(into: Slice): bool {
    if (!this.isRecording || lengthOf(into) != this.length) return false;
    let at = pointerOf(into);
    let block = this.first;
    while (block) {
      memory.copy(at, bytesOf(block), <usize>block.used);
      at += <usize>block.used;
      block = block.next;
    }
    return true;
  }

  /** Frees everything. Another recording may begin. */
  drop(): void {
    let block = this.first;
    while (block) {
      const next = block.next;
      this.budget.giveBack(sizeOf(block.capacity));
      heap.free(changetype<usize>(block));
      block = next;
    }
    this.first = null;
    this.last = null;
    this.length = 0;
    this.isRecording = false;
    this.fieldBytes.shrink(KEPT_FOR_FIELDS);
  }

  private write(from: usize, length: i32): bool {
    const last = this.last;
    let written = 0;
    if (last) {
      written = min(length, last.capacity - last.used);
      put(last, from, written);
    }
    const rest = length - written;
    if (rest > 0) {
      const block = this.add(rest);
      if (!block) return false;
      put(block, from + <usize>written, rest);
    }
    this.length += length;
    return true;
  }

  /** A new last block, with room for `needed` bytes at least; null where there is none. */
  private add(needed: i32): Block | null {
    const capacity = max(needed, this.last ? this.growth : this.firstCapacity);
    const size = sizeOf(capacity);
    if (!memoryIsLeftFor(<u64>size, HEADROOM) || !this.budget.take(size)) return null;
    const block = changetype<Block>(heap.alloc(<usize>(size - BLOCK_OVERHEAD)));
    block.next = null;
    block.capacity = capacity;
    block.used = 0;
    const last = this.last;
    if (last) last.next = block;
    else this.first = block;
    this.last = block;
    return block;
  }

  /** What a response says of its length is believed up to `most`; a shorter body only leaves its block unfilled. */
  private get firstCapacity(): i32 {
    return this.expected > 0 ? <i32>min(this.expected, this.most) : <i32>min<i64>(SMALLEST_BLOCK, this.most);
  }

  /** As much again as there is, so that a body of n bytes takes about log n blocks, but not past what it may have. */
  private get growth(): i32 {
    const wanted = min(max(this.length, SMALLEST_BLOCK), LARGEST_BLOCK);
    return <i32>min<i64>(wanted, this.most - this.length);
  }
}


@inline
function bytesOf(block: Block): usize {
  return changetype<usize>(block) + offsetof<Block>();
}

function put(block: Block, from: usize, length: i32): void {
  memory.copy(bytesOf(block) + <usize>block.used, from, <usize>length);
  block.used += length;
}

/** What a block of that capacity takes of memory. */
function sizeOf(capacity: i32): i64 {
  return <i64>offsetof<Block>() + capacity + BLOCK_OVERHEAD;
}
