import { Slice, byteAt, isDigit, lengthOf } from "as-bytes/assembly";

const MINUS: i32 = 0x2d;
const PLUS: i32 = 0x2b;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const LOWER_E: i32 = 0x65;

/** Where exponents stop counting: far outside of what any number's digits could make up for. */
const LARGEST_EXPONENT: i64 = 1_000_000_000_000;

/** Any double times ten to this power is 0 or infinite, with a minus as well as without. */
const LARGEST_POWER: i64 = 700;

/** Beyond this another digit might not fit 64 bits, and no double has so many. */
const MAX_EXACT_MANTISSA: u64 = 1_000_000_000_000_000_000;

/** The magnitude of the smallest i64. */
const MAX_MAGNITUDE: u64 = 1 << 63;

/** How many bytes from `start` are a number by RFC 8259 §6, or 0. What follows it is not looked at. */
export function numberLength(s: Slice, start: i32): i32 {
  let at = start;
  if (byteAt(s, at) == MINUS) at++;
  const integer = skipDigits(s, at);
  if (integer == at) return 0;
  if (byteAt(s, at) == ZERO && integer > at + 1) return 0;
  at = integer;
  if (byteAt(s, at) == POINT) {
    const fraction = skipDigits(s, at + 1);
    if (fraction == at + 1) return 0;
    at = fraction;
  }
  if ((byteAt(s, at) | 0x20) == LOWER_E) {
    at++;
    if (byteAt(s, at) == PLUS || byteAt(s, at) == MINUS) at++;
    const exponent = skipDigits(s, at);
    if (exponent == at) return 0;
    at = exponent;
  }
  return at - start;
}

/**
 * A number as a double; infinite where it is too large for one, 0 where it is too small. Up to 15 digits and 22 places
 * from the point it is the nearest double, beyond that one of its close neighbours.
 */
export function doubleOf(number: Slice): f64 {
  // Not the language's parseFloat: AssemblyScript 0.28 reads 2.6671724304097764e+40 as 2.6671724304097766e+38.
  const negative = byteAt(number, 0) == MINUS;
  const first = negative ? 1 : 0;
  const end = mantissaEnd(number, first);
  const point = pointBefore(number, first, end);
  let mantissa: u64 = 0;
  let at = first;
  for (; at < end && mantissa < MAX_EXACT_MANTISSA; at++) {
    if (at != point) mantissa = mantissa * 10 + <u64>(byteAt(number, at) - ZERO);
  }
  // The digits that were not read count as zeros, those behind the point make it smaller.
  const places = at <= point ? point - at : point - at + 1;
  const magnitude = mantissa == 0 ? 0 : scaled(<f64>mantissa, <i64>places + exponentOf(number, end));
  return negative ? -magnitude : magnitude;
}

/** The value times a power of ten. Powers up to 22 are doubles themselves, so that one such step rounds once. */
function scaled(value: f64, power: i64): f64 {
  let left = max<i64>(-LARGEST_POWER, min<i64>(power, LARGEST_POWER));
  for (; left >= 22; left -= 22) value *= 1e22;
  for (; left <= -22; left += 22) value /= 1e22;
  let factor: f64 = 1;
  for (let i = <i64>0; i < abs(left); i++) factor *= 10;
  return left < 0 ? value / factor : value * factor;
}

/**
 * Reads numbers that are whole and fit 64 bits, however they are written: `10000`, `1e4` and `10000.0` are the same
 * number, and a plugin's configuration arrives with all its numbers as doubles. No rounding: `1.5` is no integer, and
 * `9007199254740993` is that and not its neighbour.
 */
export class IntegerReader {
  /** After a `read` that said yes. */
  value: i64 = 0;

  /** Whether the number, as RFC 8259 writes it, is a whole one from `i64.MIN_VALUE` to `i64.MAX_VALUE`. */
  read(number: Slice): bool {
    const negative = byteAt(number, 0) == MINUS;
    const first = negative ? 1 : 0;
    const end = mantissaEnd(number, first);
    const point = pointBefore(number, first, end);
    const last = lastNonZero(number, first, end);
    if (last < 0) {
      this.value = 0;
      return true;
    }
    // How many zeros follow the last digit that is none; negative when that digit is behind the point.
    const behind = last < point ? point - 1 - last : point - last;
    const zeros = <i64>behind + exponentOf(number, end);
    if (zeros < 0 || zeros > 18) return false;
    return this.accumulate(number, first, last, <i32>zeros, negative);
  }

  private accumulate(number: Slice, first: i32, last: i32, zeros: i32, negative: bool): bool {
    const limit = negative ? MAX_MAGNITUDE : MAX_MAGNITUDE - 1;
    let magnitude: u64 = 0;
    for (let at = first; at <= last + zeros; at++) {
      const byte = at <= last ? byteAt(number, at) : ZERO;
      if (byte == POINT) continue;
      const digit = <u64>(byte - ZERO);
      if (magnitude > (limit - digit) / 10) return false;
      magnitude = magnitude * 10 + digit;
    }
    // Unsigned arithmetic has the magnitude of i64.MIN_VALUE, and its negation wraps to the right value.
    this.value = <i64>(negative ? 0 - magnitude : magnitude);
    return true;
  }
}

/** The first position at or after `at` that holds no digit. */
export function skipDigits(s: Slice, at: i32): i32 {
  while (isDigit(byteAt(s, at))) at++;
  return at;
}

function mantissaEnd(number: Slice, at: i32): i32 {
  while (isDigit(byteAt(number, at)) || byteAt(number, at) == POINT) at++;
  return at;
}

/** The position of the decimal point, or `end` where it would be. */
function pointBefore(number: Slice, at: i32, end: i32): i32 {
  while (at < end && byteAt(number, at) != POINT) at++;
  return at;
}

function lastNonZero(number: Slice, first: i32, end: i32): i32 {
  for (let at = end - 1; at >= first; at--) {
    const byte = byteAt(number, at);
    if (byte != ZERO && byte != POINT) return at;
  }
  return -1;
}

function exponentOf(number: Slice, mantissaEnd: i32): i64 {
  const length = lengthOf(number);
  let at = mantissaEnd + 1;
  const negative = byteAt(number, at) == MINUS;
  if (negative || byteAt(number, at) == PLUS) at++;
  let exponent: i64 = 0;
  for (; at < length && exponent < LARGEST_EXPONENT; at++) exponent = exponent * 10 + <i64>(byteAt(number, at) - ZERO);
  return negative ? -exponent : exponent;
}
