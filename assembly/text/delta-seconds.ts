import { Slice, byteAt, isDigit, lengthOf } from "as-bytes/assembly";

/** What `parseDeltaSeconds` returns for what is no number of seconds. */
export const INVALID_DELTA: i64 = -1;

const SECOND: i64 = 1000;

/** 2^31 seconds in milliseconds: the most that `parseDeltaSeconds` returns. */
export const LARGEST_DELTA: i64 = 2_147_483_648 * SECOND;

const ZERO: i32 = 0x30;

/**
 * delta-seconds (RFC 9111 §1.2.2), "a non-negative integer, representing time in seconds", in milliseconds;
 * `INVALID_DELTA` for anything but digits.
 *
 * "If a cache receives a delta-seconds value greater than the greatest integer it can represent, or if any of its
 * subsequent calculations overflows, the cache MUST consider the value to be 2147483648 (2^31) or the greatest positive
 * integer it can conveniently represent."
 */
export function parseDeltaSeconds(value: Slice): i64 {
  const length = lengthOf(value);
  let delta: i64 = 0;
  for (let i = 0; i < length; i++) {
    const byte = byteAt(value, i);
    if (!isDigit(byte)) return INVALID_DELTA;
    // At most 2^31 × 10 + 9, whatever the number of digits.
    delta = min(delta * 10 + <i64>(byte - ZERO), LARGEST_DELTA / SECOND);
  }
  return length > 0 ? delta * SECOND : INVALID_DELTA;
}
