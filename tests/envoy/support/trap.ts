import { writeFileSync } from "node:fs";
import { compileSource } from "../../../packages/proxy-wasm-host/tests/compile.ts";

/** A module that starts well and fails at every request. */
const SOURCE = `
export function proxy_abi_version_0_2_1(): void {}
export function proxy_on_memory_allocate(size: i32): usize { return heap.alloc(size); }
export function proxy_on_vm_start(root: i32, size: i32): i32 { return 1; }
export function proxy_on_configure(root: i32, size: i32): i32 { return 1; }
export function proxy_on_context_create(id: i32, parent: i32): void {}
export function proxy_on_request_headers(id: i32, count: i32, end: i32): i32 { return unreachable(); }
`;

/** Writes that module to a file, and returns the file. */
export async function trappingModule(directory: string): Promise<string> {
  const file = `${directory}/trap.wasm`;
  writeFileSync(file, await compileSource(SOURCE));
  return file;
}
