import { HEADROOM, memoryIsLeftFor } from "as-bytes/assembly";
import { collectSoon } from "as-proxy-wasm-sdk/assembly";

/** So many milliseconds are between two collections, which stop everything else, and between two when one was no use. */
const PAUSE: i64 = 1000;
const LONG_PAUSE: i64 = 10_000;

let dueAt: i64 = 0;
let isStillShort: bool = false;

/**
 * Has all garbage collected when memory is short; to be called now and then. Else the garbage is collected when the objects'
 * memory has doubled: after a peak that is more than proxies let a VM have, and what the peak has left behind would
 * never be freed.
 */
export function relieveMemory(now: i64): void {
  if (memoryIsLeftFor(HEADROOM, HEADROOM)) {
    isStillShort = false;
    return;
  }
  if (now < dueAt) return;
  collectSoon();
  dueAt = now + (isStillShort ? LONG_PAUSE : PAUSE);
  isStillShort = true;
}
