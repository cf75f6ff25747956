/** The SDK's parts that need no host, for tests to call directly. */
import { Slice, lengthOf, pointerOf, slice } from "as-bytes/assembly";
import { HeaderPairs } from "as-proxy-wasm-sdk/assembly/host/header-pairs";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly/host/pairs-builder";
import { IdTable } from "as-proxy-wasm-sdk/assembly/context/id-table";

import { ArenaMark } from "as-proxy-wasm-sdk/assembly/memory/arena";

export { arenaAllocate, resetArena } from "as-proxy-wasm-sdk/assembly/memory/arena";

class Entry {
  constructor(readonly key: u64) {}
}

const table = new IdTable<Entry>();
const pairs = new HeaderPairs();
const builder = new PairsBuilder();
const marks = [new ArenaMark(), new ArenaMark()];

/** Whether the key was free. */
export function put(key: u64): bool {
  return table.put(key, new Entry(key)) === null;
}

export function has(key: u64): bool {
  const entry = table.get(key);
  return entry !== null && entry.key == key;
}

/** Whether the key was there. */
export function take(key: u64): bool {
  const entry = table.take(key);
  return entry !== null && entry.key == key;
}

export function size(): i32 {
  return table.size;
}

export function probeLength(key: u64): i32 {
  return table.probeLength(key);
}

export function parse(pointer: usize, length: i32): bool {
  return pairs.parse(slice(pointer, length));
}

export function count(): i32 {
  return pairs.count;
}

export function name(index: i32): Slice {
  return pairs.name(index);
}

export function value(index: i32): Slice {
  return pairs.value(index);
}

/** Reads all the reader hands out, so that a slice outside of the memory would trap. */
export function sum(): u32 {
  let total: u32 = 0;
  for (let i = -1; i <= pairs.count; i++) total += sumOf(pairs.name(i)) + sumOf(pairs.value(i));
  return total;
}

function sumOf(s: Slice): u32 {
  let total: u32 = 0;
  for (let i = 0; i < lengthOf(s); i++) total += load<u8>(pointerOf(s) + <usize>i);
  return total;
}

export function takeMark(number: i32): void {
  marks[number].take();
}

export function releaseMark(number: i32): void {
  marks[number].release();
}

export function clear(): void {
  builder.clear();
}

/** Whether the builder took it and everything before. */
export function add(namePointer: usize, nameLength: i32, valuePointer: usize, valueLength: i32): bool {
  return builder.add(slice(namePointer, nameLength), slice(valuePointer, valueLength)).valid;
}

export function serialised(): Slice {
  return builder.view();
}
