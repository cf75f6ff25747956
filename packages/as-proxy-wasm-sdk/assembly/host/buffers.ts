import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, clearOut, returnedSlice } from "../memory/out-parameters";
import { Status, noteStatus } from "./status";

/** `proxy_buffer_type_t`, without those of TCP and gRPC. */
export const enum BufferType {
  HttpRequestBody = 0,
  HttpResponseBody = 1,
  HttpCallResponseBody = 4,
  VmConfiguration = 6,
  PluginConfiguration = 7,
  /** A foreign function's arguments. */
  CallData = 8,
}


@external("env", "proxy_get_buffer_bytes")
declare function proxy_get_buffer_bytes(type: u32, start: u32, maxSize: u32, bytes: usize, size: usize): Status;

/**
 * Up to `maxSize` bytes of a buffer from `start` on (`proxy_get_buffer_bytes`); less at its end, empty behind it. Good
 * until the callback returns. `NONE` with `lastStatus()`: `NotFound` when there is no such buffer now, `BadArgument`
 * for a negative number.
 */
export function getBuffer(type: BufferType, start: i32, maxSize: i32): Slice {
  if (start < 0 || maxSize < 0) {
    noteStatus(Status.BadArgument);
    return NONE;
  }
  // For a range without bytes the host says `Ok` and writes nothing: what is cleared here is then what it returned.
  clearOut();
  return returnedSlice(proxy_get_buffer_bytes(type, start, maxSize, OUT, OUT_2));
}


@external("env", "proxy_get_buffer_status")
declare function proxy_get_buffer_status(type: u32, size: usize, flags: usize): Status;

/** The number of bytes in a buffer (`proxy_get_buffer_status`), or -1 with `lastStatus()`. */
export function bufferSize(type: BufferType): i32 {
  clearOut();
  if (noteStatus(proxy_get_buffer_status(type, OUT, OUT_2)) != Status.Ok) return -1;
  return <i32>min<u32>(load<u32>(OUT), i32.MAX_VALUE);
}


@external("env", "proxy_set_buffer_bytes")
declare function proxy_set_buffer_bytes(type: u32, start: u32, size: u32, bytes: usize, bytesSize: usize): Status;

/**
 * Puts bytes in the place of `size` bytes from `start` on (`proxy_set_buffer_bytes`). Envoy does three forms of it and
 * says `BadArgument` to others: prepend (0, 0), replace all (0, `i32.MAX_VALUE`), append (`i32.MAX_VALUE`, 0). The
 * content-length header stays as it is: remove or replace it in the headers callback.
 */
export function setBuffer(type: BufferType, start: i32, size: i32, bytes: Slice): Status {
  if (start < 0 || size < 0 || bytes == NONE) return Status.BadArgument;
  return proxy_set_buffer_bytes(type, start, size, pointerOf(bytes), lengthOf(bytes));
}
