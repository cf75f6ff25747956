import { ByteBuffer, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, clearOut } from "../memory/out-parameters";
import { Status } from "./status";
import { writeLog } from "./write-log";

/** `proxy_log_level_t`. */
export const enum LogLevel {
  Trace = 0,
  Debug = 1,
  Info = 2,
  Warn = 3,
  Error = 4,
  Critical = 5,
}

/** How many outermost callbacks pass between two looks at the host's level, at most. */
const REFRESH_EVERY: u32 = 64;

/** How long a level is believed, where the filter asks for the time: in nanoseconds of the monotonic clock. */
const BELIEVED_FOR: u64 = 1_000_000_000;

let activeLevel: u32 = LogLevel.Info;
let callbacks: u32 = 0;
let latestTime: u64 = 0;
let readAt: u64 = 0;
const line = new ByteBuffer();

/**
 * Whether the host would write a message of this level. It reads a cached level: a host call for every message costs
 * more than most messages. The level is read again at start, configure and tick, after 64 callbacks, and after a callback that
 * asked for the monotonic time a second after the last reading: so soon is a level seen that was changed at run time (Envoy's
 * `/logging?wasm=debug`). Ask before building a message.
 */
@inline
export function logEnabled(level: LogLevel): bool {
  return <u32>level >= activeLevel;
}

/** Writes a message; below the active level it does nothing. */
export function log(level: LogLevel, message: string): Status {
  if (!logEnabled(level)) return Status.Ok;
  return logBytes(level, line.clear().text(message).view());
}

/** Writes a message that is bytes already; below the active level it does nothing. */
export function logBytes(level: LogLevel, message: Slice): Status {
  if (!logEnabled(level)) return Status.Ok;
  return writeLog(level, pointerOf(message), lengthOf(message));
}

export function logTrace(message: string): Status {
  return log(LogLevel.Trace, message);
}

export function logDebug(message: string): Status {
  return log(LogLevel.Debug, message);
}

export function logInfo(message: string): Status {
  return log(LogLevel.Info, message);
}

export function logWarn(message: string): Status {
  return log(LogLevel.Warn, message);
}

export function logError(message: string): Status {
  return log(LogLevel.Error, message);
}

export function logCritical(message: string): Status {
  return log(LogLevel.Critical, message);
}


@external("env", "proxy_get_log_level")
declare function proxy_get_log_level(level: usize): Status;

/** Asks the host for its level (`proxy_get_log_level`); a failed call leaves the known one. */
export function refreshLogLevel(): void {
  clearOut();
  callbacks = 0;
  readAt = latestTime;
  // Envoy also says 6, for "off": then no level is enabled.
  if (proxy_get_log_level(OUT) == Status.Ok) activeLevel = load<u32>(OUT);
}

/** For the clock: the monotonic time that somebody has asked for. */
@inline
export function noteTime(nanoseconds: u64): void {
  latestTime = nanoseconds;
}

/** For the callbacks, at their end: a refresh when the level is old. */
@inline
export function refreshLogLevelNowAndThen(): void {
  if (++callbacks >= REFRESH_EVERY || latestTime - readAt >= BELIEVED_FOR) refreshLogLevel();
}
