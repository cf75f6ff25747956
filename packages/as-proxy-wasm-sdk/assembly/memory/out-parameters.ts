import { NONE, Slice, empty, slice } from "as-bytes/assembly";
import { Status, noteStatus } from "../host/status";

/**
 * Where host calls write what they return: fixed memory, so that a call allocates nothing. The wrappers read it at once
 * after the call, before anything else can call the host; a callback that the host makes during a call (re-entrancy)
 * has returned by then.
 */
export const OUT: usize = memory.data(16, 8);

/** The second and third 32-bit value of a call with several. */
export const OUT_2: usize = OUT + 4;
export const OUT_3: usize = OUT + 8;

/**
 * Clears the first two values: a host that returns `Ok` without writing (an empty buffer) has then returned nothing.
 */
@inline
export function clearOut(): void {
  store<u64>(OUT, 0);
}

/**
 * The value a call returned as pointer and length: `NONE` unless the status is `Ok`, an empty slice when the length is
 * 0. What does not lie in our memory is `NONE` with `InvalidMemoryAccess`, so that no later read of it can trap.
 */
@inline
export function returnedSlice(status: Status): Slice {
  noteStatus(status);
  return status == Status.Ok ? checkedSlice(load<u32>(OUT), load<u32>(OUT_2)) : NONE;
}

function checkedSlice(pointer: u32, length: u32): Slice {
  if (length == 0) return empty();
  const end = <u64>pointer + <u64>length;
  if (pointer == 0 || length > <u32>i32.MAX_VALUE || end > (<u64>memory.size()) << 16) {
    noteStatus(Status.InvalidMemoryAccess);
    return NONE;
  }
  return slice(<usize>pointer, <i32>length);
}
