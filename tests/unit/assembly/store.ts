import { Slice, isPresent, lengthOf, pointerOf, slice } from "as-bytes/assembly";
import { Store } from "../../../assembly/store/store";
import { StorePool } from "../../../assembly/store/store-pool";

function bytesOf(array: Uint8Array): Slice {
  return slice(array.dataStart, array.length);
}

/** A copy for JavaScript; null for a missing value. */
function copyOut(s: Slice): Uint8Array | null {
  if (!isPresent(s)) return null;
  const copy = new Uint8Array(lengthOf(s));
  memory.copy(copy.dataStart, pointerOf(s), <usize>lengthOf(s));
  return copy;
}

export function newStore(maxEntries: i32, maxBytes: i32): Store {
  return new Store(maxEntries, maxBytes, 0x0706050403020100, 0x0f0e0d0c0b0a0908);
}

export function storePut(store: Store, key: Uint8Array, value: Uint8Array): bool {
  const room = store.reserve(bytesOf(key), value.length);
  if (!isPresent(room)) return false;
  memory.copy(pointerOf(room), value.dataStart, <usize>value.length);
  return true;
}

export function storeFind(store: Store, key: Uint8Array): Uint8Array | null {
  return copyOut(store.find(bytesOf(key)));
}

export function storeRemove(store: Store, key: Uint8Array): bool {
  return store.remove(bytesOf(key));
}

export function storeResize(store: Store, maxEntries: i32, maxBytes: i32): void {
  store.resize(maxEntries, maxBytes);
}

export function storeClear(store: Store): void {
  store.clear();
}

export function storeEntries(store: Store): i32 {
  return store.entries;
}

export function storeBytes(store: Store): i32 {
  return <i32>store.bytes;
}

export function newStorePool(): StorePool {
  return new StorePool(1, 2);
}

export function poolHold(pool: StorePool, identity: string, maxEntries: i32, maxBytes: i32): Store {
  return pool.hold(identity, maxEntries, maxBytes);
}

export function poolLetGo(pool: StorePool, identity: string): void {
  pool.letGo(identity);
}
