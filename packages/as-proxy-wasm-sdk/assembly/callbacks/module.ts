// Makes `--use abort=~lib/as-proxy-wasm-sdk/assembly/abort/abort` find it in every module.
import "../abort";
import { arenaAllocate } from "../memory/arena";

/** Marks the module as one of ABI 0.2.1; never called. */
export function proxy_abi_version_0_2_1(): void {}

/**
 * The host wants memory for a value it is about to return; 0 says there is none. It happens within host calls, so it
 * does not count as a callback of its own: the memory lives until the callback that made the host call returns.
 */
export function proxy_on_memory_allocate(size: usize): usize {
  return arenaAllocate(size);
}
