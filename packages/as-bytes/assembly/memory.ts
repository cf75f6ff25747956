import { ROOT } from "rt/tlsf";

/**
 * The memory that proxy-wasm-cpp-host, and so Envoy, lets a module have. Past it the allocator of the language traps, and
 * a trap costs every request of the worker: what is large or many asks here first.
 */
const LIMIT: u64 = 1 << 30;

/** What the allocator may need beside the block: its own header, its size classes, a page to round up to. */
const OVERHEAD: u64 = 128 * 1024;

/**
 * What stays free for others, in bytes, when something large or lasting asks for memory: what requests need at the moment
 * must find room even where stores, queues and waiting requests have taken all that they may.
 */
export const HEADROOM: u64 = 32 * 1024 * 1024;

/** Up to so many bytes are copied here: for more, what engines have for it (a call out of the module in V8) is faster. */
const SHORT: i32 = 64;

/** Copies `length` bytes from one place to another that it does not overlap. */
export function copyBytes(to: usize, from: usize, length: i32): void {
  if (length > SHORT) {
    memory.copy(to, from, <usize>length);
    return;
  }
  const end = from + <usize>length;
  for (; from + 8 <= end; from += 8, to += 8) store<u64>(to, load<u64>(from));
  for (; from < end; from++, to++) store<u8>(to, load<u8>(from));
}

/** Whether `length` bytes at one place and at another are the same; faster than `memory.compare` where they are few. */
export function equalBytes(a: usize, b: usize, length: i32): bool {
  const end = a + <usize>length;
  for (; a + 8 <= end; a += 8, b += 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
  }
  for (; a < end; a++, b++) {
    if (load<u8>(a) != load<u8>(b)) return false;
  }
  return true;
}

/** How the allocator (TLSF, `rt/tlsf` of the pinned compiler) sorts free blocks: 16 classes between two powers of two. */
const CLASS_BITS: i32 = 4;

/** The logarithm of the smallest size that is sorted so, and the first that no block has. */
const FIRST_LEVEL: i32 = 8;
const END_LEVEL: i32 = 30;

const ALL: u32 = u32.MAX_VALUE;

/**
 * Whether `size` bytes can be allocated for certain and `headroom` bytes are left for others even then. Memory never
 * shrinks: what has been freed counts, where it is in one piece.
 */
export function memoryIsLeftFor(size: u64, headroom: u64 = 0): bool {
  // The allocator rounds a large block up to the next of 16 steps between two powers of two.
  const needed = size + (size >> 3) + OVERHEAD + headroom;
  const grown = (<u64>memory.size()) << 16;
  if (grown + needed <= LIMIT) return true;
  // A host that lets it grow past the limit must not hide what the others would do.
  return grown <= LIMIT && isFreeInOnePiece(needed);
}

/** To what size memory grows for what is kept for long. */
let keptLimit: u64 = LIMIT;

/** From this size on, what is kept leaves a piece of that size to others where memory is not to grow for it. */
const LARGE: u64 = 4 * 1024;
const LEFT_IN_ONE_PIECE: u64 = 1024 * 1024;

/** The smallest block that is sorted by size. */
const SMALLEST: u64 = (<u64>1) << FIRST_LEVEL;

/**
 * Memory does not grow past so many bytes for what is kept for long; see `mayBeKept`. Blocks of many sizes that stay leave gaps
 * between them: each time that a body found none, memory would grow for it, what is kept would move into the new piece, and
 * there would be no end of it, however little is kept.
 */
export function limitKept(bytes: u64): void {
  keptLimit = bytes;
}

/** Whether `size` bytes may be kept for long: there is a free block for them, or memory may grow for what is kept. */
export function mayBeKept(size: u64): bool {
  const grown = (<u64>memory.size()) << 16;
  const needed = size + (size >> 3) + OVERHEAD;
  // It grows by an eighth at least.
  if (grown + max(needed, grown >> 3) <= keptLimit) return true;
  return isFreeInOnePiece(size < LARGE ? max(size, SMALLEST) : size + LEFT_IN_ONE_PIECE);
}

/** Whether the allocator has a free block of so many bytes, `SMALLEST` or more; looks where the allocator would. */
function isFreeInOnePiece(size: u64): bool {
  const root = changetype<usize>(ROOT);
  if (root == 0 || size >= (<u64>1) << END_LEVEL) return false;
  // Up to the next class: every block of that one is large enough.
  const rounded = <u32>size + ((<u32>1) << (levelOf(<u32>size) - CLASS_BITS)) - 1;
  const level = levelOf(rounded);
  if (level >= END_LEVEL) return false;
  const first = <i32>(rounded >> (level - CLASS_BITS)) - (1 << CLASS_BITS);
  // The root is a word with a bit for each level that has free blocks, and then, for each level, one with a bit for each
  // class. Smaller sizes than `FIRST_LEVEL` are level 0 together.
  const index = level - FIRST_LEVEL + 1;
  const classes = load<u32>(root + sizeof<usize>() + ((<usize>index) << 2));
  return (classes & (ALL << first)) != 0 || (load<u32>(root) & (ALL << (index + 1))) != 0;
}

function levelOf(size: u32): i32 {
  return 31 - <i32>clz(size);
}
