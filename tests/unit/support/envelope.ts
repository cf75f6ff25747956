import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** `EnvelopeKind`, by number. */
const KINDS = ["response", "other", "other version", "damaged"] as const;

export type EnvelopeKind = (typeof KINDS)[number];

/** A stored response; times are milliseconds. */
export interface Stored {
  status: number;
  sequence: bigint;
  receivedAt: number;
  requestTime: number;
  generatedAt: number;
  isDated: boolean;
  initialAge: number;
  lifetime: number;
  staleWhileRevalidate: number;
  staleIfError: number;
  noCache: boolean;
  mustRevalidate: boolean;
  key: Uint8Array;
  secondaryKey: Uint8Array;
  tags: Uint8Array;
  fields: Uint8Array;
  body: Uint8Array;
}

const setTimes = unit.function("envelopeSetTimes", ["i64", "i64", "i64"], "void");
const setRecency = unit.function("envelopeSetRecency", ["i64", "bool", "i64"], "void");
const setStale = unit.function("envelopeSetStale", ["i64", "i64", "bool", "bool"], "void");
const write = unit.function(
  "envelopeWrite",
  ["i32", "u64", "bytes", "bytes", "bytes", "bytes", "bytes", "bool"],
  "bytes",
);
const open = unit.function("envelopeOpen", ["optionalBytes", "bool"], "i32");
const number = unit.function("envelopeNumber", ["text"], "i64");
const part = unit.function("envelopePart", ["text"], "bytes");

export const sizeFor = unit.function("envelopeSizeFor", ["i32"], "i32");
export const writeInto = unit.function("envelopeWriteInto", ["bytes", "i32"], "bool");
export const seal = unit.function("envelopeSeal", ["bytes"], "bytes");
export const putOff = unit.function("envelopeSetRetryAt", ["i64"], "void");

/** Lays a response out; `sealed` as it goes to Redis. */
export function writeEnvelope(stored: Stored, sealed = true): Uint8Array {
  setTimes(BigInt(stored.receivedAt), BigInt(stored.initialAge), BigInt(stored.lifetime));
  setRecency(BigInt(stored.generatedAt), stored.isDated, BigInt(stored.requestTime));
  setStale(BigInt(stored.staleWhileRevalidate), BigInt(stored.staleIfError), stored.noCache, stored.mustRevalidate);
  const { status, sequence, key, secondaryKey, tags, fields, body } = stored;
  return write(status, sequence, key, secondaryKey, tags, fields, body, sealed);
}

/** What the filter takes bytes for, as the last ones of memory; those of its own store if they are `trusted`. */
export function kindOf(bytes: Uint8Array | null, trusted = false): EnvelopeKind {
  const kind = KINDS[open(bytes, trusted)];
  if (kind === undefined) throw new Error("no such kind of envelope");
  return kind;
}

export function retryAt(): number {
  return Number(number("retryAt"));
}

/** The response that `kindOf` looked at last. */
export function readEnvelope(): Stored {
  const flags = Number(number("flags"));
  return {
    status: Number(number("status")),
    sequence: BigInt.asUintN(64, number("sequence")),
    receivedAt: Number(number("receivedAt")),
    requestTime: Number(number("requestTime")),
    generatedAt: Number(number("generatedAt")),
    isDated: number("isDated") !== 0n,
    initialAge: Number(number("initialAge")),
    lifetime: Number(number("lifetime")),
    staleWhileRevalidate: Number(number("staleWhileRevalidate")),
    staleIfError: Number(number("staleIfError")),
    noCache: (flags & 1) !== 0,
    mustRevalidate: (flags & 2) !== 0,
    key: part("key"),
    secondaryKey: part("secondaryKey"),
    tags: part("tags"),
    fields: part("fields"),
    body: part("body"),
  };
}
