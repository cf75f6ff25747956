import { slice } from "as-bytes/assembly";
import { Write } from "../../../assembly/webdis/write";
import { WriteQueue } from "../../../assembly/webdis/write-queue";
import { bytesOf, optionalCopyOf } from "./bytes";

const SEED0: u64 = 0x0706050403020100;
const SEED1: u64 = 0x0f0e0d0c0b0a0908;

export function newQueue(maxEntries: i32, maxBytes: i64, maxInFlight: i32, jitter: i64): WriteQueue {
  return new WriteQueue(maxEntries, maxBytes, maxInFlight, jitter, SEED0, SEED1);
}

/** Afterwards key and value are other bytes, as those of a request that has gone may be. */
export function queuePut(queue: WriteQueue, key: Uint8Array, value: Uint8Array, ttl: i64, now: i64): bool {
  const taken = queue.put(bytesOf(key), bytesOf(value), ttl, now);
  key.fill(0xee);
  value.fill(0xee);
  return taken;
}

/** Puts so many writes of that length, under keys of four bytes, and allocates nothing but what the queue does. */
export function queueFill(queue: WriteQueue, count: i32, length: i32, now: i64): void {
  const bytes = heap.alloc(<usize>length + sizeof<i32>());
  memory.fill(bytes, 0, <usize>length + sizeof<i32>());
  const value = slice(bytes + sizeof<i32>(), length);
  for (let i = 0; i < count; i++) {
    store<i32>(bytes, i);
    queue.put(slice(bytes, sizeof<i32>()), value, 1000, now);
  }
  heap.free(bytes);
}

/** Sends what is ready, one after the other, all with one end; says how many those were. */
export function queueSendAll(queue: WriteQueue, ok: bool, now: i64): i32 {
  let count = 0;
  for (let write = queue.next(now); write; write = queue.next(now)) {
    queue.landed(write, ok, now);
    count++;
  }
  return count;
}

export function queueNext(queue: WriteQueue, now: i64): Write | null {
  return queue.next(now);
}

export function queueLanded(queue: WriteQueue, write: Write, ok: bool, now: i64): void {
  queue.landed(write, ok, now);
}

export function queueIsStillDue(queue: WriteQueue, write: Write, now: i64): bool {
  return queue.isStillDue(write, now);
}

export function queueOutdate(queue: WriteQueue, write: Write): void {
  queue.outdate(write);
}

export function queueNextDue(queue: WriteQueue, now: i64): i64 {
  return queue.nextDue(now);
}

export function queueDispose(queue: WriteQueue): void {
  queue.dispose();
}

export function writeKey(write: Write): Uint8Array | null {
  return optionalCopyOf(write.key);
}

export function writeValue(write: Write): Uint8Array | null {
  return optionalCopyOf(write.value);
}

export function writeTtl(write: Write): i64 {
  return write.ttl;
}

export function queueEntries(queue: WriteQueue): i32 {
  return queue.entries;
}

export function queueBytes(queue: WriteQueue): i64 {
  return queue.bytes;
}

export function queueInFlight(queue: WriteQueue): i32 {
  return queue.inFlight;
}

export function queueStored(queue: WriteQueue): u64 {
  return queue.stored;
}

export function queueRetried(queue: WriteQueue): u64 {
  return queue.retried;
}

export function queueReplaced(queue: WriteQueue): u64 {
  return queue.replaced;
}

export function queueOutdated(queue: WriteQueue): u64 {
  return queue.outdated;
}

export function queueDroppedFull(queue: WriteQueue): u64 {
  return queue.droppedFull;
}

export function queueDroppedTooLarge(queue: WriteQueue): u64 {
  return queue.droppedTooLarge;
}

export function queueDroppedFailed(queue: WriteQueue): u64 {
  return queue.droppedFailed;
}

export function queueDroppedExpired(queue: WriteQueue): u64 {
  return queue.droppedExpired;
}
