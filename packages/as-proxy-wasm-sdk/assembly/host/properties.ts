import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, clearOut, returnedSlice } from "../memory/out-parameters";
import { Status } from "./status";


@external("env", "proxy_get_property")
declare function proxy_get_property(path: usize, pathSize: usize, value: usize, valueSize: usize): Status;

/**
 * A property's value (`proxy_get_property`), or `NONE` with `lastStatus()`. The parts of the path are separated by NUL:
 * `persist("source\0address")`. Numbers and times come as Envoy serialises them: eight bytes, the least significant
 * first. Good until the callback returns.
 */
export function getProperty(path: Slice): Slice {
  clearOut();
  return returnedSlice(proxy_get_property(pointerOf(path), lengthOf(path), OUT, OUT_2));
}


@external("env", "proxy_set_property")
declare function proxy_set_property(path: usize, pathSize: usize, value: usize, valueSize: usize): Status;

/**
 * Sets a property of the stream (`proxy_set_property`). Envoy keeps it as filter state, and a later filter of the same
 * stream reads it under the same path. `NotFound` outside of a stream, `BadArgument` for a `NONE`.
 */
export function setProperty(path: Slice, value: Slice): Status {
  if (path == NONE || value == NONE) return Status.BadArgument;
  return proxy_set_property(pointerOf(path), lengthOf(path), pointerOf(value), lengthOf(value));
}
