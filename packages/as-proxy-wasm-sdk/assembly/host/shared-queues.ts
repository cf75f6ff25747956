import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, clearOut, returnedSlice } from "../memory/out-parameters";
import { Status, noteStatus } from "./status";


@external("env", "proxy_register_shared_queue")
declare function proxy_register_shared_queue(name: usize, nameSize: usize, queue: usize): Status;

/**
 * Opens a queue and makes this root the one that is told of its items (`proxy_register_shared_queue`); the last to
 * register wins. Returns its number, or 0 with `lastStatus()`.
 */
export function registerSharedQueue(name: Slice): u32 {
  clearOut();
  const status = noteStatus(proxy_register_shared_queue(pointerOf(name), lengthOf(name), OUT));
  return status == Status.Ok ? load<u32>(OUT) : 0;
}


@external("env", "proxy_resolve_shared_queue")
declare function proxy_resolve_shared_queue(
  vmId: usize,
  vmIdSize: usize,
  name: usize,
  nameSize: usize,
  queue: usize,
): Status;

/**
 * The number of a queue that some VM registered (`proxy_resolve_shared_queue`), or 0 with `lastStatus()`. An empty
 * `vmId` is this VM's own.
 */
export function resolveSharedQueue(vmId: Slice, name: Slice): u32 {
  clearOut();
  const status = noteStatus(
    proxy_resolve_shared_queue(pointerOf(vmId), lengthOf(vmId), pointerOf(name), lengthOf(name), OUT),
  );
  return status == Status.Ok ? load<u32>(OUT) : 0;
}


@external("env", "proxy_enqueue_shared_queue")
declare function proxy_enqueue_shared_queue(queue: u32, item: usize, itemSize: usize): Status;

/** Puts an item at a queue's end (`proxy_enqueue_shared_queue`). `NotFound` for an unknown queue. */
export function enqueueSharedQueue(queue: u32, item: Slice): Status {
  if (item == NONE) return Status.BadArgument;
  return proxy_enqueue_shared_queue(queue, pointerOf(item), lengthOf(item));
}


@external("env", "proxy_dequeue_shared_queue")
declare function proxy_dequeue_shared_queue(queue: u32, item: usize, itemSize: usize): Status;

/**
 * Takes a queue's first item (`proxy_dequeue_shared_queue`), or `NONE` with `lastStatus()`: `Empty`, or `NotFound` for
 * an unknown queue. Good until the callback returns.
 */
export function dequeueSharedQueue(queue: u32): Slice {
  clearOut();
  return returnedSlice(proxy_dequeue_shared_queue(queue, OUT, OUT_2));
}
