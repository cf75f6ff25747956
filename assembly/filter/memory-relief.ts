import { HEADROOM, memoryIsLeftFor } from "as-bytes/assembly";

/** So many milliseconds are between two collections, which stop everything else, and between two when the first one was no use. */
const PAUSE: i64 = 1000;
const LONG_PAUSE: i64 = 10_000;

let dueAt: i64 = 0;

/**
 * Collects all garbage when memory is short; to be called now and then. The collector begins only when the objects' memory has
 * doubled since it last ended: after a peak that is more than proxies let a VM have, and what the peak has left behind would
 * never be freed.
 */
export function relieveMemory(now: i64): void {
  if (now < dueAt || isEnough()) return;
  __collect();
  dueAt = now + (isEnough() ? PAUSE : LONG_PAUSE);
}

function isEnough(): bool {
  return memoryIsLeftFor(HEADROOM, HEADROOM);
}
