import { headerList, type Field } from "./header-list.ts";
import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

const latest = unit.function("markListLatest", ["optionalBytes", "u64"], "i64");
const withMark = unit.function("markListWith", ["optionalBytes", "u64", "i64"], "bytes");
const floor = unit.function("markListFloor", ["i64"], "bytes");
const markAdd = unit.function("hitForMissAdd", ["bytes", "i64"], "void");
const markHas = unit.function("hitForMissHas", ["bytes", "i64"], "bool");
const newResponses = unit.function("responsesNew", ["i32", "i64"], "void");
const invalidated = unit.function("responsesInvalidate", ["i64"], "void");
const find = unit.function("responsesFind", ["bytes", "bytes"], "i32");
const body = unit.function("responsesBody", [], "bytes");
const write = unit.function("responsesWrite", ["bytes", "bytes", "bytes", "bytes", "i64", "bool", "i64"], "bool");
const removeOutdated = unit.function("responsesRemoveOutdated", ["bytes", "i64", "i64"], "i32");
const keyAt = unit.function("responsesKeyAt", ["bytes", "bytes", "i32"], "optionalBytes");
const adoptedIndex = unit.function("responsesAdoptIndex", ["bytes", "bytes", "i64"], "bool");
const settled = unit.function("responsesSettle", ["bytes", "i64"], "void");
const setOther = unit.function("recencySetOther", ["i64", "bool", "i64"], "void");
const moreRecent = unit.function("recencyIsMoreRecent", ["i64", "bool", "i64"], "bool");

export const newHitForMiss = unit.function("hitForMissNew", [], "void");
export const removeHitForMiss = unit.function("hitForMissRemove", ["bytes"], "void");
export const newWaiting = unit.function("waitingNew", ["i32"], "void");
export const pushWaiting = unit.function("waitingPush", ["i32"], "void");
export const leaveWaiting = unit.function("waitingLeave", ["i32"], "void");
export const firstWaiting = unit.function("waitingFirst", [], "i32");
export const soughtKey = unit.function("responsesSoughtKey", [], "bytes");
export const indexWritten = unit.function("responsesIndex", [], "optionalBytes");
export const writtenKey = unit.function("responsesWrittenKey", [], "bytes");
export const removePrimary = unit.function("responsesRemove", ["bytes"], "void");
export const unwrite = unit.function("responsesUnwrite", [], "void");
export const adopt = unit.function("responsesAdopt", ["bytes", "bytes"], "optionalBytes");
export const entriesHeld = unit.function("responsesHeld", [], "i32");
export const rawAt = unit.function("responsesRaw", ["bytes"], "optionalBytes");

/** When a list says that the URI of that hash was invalidated; 0 for never. */
export function latestMark(list: Uint8Array | null, uriHash: number): number {
  return Number(latest(list, BigInt(uriHash)));
}

export function listWith(list: Uint8Array | null, uriHash: number, time: number): Uint8Array {
  return withMark(list, BigInt(uriHash), BigInt(time));
}

export function listOfFloor(time: number): Uint8Array {
  return floor(BigInt(time));
}

export function addHitForMiss(key: string, now: number): void {
  markAdd(key, BigInt(now));
}

export function hasHitForMiss(key: string, now: number): boolean {
  return markHas(key, BigInt(now));
}

/** When the origin says that it made a response, or else what it is newer than; and when it was asked for. */
export interface Recency {
  readonly date?: number;
  readonly after?: number;
  readonly asked: number;
}

/** An empty store of responses. */
export function useResponses(maxEntries = 100, maxBytes = 1 << 20): void {
  newResponses(maxEntries, BigInt(maxBytes));
}

/** The URI of all of them is invalidated at that time. */
export function invalidate(time: number): void {
  invalidated(BigInt(time));
}

export function isMoreRecent(one: Recency, other: Recency): boolean {
  setOther(BigInt(other.date ?? other.after ?? 0), other.date !== undefined, BigInt(other.asked));
  return moreRecent(BigInt(one.date ?? one.after ?? 0), one.date !== undefined, BigInt(one.asked));
}

/** The body of the response that a request selects, or why there is none. */
export function findFor(key: string, request: readonly Field[] = []): string {
  const finding = ["uri miss", "vary miss", "found"][find(key, headerList(request))] ?? "no finding";
  return finding === "found" ? Buffer.from(body()).toString() : finding;
}

/** Stores a response to a request; `names` are those of its `Vary`, lower case, in order, with commas between. */
export function writeFor(
  key: string,
  names: string,
  request: readonly Field[],
  text: string,
  { date = 0, asked }: Recency = { asked: 1 },
): boolean {
  return write(key, names, headerList(request), text, BigInt(date), date > 0, BigInt(asked));
}

/** Forgets what a request selects that is not more recent than that, under every list of names. */
export function outdateFor(key: string, request: readonly Field[], { date = 0, asked }: Recency): void {
  for (let place = 0; ; place++) {
    const at = keyOf(key, request, place);
    if (at === null) return;
    removeOutdated(at, BigInt(date), BigInt(asked));
  }
}

/** The key of that place under which a response to the request may lie. */
export function keyOf(key: string, request: readonly Field[], place: number): Uint8Array | null {
  return keyAt(key, headerList(request), place);
}

/** What was adopted under a key may be found if it was asked for after that. */
export function settle(key: Uint8Array | null, since: number): void {
  settled(key ?? "", BigInt(since));
}

export function adoptIndex(key: string, bytes: Uint8Array, now: number): boolean {
  return adoptedIndex(key, bytes, BigInt(now));
}
