import { Status, currentTimeNanoseconds, lastStatus, monotonicTimeNanoseconds } from "as-proxy-wasm-sdk/assembly";

/** How often the clock steps while nothing else reads the time, in milliseconds: the tick of every root context. */
export const TICK: u32 = 100;

let milliseconds: i64 = 0;

/**
 * The time in milliseconds, as of the last time somebody read the host's clock: at most one tick ago. Reading it here
 * is no call to the host, and freshness to a tenth of a second is all that a hit needs. Monotonic: setting the
 * machine's clock neither expires nor revives anything.
 */
export function now(): i64 {
  return milliseconds;
}

/** Reads the host's clock: on the tick, and wherever a call to the host more does not matter. */
export function readClock(): i64 {
  readMicroseconds();
  return milliseconds;
}

/** The same, to the microsecond. */
export function readMicroseconds(): i64 {
  const time = <i64>(monotonicTimeNanoseconds() / 1000);
  // A clock that cannot be read stands still: a time of 0 would make everything stored fresh for long.
  if (lastStatus() != Status.Ok) return milliseconds * 1000;
  milliseconds = time / 1000;
  return time;
}

let wallMilliseconds: i64 = 0;

/** The same as of the last time somebody read it: with a response cache one tick ago at most. No call to the host. */
export function wallClock(): i64 {
  return wallMilliseconds;
}

/**
 * The wall-clock time in milliseconds since 1970, read now: what HTTP's dates and ages are compared with, here and in
 * other gateways. It may jump.
 */
export function readWallClock(): i64 {
  const time = <i64>(currentTimeNanoseconds() / 1_000_000);
  if (lastStatus() == Status.Ok) wallMilliseconds = time;
  return wallMilliseconds;
}
