import { isPresent, lengthOf, pointerOf, slice } from "as-bytes/assembly";
import { Store } from "../../../assembly/store/store";
import { StorePool } from "../../../assembly/store/store-pool";
import { bytesOf, optionalCopyOf } from "./bytes";

const SEED0: u64 = 0x0706050403020100;
const SEED1: u64 = 0x0f0e0d0c0b0a0908;

export function newStore(maxEntries: i32, maxBytes: i64): Store {
  return new Store(maxEntries, maxBytes, SEED0, SEED1);
}

/** Reserves room and writes the value; false when there was none. */
export function storePut(store: Store, key: Uint8Array, value: Uint8Array): bool {
  const room = store.reserve(bytesOf(key), value.length);
  if (!isPresent(room) || lengthOf(room) != value.length) return false;
  memory.copy(pointerOf(room), value.dataStart, <usize>value.length);
  return true;
}

/** Whether room for so many bytes is to be had; nothing is written. */
export function storeReserve(store: Store, key: Uint8Array, length: i32): bool {
  return isPresent(store.reserve(bytesOf(key), length));
}

/** Puts so many entries of that length (at most 65536), under keys of four bytes, and allocates nothing but what the store does. */
export function storeFill(store: Store, count: i32, length: i32): void {
  const key = memory.data(sizeof<i32>());
  for (let i = 0; i < count; i++) {
    memory.fill(key, <u8>i, 1);
    memory.fill(key + 1, <u8>(i >> 8), 1);
    store.reserve(slice(key, sizeof<i32>()), length);
  }
}

/** How far apart in memory the values of so many bytes are that are put one after the other into an empty store. */
export function storeDistance(store: Store, first: Uint8Array, second: Uint8Array, length: i32): i32 {
  const before = store.reserve(bytesOf(first), length);
  return <i32>(pointerOf(store.reserve(bytesOf(second), length)) - pointerOf(before));
}

export function storeFind(store: Store, key: Uint8Array): Uint8Array | null {
  return optionalCopyOf(store.find(bytesOf(key)));
}

/** Writes over every byte of a value that was found. */
export function storeOverwrite(store: Store, key: Uint8Array, byte: i32): void {
  const value = store.find(bytesOf(key));
  memory.fill(pointerOf(value), <u8>byte, <usize>lengthOf(value));
}

export function storeRemove(store: Store, key: Uint8Array): bool {
  return store.remove(bytesOf(key));
}

export function storeResize(store: Store, maxEntries: i32, maxBytes: i64): void {
  store.resize(maxEntries, maxBytes);
}

export function storeClear(store: Store): void {
  store.clear();
}

export function storeEntries(store: Store): i32 {
  return store.entries;
}

export function storeBytes(store: Store): i64 {
  return store.bytes;
}

export function storeEvictions(store: Store): u64 {
  return store.evictions;
}

export function newStorePool(): StorePool {
  return new StorePool(SEED0, SEED1);
}

export function poolHold(pool: StorePool, identity: string, maxEntries: i32, maxBytes: i64): Store {
  return pool.hold(identity, maxEntries, maxBytes);
}

export function poolLetGo(pool: StorePool, identity: string): void {
  pool.letGo(identity);
}
