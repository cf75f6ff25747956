import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** `Freshness`, by number. */
const FRESHNESS = ["fresh", "refresh", "if error", "gone"] as const;

export type Freshness = (typeof FRESHNESS)[number];

/** A stored entry; times are milliseconds. */
export interface Entry {
  storedAt: number;
  ttl: number;
  retryAt?: number;
  isNegative?: boolean;
  /** Whether the record itself says its ttl. */
  isOwnTtl?: boolean;
}

/** The part of a lookup's local configuration that decides on freshness; milliseconds. */
export interface Windows {
  /** How long records and misses are fresh under the present configuration; as long as any when not given. */
  ttl?: number;
  negativeTtl?: number;
  refreshAhead: number;
  staleWhileRevalidate: number;
  staleIfError: number;
}

const write = unit.function("entryWrite", ["i64", "i64", "bool", "optionalBytes", "optionalBytes"], "void");
const setRetryAt = unit.function("entrySetRetryAt", ["i64"], "void");
const freshness = unit.function("entryFreshness", ["i64", "i64", "i64", "i64"], "i32");
const setLimits = unit.function("entrySetLimits", ["i64", "i64"], "void");
const storedAt = unit.function("entryStoredAt", [], "i64");
const ttl = unit.function("entryTtl", [], "i64");
const retryAt = unit.function("entryRetryAt", [], "i64");
const isNegative = unit.function("entryNegative", [], "bool");
const changes = unit.function("entryChanges", [], "optionalBytes");
const values = unit.function("entryValues", [], "optionalBytes");

export const entryLength = unit.function("entryLength", [], "i32");
export const entryOpens = unit.function("entryOpens", ["i32"], "bool");
export const entryOpensMissing = unit.function("entryOpensMissing", [], "bool");
export const entryWriteShort = unit.function("entryWriteShort", ["bytes", "optionalBytes"], "bytes");

/** Lays out an entry as a store has it, in bytes that were something else before. */
export function writeEntry(
  now: number,
  ttl: number,
  changes: Uint8Array | string | null,
  values = "",
  isOwnTtl = false,
): void {
  write(BigInt(now), BigInt(ttl), isOwnTtl, changes, values);
}

/** What was laid out last, as it is read back. */
export function readEntry(): object {
  return {
    storedAt: Number(storedAt()),
    ttl: Number(ttl()),
    retryAt: Number(retryAt()),
    isNegative: isNegative(),
    changes: Buffer.from(changes() ?? []).toString("latin1"),
    values: Buffer.from(values() ?? []).toString("latin1"),
  };
}

export function putOff(time: number): void {
  setRetryAt(BigInt(time));
}

/** What an entry is good for at a moment. */
export function freshnessOf(entry: Entry, now: number, windows: Windows): Freshness {
  writeEntry(entry.storedAt, entry.ttl, entry.isNegative ? null : "changes", "", entry.isOwnTtl);
  setLimits(BigInt(windows.ttl ?? Number.MAX_SAFE_INTEGER), BigInt(windows.negativeTtl ?? Number.MAX_SAFE_INTEGER));
  putOff(entry.retryAt ?? 0);
  const { refreshAhead, staleWhileRevalidate, staleIfError } = windows;
  const number = freshness(BigInt(now), BigInt(refreshAhead), BigInt(staleWhileRevalidate), BigInt(staleIfError));
  const answer = FRESHNESS[number];
  if (answer === undefined) throw new Error(`no freshness has the number ${number}`);
  return answer;
}
