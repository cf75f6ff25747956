import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, OUT_3, clearOut, returnedSlice } from "../memory/out-parameters";
import { Status } from "./status";

let casOfLastValue: u32 = 0;


@external("env", "proxy_get_shared_data")
declare function proxy_get_shared_data(key: usize, keySize: usize, value: usize, valueSize: usize, cas: usize): Status;

/**
 * A value shared by all VMs with this one's `vm_id` (`proxy_get_shared_data`), or `NONE` with `lastStatus()`. Good
 * until the callback returns; `lastCas()` is its version.
 */
export function getSharedData(key: Slice): Slice {
  clearOut();
  store<u32>(OUT_3, 0);
  const value = returnedSlice(proxy_get_shared_data(pointerOf(key), lengthOf(key), OUT, OUT_2, OUT_3));
  casOfLastValue = value == NONE ? 0 : load<u32>(OUT_3);
  return value;
}

/** The version of the value `getSharedData` last returned, for `setSharedData`; 0 when there was none. */
@inline
export function lastCas(): u32 {
  return casOfLastValue;
}


@external("env", "proxy_set_shared_data")
declare function proxy_set_shared_data(key: usize, keySize: usize, value: usize, valueSize: usize, cas: u32): Status;

/**
 * Sets a shared value (`proxy_set_shared_data`): with `cas` 0 in any case, else only when the value still has that
 * version (`CasMismatch`). A key that is not there yet is set whatever `cas` says. `BadArgument` for a `NONE`.
 */
export function setSharedData(key: Slice, value: Slice, cas: u32 = 0): Status {
  if (key == NONE || value == NONE) return Status.BadArgument;
  return proxy_set_shared_data(pointerOf(key), lengthOf(key), pointerOf(value), lengthOf(value), cas);
}
