import { ByteBuffer, Slice } from "as-bytes/assembly";
import { DAY } from "../config/duration";
import { parseContentLength } from "../text/content-length";

/** For so many milliseconds a response is of use in Redis at most, whatever it says itself. */
export const MOST_SHARED: i64 = DAY;

/** So many milliseconds another gateway's clock may be ahead. What is from further ahead has no age that could be known. */
export const MOST_AHEAD: i64 = 5000;

/** For how long an invalidation is remembered in Redis: longer than anything is used that was asked for before it. */
export const INVALIDATION_TTL: i64 = MOST_SHARED + 2 * MOST_AHEAD;

/** The first byte of an invalidation's key. Those of responses begin with others. */
const INVALIDATION: i32 = 0x75;

/**
 * Appends the key under which Redis has when a URI was last invalidated. `uri` is what all primary keys of it begin with: an
 * unsafe request may be unlike others in all else that is in a key.
 */
export function appendInvalidationKey(into: ByteBuffer, uri: Slice): void {
  into.byte(INVALIDATION).bytes(uri);
}

/** The time that Redis has there, in wall-clock milliseconds; `now` where it is none, or one that is yet to come. */
export function invalidationTime(value: Slice, now: i64): i64 {
  const time = parseContentLength(value);
  return time >= 0 && time < now ? time : now;
}
