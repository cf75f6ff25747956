/**
 * The memory that proxy-wasm-cpp-host, and so Envoy, lets a module have. Past it the allocator of the language traps, and
 * a trap costs every request of the worker: what is large or many asks here first.
 */
const LIMIT: u64 = 1 << 30;

/** What the allocator may need beside the block: its own header, its size classes, a page to round up to. */
const OVERHEAD: u64 = 128 * 1024;

/**
 * Whether `size` bytes can be allocated for certain and `headroom` bytes are left for others even then. It knows how far
 * memory has grown and not what is free within it, so it may say no where the allocator would have found room.
 */
export function memoryIsLeftFor(size: u64, headroom: u64 = 0): bool {
  // The allocator rounds a large block up to the next of 16 steps between two powers of two.
  return ((<u64>memory.size()) << 16) + size + (size >> 3) + OVERHEAD + headroom <= LIMIT;
}
