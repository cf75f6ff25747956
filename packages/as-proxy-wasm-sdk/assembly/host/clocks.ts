import { OUT, clearOut } from "../memory/out-parameters";
import { noteTime } from "./log";
import { Status, lastStatus, noteStatus, statusOfErrno } from "./status";

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;


@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(clock: u32, precision: u64, time: usize): i32;

/** Nanoseconds since 1970 (`clock_time_get`), or 0 with `lastStatus()`. It may jump, also backwards. */
export function currentTimeNanoseconds(): u64 {
  return read(REALTIME);
}

/** The wall clock once a host has said that it has no other: hosts of 2021 and before. */
let steadyClock: u32 = MONOTONIC;

/**
 * Nanoseconds since some fixed moment (`clock_time_get`), never going back: for durations and expiries. 0 with
 * `lastStatus()` when it cannot be read; with `Ok` it is a time like any other.
 */
export function monotonicTimeNanoseconds(): u64 {
  let time = read(steadyClock);
  if (lastStatus() == Status.Unimplemented) {
    // For good: times of two clocks must never be compared.
    steadyClock = REALTIME;
    time = read(REALTIME);
  }
  noteTime(time);
  return time;
}

function read(clock: u32): u64 {
  clearOut();
  return noteStatus(statusOfErrno(clock_time_get(clock, 0, OUT))) == Status.Ok ? load<u64>(OUT) : 0;
}


@external("env", "proxy_set_tick_period_milliseconds")
declare function proxy_set_tick_period_milliseconds(period: u32): Status;

/**
 * Makes the host call `onTick` of the effective context's root every `milliseconds`, 0 to stop
 * (`proxy_set_tick_period_milliseconds`). The last one counts.
 */
export function setTickPeriod(milliseconds: u32): Status {
  return proxy_set_tick_period_milliseconds(milliseconds);
}
