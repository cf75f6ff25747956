/** Milliseconds in the units that bounds are given in. */
export const SECOND: i64 = 1000;
export const MINUTE: i64 = 60 * SECOND;
export const HOUR: i64 = 60 * MINUTE;
export const DAY: i64 = 24 * HOUR;
export const YEAR: i64 = 365 * DAY;

/** What `parseDuration` returns instead of milliseconds. */
export const NOT_A_DURATION: i64 = -1;
export const NEGATIVE_DURATION: i64 = -2;
export const NOT_WHOLE_MILLISECONDS: i64 = -3;
export const DURATION_TOO_LONG: i64 = -4;

const NANOSECONDS: i64 = 1_000_000;
const YEAR_IN_NANOSECONDS: i64 = YEAR * NANOSECONDS;

/** So many digits of the largest unit, an hour, fit an i64 as nanoseconds; more of any unit are no whole millisecond. */
const MAX_FRACTION_DIGITS: i32 = 6;

const MINUS: i32 = 0x2d;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const MICRO_SIGN: i32 = 0xb5;
const GREEK_MU: i32 = 0x3bc;

/**
 * The milliseconds of a duration as Go writes them (`time.ParseDuration`): numbers with units (`250ms`, `1m30s`,
 * `1.5s`), or `0`. One of the negative constants above when the text is none, is negative, is not a whole number of
 * milliseconds or is over a year, beyond which nothing is configured.
 */
export function parseDuration(text: string): i64 {
  if (text == "0") return 0;
  const isNegative = text.length > 0 && text.charCodeAt(0) == MINUS;
  const duration = magnitudeOf(isNegative ? text.substring(1) : text);
  return isNegative && duration != NOT_A_DURATION ? NEGATIVE_DURATION : duration;
}

function magnitudeOf(text: string): i64 {
  let total: i64 = 0;
  let problem: i64 = text.length == 0 ? NOT_A_DURATION : 0;
  for (let at = 0; at < text.length;) {
    const point = skipDigits(text, at);
    const hasPoint = point < text.length && text.charCodeAt(point) == POINT;
    const fraction = hasPoint ? point + 1 : point;
    const end = skipDigits(text, fraction);
    const unit = unitAt(text, end);
    const hasDigits = point > at || end > fraction;
    if (!hasDigits || unit == 0) return NOT_A_DURATION;

    const whole = digitsUpTo(text, at, point, YEAR_IN_NANOSECONDS / unit);
    const parts = fractionOf(text, fraction, end, unit);
    if (whole < 0) problem = DURATION_TOO_LONG;
    else if (parts < 0) problem = NOT_WHOLE_MILLISECONDS;
    else total += whole * unit + parts;
    if (total > YEAR_IN_NANOSECONDS) {
      problem = DURATION_TOO_LONG;
      total = 0;
    }
    at = end + unitLength(text, end);
  }
  if (problem != 0) return problem;
  return total % NANOSECONDS == 0 ? total / NANOSECONDS : NOT_WHOLE_MILLISECONDS;
}

/** The duration as a configuration would give it, for messages: in the largest unit that divides it. */
export function formatDuration(milliseconds: i64): string {
  if (milliseconds == 0) return "0s";
  if (milliseconds % HOUR == 0) return (milliseconds / HOUR).toString() + "h";
  if (milliseconds % MINUTE == 0) return (milliseconds / MINUTE).toString() + "m";
  if (milliseconds % SECOND == 0) return (milliseconds / SECOND).toString() + "s";
  return milliseconds.toString() + "ms";
}

function skipDigits(text: string, from: i32): i32 {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: i32): bool {
  return code >= ZERO && code <= ZERO + 9;
}

/** The number that the digits from `start` to `end` make; -1 when it is over `most`. */
function digitsUpTo(text: string, start: i32, end: i32, most: i64): i64 {
  let number: i64 = 0;
  for (let i = start; i < end; i++) {
    number = number * 10 + <i64>(text.charCodeAt(i) - ZERO);
    if (number > most) return -1;
  }
  return number;
}

/** The nanoseconds of the digits after a point; -1 when they are not whole ones. */
function fractionOf(text: string, start: i32, end: i32, unit: i64): i64 {
  let last = end;
  while (last > start && text.charCodeAt(last - 1) == ZERO) last--;
  if (last - start > MAX_FRACTION_DIGITS) return -1;
  let scale: i64 = 1;
  let number: i64 = 0;
  for (let i = start; i < last; i++) {
    number = number * 10 + <i64>(text.charCodeAt(i) - ZERO);
    scale *= 10;
  }
  return (number * unit) % scale == 0 ? (number * unit) / scale : -1;
}

/** How many characters the unit at `at` has: the letters there, at most two. */
function unitLength(text: string, at: i32): i32 {
  // The `s` of `ms` belongs to it, and no unit of one letter is followed by a letter.
  return at + 1 < text.length && text.charCodeAt(at + 1) == 0x73 ? 2 : 1;
}

/** The nanoseconds of the unit at `at`; 0 when there is none. */
function unitAt(text: string, at: i32): i64 {
  if (at >= text.length) return 0;
  const first = text.charCodeAt(at);
  if (unitLength(text, at) == 2) {
    if (first == 0x6d) return NANOSECONDS;
    if (first == 0x75 || first == MICRO_SIGN || first == GREEK_MU) return 1000;
    return first == 0x6e ? 1 : 0;
  }
  if (first == 0x73) return SECOND * NANOSECONDS;
  if (first == 0x6d) return MINUTE * NANOSECONDS;
  return first == 0x68 ? HOUR * NANOSECONDS : 0;
}
