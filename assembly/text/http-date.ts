import { ByteBuffer, Slice, byteAt, indexOf, isDigit, lengthOf, lowerCase } from "as-bytes/assembly";

/** What `parseHttpDate` returns for what is no date. */
export const INVALID_DATE: i64 = i64.MIN_VALUE;

const SECOND: i64 = 1000;
const DAY: i64 = 24 * 3600 * SECOND;
/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: four digits have no other years. */
const FIRST_TIME: i64 = -719_528 * DAY;
const LAST_TIME: i64 = 2_932_897 * DAY - SECOND;

const SPACE: i32 = 0x20;
const COMMA: i32 = 0x2c;
const DASH: i32 = 0x2d;
const COLON: i32 = 0x3a;
const ZERO: i32 = 0x30;

const IMF_LENGTH: i32 = 29;
const ASCTIME_LENGTH: i32 = 24;
/** The length of an RFC 850 date from the comma on. */
const RFC850_REST: i32 = 24;

/** Three letters each. */
const MONTHS: string = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS: string = "SunMonTueWedThuFriSat";
/** What follows the first three letters in RFC 850's names of the days. */
const REST_OF_DAYS: StaticArray<string> = ["day", "day", "sday", "nesday", "rsday", "day", "urday"];

/**
 * An HTTP-date (RFC 9110 §5.6.7) in milliseconds since 1970; `INVALID_DATE` for anything else. `now` decides on the
 * century of a two-digit year.
 *
 * "A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date formats", and "a cache
 * recipient SHOULD match the field value case-insensitively" (RFC 9111 §4.2). Nothing else is let through that other
 * caches let through (a missing comma, `UTC`, `2:01:18`): to read a date that the origin did not write is to guess how
 * long its response is good for, and "a cache recipient MUST interpret invalid date formats [...] as representing a time
 * in the past" (RFC 9111 §5.3). Whether the day of the week is the date's is nobody's business: no recipient is told to
 * look.
 */
export function parseHttpDate(value: Slice, now: i64): i64 {
  const length = lengthOf(value);
  // Sun, 06 Nov 1994 08:49:37 GMT
  if (length == IMF_LENGTH && byteAt(value, 3) == COMMA) return dayIndex(value) >= 0 ? imfTime(value) : INVALID_DATE;
  // Sun Nov  6 08:49:37 1994
  if (length == ASCTIME_LENGTH && byteAt(value, 3) == SPACE) {
    return dayIndex(value) >= 0 ? asctimeTime(value) : INVALID_DATE;
  }
  // Sunday, 06-Nov-94 08:49:37 GMT
  const comma = indexOf(value, COMMA);
  return comma >= 0 && length == comma + RFC850_REST && isLongDay(value, comma)
    ? rfc850Time(value, comma, now)
    : INVALID_DATE;
}

/** Appends the time as IMF-fixdate, "the preferred format" (RFC 9110 §5.6.7), at most a second too early. */
export function appendHttpDate(into: ByteBuffer, time: i64): void {
  const clamped = min(max(time, FIRST_TIME), LAST_TIME);
  const day = floorDivide(clamped, DAY);
  const seconds = <i32>((clamped - day * DAY) / SECOND);
  // 1970-01-01 was a Thursday.
  appendName(into, DAYS, <i32>(((day % 7) + 7 + 4) % 7));
  into.byte(COMMA).byte(SPACE);
  appendDate(into, day);
  into.byte(SPACE);
  appendDigits(into, seconds / 3600, 2);
  into.byte(COLON);
  appendDigits(into, (seconds / 60) % 60, 2);
  into.byte(COLON);
  appendDigits(into, seconds % 60, 2);
  into.text(" GMT");
}

function imfTime(value: Slice): i64 {
  const hasMarks = hasSpaceAt(value, 4) && hasSpaceAt(value, 7) && hasSpaceAt(value, 11) && endsInGmt(value, 25);
  return hasMarks
    ? timeOf(digitsAt(value, 12, 4), monthAt(value, 8), digitsAt(value, 5, 2), timeOfDay(value, 16))
    : INVALID_DATE;
}

function asctimeTime(value: Slice): i64 {
  const day = byteAt(value, 8) == SPACE ? digitsAt(value, 9, 1) : digitsAt(value, 8, 2);
  const hasMarks = hasSpaceAt(value, 7) && hasSpaceAt(value, 19);
  return hasMarks ? timeOf(digitsAt(value, 20, 4), monthAt(value, 4), day, timeOfDay(value, 10)) : INVALID_DATE;
}

function rfc850Time(value: Slice, comma: i32, now: i64): i64 {
  const hasMarks =
    hasSpaceAt(value, comma + 1) &&
    byteAt(value, comma + 4) == DASH &&
    byteAt(value, comma + 8) == DASH &&
    endsInGmt(value, comma + 20);
  const twoDigits = digitsAt(value, comma + 9, 2);
  if (!hasMarks || twoDigits < 0) return INVALID_DATE;
  const month = monthAt(value, comma + 5);
  const day = digitsAt(value, comma + 2, 2);
  const clock = timeOfDay(value, comma + 11);
  // "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST interpret a timestamp that
  // appears to be more than 50 years in the future as representing the most recent year in the past that had the same
  // last two digits." (RFC 9110 §5.6.7)
  const thisYear = yearOf(now);
  let year = thisYear - (thisYear % 100) + twoDigits + 100;
  while (year > thisYear + 50) year -= 100;
  const time = timeOf(year, month, day, clock);
  const isOverFiftyYears = year == thisYear + 50 && timeOfYear(month, day, clock) > timeOfYearAt(now);
  return timeOf(isOverFiftyYears ? year - 100 : year, month, day, clock);
}

