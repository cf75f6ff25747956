import { NONE, Slice, lengthOf, pointerOf } from "as-bytes/assembly";
import { OUT, OUT_2, clearOut, returnedSlice } from "../memory/out-parameters";
import { HeaderPairs } from "./header-pairs";
import { PairsBuilder } from "./pairs-builder";
import { Status, noteStatus } from "./status";

/** `proxy_map_type_t`, without those of gRPC. */
export const enum HeaderMap {
  RequestHeaders = 0,
  RequestTrailers = 1,
  ResponseHeaders = 2,
  ResponseTrailers = 3,
  HttpCallResponseHeaders = 6,
  HttpCallResponseTrailers = 7,
}

const MAPS: u32 = 8;


@external("env", "proxy_get_header_map_value")
declare function proxy_get_header_map_value(
  map: u32,
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
): Status;

/**
 * A header's value (`proxy_get_header_map_value`): `NONE` when it is missing, an empty slice when it is there and
 * empty. Good until the callback returns. Envoy gives the first value of a repeated header only: where it matters that
 * a client may send several, read `headerPairs`. `lastStatus()`: `NotFound`, or `BadArgument` when the map is not
 * readable here.
 */
export function getHeader(map: HeaderMap, name: Slice): Slice {
  clearOut();
  return returnedSlice(proxy_get_header_map_value(map, pointerOf(name), lengthOf(name), OUT, OUT_2));
}


@external("env", "proxy_get_header_map_pairs")
declare function proxy_get_header_map_pairs(map: u32, pairs: usize, size: usize): Status;

/** One for each map, and a last one for numbers that are none: the host refuses them. */
const readers = new StaticArray<HeaderPairs | null>(<i32>MAPS + 1);

/**
 * All headers of a map (`proxy_get_header_map_pairs`); cheaper than single gets from three headers on. The reader is
 * the map's own, filled anew by every call and good until the callback returns; on an error (`lastStatus()`) it is
 * empty.
 */
export function headerPairs(map: HeaderMap): HeaderPairs {
  const reader = readerOf(map);
  clearOut();
  const status = proxy_get_header_map_pairs(map, OUT, OUT_2);
  if (!reader.parse(returnedSlice(status)) && status == Status.Ok) noteStatus(Status.ParseFailure);
  return reader;
}

function readerOf(map: HeaderMap): HeaderPairs {
  const index = <i32>min(<u32>map, MAPS);
  let reader = unchecked(readers[index]);
  // A reader that was filled outside of an `ArenaMark` stays its holder's.
  if (reader === null || reader.isOfOuterMark) {
    reader = new HeaderPairs();
    unchecked((readers[index] = reader));
  }
  return reader;
}


@external("env", "proxy_add_header_map_value")
declare function proxy_add_header_map_value(
  map: u32,
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
): Status;

/** Adds a value beside those the header has (`proxy_add_header_map_value`). `BadArgument` for a `NONE`. */
export function addHeader(map: HeaderMap, name: Slice, value: Slice): Status {
  if (name == NONE || value == NONE) return Status.BadArgument;
  return proxy_add_header_map_value(map, pointerOf(name), lengthOf(name), pointerOf(value), lengthOf(value));
}


@external("env", "proxy_replace_header_map_value")
declare function proxy_replace_header_map_value(
  map: u32,
  name: usize,
  nameSize: usize,
  value: usize,
  valueSize: usize,
): Status;

/**
 * Sets a header to this one value, whatever it had (`proxy_replace_header_map_value`). `BadArgument` for a `NONE`. The
 * host takes any bytes, and Envoy fails the request later when there is CR, LF or NUL among them: check values that
 * come from outside.
 */
export function replaceHeader(map: HeaderMap, name: Slice, value: Slice): Status {
  if (name == NONE || value == NONE) return Status.BadArgument;
  return proxy_replace_header_map_value(map, pointerOf(name), lengthOf(name), pointerOf(value), lengthOf(value));
}


@external("env", "proxy_remove_header_map_value")
declare function proxy_remove_header_map_value(map: u32, name: usize, nameSize: usize): Status;

/** Removes all values of a header (`proxy_remove_header_map_value`); `Ok` also when there was none. */
export function removeHeader(map: HeaderMap, name: Slice): Status {
  return proxy_remove_header_map_value(map, pointerOf(name), lengthOf(name));
}


@external("env", "proxy_set_header_map_pairs")
declare function proxy_set_header_map_pairs(map: u32, pairs: usize, size: usize): Status;

/** Replaces a whole map (`proxy_set_header_map_pairs`). `BadArgument` when the builder is over the host's limits. */
export function setHeaders(map: HeaderMap, pairs: PairsBuilder): Status {
  // What is over its limits the host reads as no headers at all, and says `Ok`.
  if (!pairs.valid) return Status.BadArgument;
  const view = pairs.view();
  return proxy_set_header_map_pairs(map, pointerOf(view), lengthOf(view));
}
