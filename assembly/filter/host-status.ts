import { Status } from "as-proxy-wasm-sdk/assembly";

/**
 * Whether the proxy could not do what a host call asked for: what could not be read may be there, what could not be changed is as
 * it was. That there is no such thing is an answer and no failure; this is the one place that tells the two apart. It happens
 * where a VM is near its memory limit.
 * What follows is the caller's: a cache passes, and a request whose changes were not taken is not let through.
 */
export function couldNot(status: Status): bool {
  return status != Status.Ok && status != Status.NotFound;
}
