// Imports only files without variables that hold objects: the compiler compiles `abort` in the middle of the allocator,
// and would create such objects before the collector is set up.
import { writeLog } from "./host/write-log";

const CRITICAL: u32 = 5;

/** Room for message, file and position; a longer message is cut. */
const LINE_SIZE: usize = 1024;
const LINE: usize = memory.data(1024);

/** A UTF-16 unit takes at most three bytes; what follows the message needs room too. */
const LONGEST_TEXT: u32 = 150;

/** Where a string has the number of its bytes: in front of them. */
const SIZE_BEFORE_TEXT: usize = 4;

/**
 * What the compiler calls before it traps (`--use abort=…`), in the place of the import `env.abort`, which no
 * Proxy-Wasm host offers. It writes message, file and position at critical level, whatever the active level, without
 * allocating: the reason may be that there is no memory. The two strings come as plain addresses: nothing of this is the
 * collector's business.
 */
export function abort(message: usize, file: usize, line: u32, column: u32): void {
  let end = putText(LINE, changetype<usize>("abort: "));
  end = putText(end, message == 0 ? changetype<usize>("no message") : message);
  end = putText(end, changetype<usize>(" at "));
  end = putText(end, file == 0 ? changetype<usize>("unknown file") : file);
  end = putText(end, changetype<usize>(":"));
  end = putNumber(end, line);
  end = putText(end, changetype<usize>(":"));
  end = putNumber(end, column);
  writeLog(CRITICAL, LINE, end - LINE);
  unreachable();
}

/** Writes a string's UTF-8 bytes; returns the address behind them. */
function putText(at: usize, text: usize): usize {
  const units = min(load<u32>(text - SIZE_BEFORE_TEXT) >> 1, LONGEST_TEXT);
  if (at + <usize>units * 3 > LINE + LINE_SIZE) return at;
  return at + String.UTF8.encodeUnsafe(text, units, at);
}

/** Writes a number's decimal digits; returns the address behind them. */
function putNumber(at: usize, value: u32): usize {
  let digits = 1;
  for (let rest = value / 10; rest > 0; rest /= 10) digits++;
  if (at + <usize>digits > LINE + LINE_SIZE) return at;
  for (let i = digits - 1; i >= 0; i--, value /= 10) store<u8>(at + <usize>i, <u8>(0x30 + (value % 10)));
  return at + <usize>digits;
}
