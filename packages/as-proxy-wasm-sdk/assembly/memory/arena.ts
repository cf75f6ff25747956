import { memoryIsLeftFor } from "as-bytes/assembly";

/**
 * The memory the host asks this module for (`proxy_on_memory_allocate`): values of headers, bodies, properties. The
 * host never gives it back, so it has one owner, this arena: a pointer that moves up, set back when the outermost
 * callback returns. So a request's values cost no heap allocation and cannot leak, and what a getter returned is good
 * until the callback returns.
 */

/** Where small values go; kept for the next callback. */
const CHUNK_SIZE: usize = 64 * 1024;

/** From this size on a value gets a chunk of its own, so that a body does not push the headers out of theirs. */
const OWN_CHUNK_FROM: usize = 16 * 1024;

/** No value is as large as this; Envoy itself buffers 1 MiB unless told otherwise. */
const LARGEST_VALUE: usize = 256 * 1024 * 1024;

/** An extra chunk begins with the pointer to the next one, padded so that values stay aligned. */
const LINK_SIZE: usize = 16;

let base: usize = 0;
let cursor: usize = 0;
let limit: usize = 0;
let extraChunks: usize = 0;

/** Counts the lives that memory here has had; the present one is the count itself. */
let epochs: u32 = 0;
let epoch: u32 = 0;

/** The mark that was taken last and is not released. */
let innermost: ArenaMark | null = null;

/** `size` bytes that live until `resetArena`; 0 when the size is absurd or there is no memory. Never traps. */
export function arenaAllocate(size: usize): usize {
  if (size > LARGEST_VALUE) return 0;
  // 0 means failure to the host, so that an empty value needs an address too.
  const needed = (max<usize>(size, 1) + 7) & ~7;
  if (needed <= limit - cursor) {
    const pointer = cursor;
    cursor += needed;
    return pointer;
  }
  return allocateSlowly(needed);
}

/** Ends the life of everything allocated since the last reset, and of the marks. */
@inline
export function resetArena(): void {
  epoch = ++epochs;
  innermost = null;
  if (extraChunks != 0) freeExtraChunks();
  cursor = base;
}

/** The life that what is allocated now begins: who keeps a view into the arena keeps it for `isLiveEpoch`. */
@inline
export function arenaEpoch(): u32 {
  return epoch;
}

/** Whether what was allocated in this epoch is still there. */
@inline
export function isLiveEpoch(allocatedIn: u32): bool {
  return allocatedIn == epoch || isOuterEpoch(allocatedIn);
}

function isOuterEpoch(allocatedIn: u32): bool {
  let mark = innermost;
  while (mark !== null) {
    if (mark.outerEpoch == allocatedIn) return true;
    mark = mark.outer;
  }
  return false;
}

/**
 * A place in the arena to go back to: for a callback that serves many streams in a row, whose values would add up until
 * it returns. What was allocated after `take` is gone after `release`, and nothing else; with a mark go those that were taken
 * after it. A mark that is not taken, or was when an earlier callback ran, releases nothing.
 */
export class ArenaMark {
  /** The mark around this one, and the epoch there. Set by the arena only. */
  outer: ArenaMark | null = null;
  outerEpoch: u32 = 0;

  private cursor: usize = 0;
  private limit: usize = 0;
  private chunks: usize = 0;

  take(): void {
    if (this.isTaken()) return;
    this.cursor = cursor;
    this.limit = limit;
    this.chunks = extraChunks;
    this.outer = innermost;
    this.outerEpoch = epoch;
    innermost = this;
    epoch = ++epochs;
  }

  release(): void {
    if (!this.isTaken()) return;
    innermost = this.outer;
    epoch = this.outerEpoch;
    this.outer = null;
    freeExtraChunksUpTo(this.chunks);
    cursor = this.cursor;
    limit = this.limit;
    // There was no arena yet: its first chunk stays for what comes.
    if (cursor == 0) {
      cursor = base;
      limit = base == 0 ? 0 : base + CHUNK_SIZE;
    }
  }

  private isTaken(): bool {
    let mark = innermost;
    while (mark !== null) {
      if (mark === this) return true;
      mark = mark.outer;
    }
    return false;
  }
}

function allocateSlowly(needed: usize): usize {
  if (needed >= OWN_CHUNK_FROM) {
    const chunk = allocateExtraChunk(needed);
    return chunk == 0 ? 0 : chunk + LINK_SIZE;
  }
  if (base == 0) {
    if (!memoryIsLeftFor(CHUNK_SIZE)) return 0;
    base = heap.alloc(CHUNK_SIZE);
    cursor = base;
    limit = base + CHUNK_SIZE;
  } else {
    const chunk = allocateExtraChunk(CHUNK_SIZE);
    if (chunk == 0) return 0;
    cursor = chunk + LINK_SIZE;
    limit = cursor + CHUNK_SIZE;
  }
  const pointer = cursor;
  cursor += needed;
  return pointer;
}

function allocateExtraChunk(size: usize): usize {
  if (!memoryIsLeftFor(size)) return 0;
  const chunk = heap.alloc(size + LINK_SIZE);
  store<usize>(chunk, extraChunks);
  extraChunks = chunk;
  return chunk;
}

function freeExtraChunksUpTo(last: usize): void {
  while (extraChunks != last && extraChunks != 0) {
    const next = load<usize>(extraChunks);
    heap.free(extraChunks);
    extraChunks = next;
  }
}

function freeExtraChunks(): void {
  freeExtraChunksUpTo(0);
  limit = base == 0 ? 0 : base + CHUNK_SIZE;
}
