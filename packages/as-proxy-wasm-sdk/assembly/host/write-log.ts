import { Status } from "./status";


@external("env", "proxy_log")
declare function proxy_log(level: u32, message: usize, size: usize): Status;

/**
 * Writes a message whatever the active level is (`proxy_log`). Filters use `log` and `logBytes`; this is a file of its
 * own for the sake of `abort`, see there.
 */
@inline
export function writeLog(level: u32, message: usize, size: usize): Status {
  return proxy_log(level, message, size);
}
