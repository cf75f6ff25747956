import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { HeaderMapType } from "./types.ts";
import { NO_BYTES, fromBinaryString, toBinaryString } from "../bytes.ts";
import { HeaderMap } from "../header-map.ts";
import { marshalPairs, pairName } from "../pairs.ts";

const LAST_MAP = HeaderMapType.HttpCallResponseTrailers;
const NO_HEADERS = new HeaderMap();

/** Reads the map's type and a header's name, and notes them; or says what is wrong with them. */
function readName(scope: HostCallScope, type: number, pointer: number, size: number): string | Status {
  if (type >>> 0 > LAST_MAP) return Status.BadArgument;
  scope.noteConstant("map", HeaderMapType, type);
  const name = scope.memory.read(pointer, size);
  if (name === undefined) return Status.InvalidMemoryAccess;
  scope.note("name", name);
  return toBinaryString(name);
}

function change(
  scope: HostCallScope,
  type: number,
  name: readonly [pointer: number, size: number],
  value: readonly [pointer: number, size: number],
  apply: (map: HeaderMap, name: string, value: Uint8Array) => void,
): Status {
  const key = readName(scope, type, ...name);
  if (typeof key !== "string") return key;
  const bytes = scope.memory.read(...value);
  if (bytes === undefined) return Status.InvalidMemoryAccess;
  scope.note("value", bytes);
  const map = scope.context.writableHeaderMap(type);
  if (map === undefined) return Status.BadArgument;
  apply(map, key, bytes);
  return Status.Ok;
}

export const headerFunctions = {
  /** The first value only, whatever the upstream makes of the others. */
  proxy_get_header_map_value(
    scope: HostCallScope,
    type: number,
    namePointer: number,
    nameSize: number,
    valuePointerPointer: number,
    valueSizePointer: number,
  ): Status {
    const name = readName(scope, type, namePointer, nameSize);
    if (typeof name !== "string") return name;
    const map = scope.context.headerMap(type);
    // A map that the stream's phase does not have is an error, except while the access log is written.
    if (map === undefined) return scope.context.logging ? Status.NotFound : Status.BadArgument;
    const value = map.getBytes(name);
    if (value === undefined) return Status.NotFound;
    scope.note("value", value);
    return scope.returnBytes(value, valuePointerPointer, valueSizePointer);
  },

  proxy_add_header_map_value(
    scope: HostCallScope,
    type: number,
    namePointer: number,
    nameSize: number,
    valuePointer: number,
    valueSize: number,
  ): Status {
    return change(scope, type, [namePointer, nameSize], [valuePointer, valueSize], (map, name, value) => {
      map.add(name, value);
    });
  },

  proxy_replace_header_map_value(
    scope: HostCallScope,
    type: number,
    namePointer: number,
    nameSize: number,
    valuePointer: number,
    valueSize: number,
  ): Status {
    return change(scope, type, [namePointer, nameSize], [valuePointer, valueSize], (map, name, value) => {
      map.set(name, value);
    });
  },

  proxy_remove_header_map_value(scope: HostCallScope, type: number, namePointer: number, nameSize: number): Status {
    const name = readName(scope, type, namePointer, nameSize);
    if (typeof name !== "string") return name;
    const map = scope.context.writableHeaderMap(type);
    if (map === undefined) return Status.BadArgument;
    map.remove(name);
    return Status.Ok;
  },

  /** A map the phase does not have is no error here: it has no pairs. */
  proxy_get_header_map_pairs(scope: HostCallScope, type: number, pointerPointer: number, sizePointer: number): Status {
    if (type >>> 0 > LAST_MAP) return Status.BadArgument;
    scope.noteConstant("map", HeaderMapType, type);
    const pairs = [...(scope.context.headerMap(type) ?? NO_HEADERS).pairs()].map(([name, value]) => {
      return [fromBinaryString(name), value] as const;
    });
    scope.notePairs("pairs", pairs);
    return scope.returnBytes(pairs.length === 0 ? NO_BYTES : marshalPairs(pairs), pointerPointer, sizePointer);
  },

  proxy_set_header_map_pairs(scope: HostCallScope, type: number, pointer: number, size: number): Status {
    if (type >>> 0 > LAST_MAP) return Status.BadArgument;
    scope.noteConstant("map", HeaderMapType, type);
    const pairs = scope.readPairs(pointer, size);
    if (pairs === undefined) return Status.InvalidMemoryAccess;
    scope.notePairs("pairs", pairs);
    const map = scope.context.writableHeaderMap(type);
    if (map === undefined) return Status.BadArgument;
    map.clear();
    for (const pair of pairs) map.add(pairName(pair), pair[1]);
    return Status.Ok;
  },

  /** Bytes of all names and values, not their number. */
  proxy_get_header_map_size(scope: HostCallScope, type: number, sizePointer: number): Status {
    if (type >>> 0 > LAST_MAP) return Status.BadArgument;
    scope.noteConstant("map", HeaderMapType, type);
    const map = scope.context.writableHeaderMap(type);
    if (map === undefined) return Status.BadArgument;
    return scope.returnU32(sizePointer, map.byteSize);
  },
};
