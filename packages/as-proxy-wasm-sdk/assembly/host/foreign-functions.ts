import { Slice, lengthOf, persist, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, clearOut, returnedSlice } from "../memory/out-parameters";
import { Status } from "./status";


@external("env", "proxy_call_foreign_function")
declare function proxy_call_foreign_function(
  name: usize,
  nameSize: usize,
  args: usize,
  argsSize: usize,
  result: usize,
  resultSize: usize,
): Status;

/**
 * Calls a function the host offers by name (`proxy_call_foreign_function`). Returns its result, empty when it has none,
 * or `NONE` with `lastStatus()`: `NotFound` for an unknown function. Good until the callback returns.
 */
export function callForeignFunction(name: Slice, args: Slice): Slice {
  clearOut();
  return returnedSlice(
    proxy_call_foreign_function(pointerOf(name), lengthOf(name), pointerOf(args), lengthOf(args), OUT, OUT_2),
  );
}

const CLEAR_ROUTE_CACHE: Slice = persist("clear_route_cache");

/**
 * Makes the host choose the route anew, with the headers as they are now. Needed after changing anything that routing
 * depends on: Envoy chooses the route before the filters run. ABI 0.1's `proxy_clear_route_cache` does not exist in ABI
 * 0.2, and a module that imports it does not load; it is a foreign function now.
 */
export function clearRouteCache(): Status {
  // No place for a result: the host then needs no memory of ours.
  return proxy_call_foreign_function(pointerOf(CLEAR_ROUTE_CACHE), lengthOf(CLEAR_ROUTE_CACHE), 0, 0, 0, 0);
}