/** A number that orders moments of a year, whether it has a leap day or not. */
function timeOfYear(month: i32, day: i32, clock: i64): i64 {
  return <i64>(month * 32 + day) * DAY + clock;
}

function timeOfYearAt(time: i64): i64 {
  const day = floorDivide(time, DAY);
  const year = yearOf(time);
  const month = monthOf(year, day);
  return timeOfYear(month, <i32>(day - daysBefore(year, month)) + 1, time - day * DAY);
}

/** The milliseconds since 1970 of a moment; `INVALID_DATE` where any part is negative or there is no such day. */
function timeOf(year: i32, month: i32, day: i32, clock: i64): i64 {
  if (year < 0 || month < 0 || clock < 0 || day < 1 || day > daysIn(year, month)) return INVALID_DATE;
  return (daysBefore(year, month) + <i64>(day - 1)) * DAY + clock;
}

/** ` hh:mm:ss` at `at` in milliseconds, or -1. */
function timeOfDay(value: Slice, at: i32): i64 {
  if (!hasSpaceAt(value, at) || byteAt(value, at + 3) != COLON || byteAt(value, at + 6) != COLON) return -1;
  const hour = digitsAt(value, at + 1, 2);
  const minute = digitsAt(value, at + 4, 2);
  const second = digitsAt(value, at + 7, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  // "The recipient MUST internally represent a parsed HTTP-date as the nearest time equal to or earlier than the received
  // value." (RFC 9111 §4.2) Milliseconds since 1970 have no leap second.
  return <i64>(hour * 3600 + minute * 60 + min(second, 59)) * SECOND;
}

/** The number that `count` digits at `at` make, or -1. */
function digitsAt(value: Slice, at: i32, count: i32): i32 {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const byte = byteAt(value, i);
    if (!isDigit(byte)) return -1;
    number = number * 10 + (byte - ZERO);
  }
  return number;
}


@inline
function hasSpaceAt(value: Slice, at: i32): bool {
  return byteAt(value, at) == SPACE;
}

/** "A cache recipient SHOULD consider a date with a zone abbreviation other than "GMT" to be invalid." (RFC 9111 §4.2) */
function endsInGmt(value: Slice, at: i32): bool {
  return hasSpaceAt(value, at) && hasTextAt(value, at + 1, "GMT", 0, 3);
}

/** The month named at `at`, from 0, or -1. */
function monthAt(value: Slice, at: i32): i32 {
  return nameAt(value, at, MONTHS);
}

/** The day of the week named at the start, from Sunday, or -1. */
function dayIndex(value: Slice): i32 {
  return nameAt(value, 0, DAYS);
}

/** Whether the first `length` bytes are a day's whole name. */
function isLongDay(value: Slice, length: i32): bool {
  const day = dayIndex(value);
  if (day < 0) return false;
  const rest = unchecked(REST_OF_DAYS[day]);
  return length == 3 + rest.length && hasTextAt(value, 3, rest, 0, rest.length);
}

/** Which of the three-letter names in `names` stands at `at`, in either case; -1 for none. */
function nameAt(value: Slice, at: i32, names: string): i32 {
  for (let i = 0; i < names.length; i += 3) {
    if (hasTextAt(value, at, names, i, 3)) return i / 3;
  }
  return -1;
}

/** Whether the ASCII letters `text[start, start + length)` stand at `at`, in either case. */
function hasTextAt(value: Slice, at: i32, text: string, start: i32, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (lowerCase(byteAt(value, at + i)) != lowerCase(text.charCodeAt(start + i))) return false;
  }
  return true;
}


@inline
function isLeapYear(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 1) return isLeapYear(year) ? 29 : 28;
  return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
}

/** The days from 1970-01-01 to the first of that month (from 0) in the Gregorian calendar. */
function daysBefore(year: i32, month: i32): i64 {
  // Years that begin in March: the leap day is their last.
  const shifted = month < 2 ? year - 1 : year;
  const era = floorDivide(<i64>shifted, 400);
  const yearOfEra = <i64>shifted - era * 400;
  const dayOfYear = <i64>((153 * (month < 2 ? month + 10 : month - 2) + 2) / 5);
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
}

function yearOf(time: i64): i32 {
  const day = floorDivide(min(max(time, FIRST_TIME), LAST_TIME), DAY);
  let year = <i32>(1970 + floorDivide(day * 400, 146_097));
  if (daysBefore(year, 0) > day) year--;
  else if (daysBefore(year + 1, 0) <= day) year++;
  return year;
}

/** The month, from 0, of a day of that year. */
function monthOf(year: i32, day: i64): i32 {
  let month = 11;
  while (month > 0 && daysBefore(year, month) > day) month--;
  return month;
}

/** Appends `dd Mon yyyy`. */
function appendDate(into: ByteBuffer, day: i64): void {
  const year = yearOf(day * DAY);
  const month = monthOf(year, day);
  appendDigits(into, <i32>(day - daysBefore(year, month)) + 1, 2);
  into.byte(SPACE);
  appendName(into, MONTHS, month);
  into.byte(SPACE);
  appendDigits(into, year, 4);
}

function appendName(into: ByteBuffer, names: string, index: i32): void {
  for (let i = 3 * index; i < 3 * index + 3; i++) into.byte(names.charCodeAt(i));
}

function appendDigits(into: ByteBuffer, number: i32, count: i32): void {
  let scale = 1;
  for (let i = 1; i < count; i++) scale *= 10;
  for (; scale > 0; scale /= 10) into.byte(ZERO + ((number / scale) % 10));
}


@inline
function floorDivide(a: i64, b: i64): i64 {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}
