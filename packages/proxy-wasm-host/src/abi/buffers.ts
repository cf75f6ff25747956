import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { BufferType } from "./types.ts";

const LAST_BUFFER = BufferType.CallData;

export const bufferFunctions = {
  proxy_get_buffer_bytes(
    scope: HostCallScope,
    type: number,
    start: number,
    length: number,
    pointerPointer: number,
    sizePointer: number,
  ): Status {
    if (type >>> 0 > LAST_BUFFER) return Status.BadArgument;
    const from = start >>> 0;
    const wanted = length >>> 0;
    scope.noteConstant("buffer", BufferType, type);
    scope.note("start", from);
    scope.note("length", wanted);
    const buffer = scope.context.buffer(type);
    if (buffer === undefined) return Status.NotFound;
    const bytes = buffer.bytes.subarray(from, from + wanted);
    scope.note("bytes", bytes);
    return scope.returnBytes(bytes, pointerPointer, sizePointer);
  },

  proxy_get_buffer_status(scope: HostCallScope, type: number, lengthPointer: number, flagsPointer: number): Status {
    if (type >>> 0 > LAST_BUFFER) return Status.BadArgument;
    scope.noteConstant("buffer", BufferType, type);
    const buffer = scope.context.buffer(type);
    if (buffer === undefined) return Status.NotFound;
    if (!scope.memory.writeU32(lengthPointer, buffer.bytes.length)) return Status.InvalidMemoryAccess;
    return scope.returnU32(flagsPointer, 0);
  },

  proxy_set_buffer_bytes(
    scope: HostCallScope,
    type: number,
    start: number,
    length: number,
    dataPointer: number,
    dataSize: number,
  ): Status {
    if (type >>> 0 > LAST_BUFFER) return Status.BadArgument;
    scope.noteConstant("buffer", BufferType, type);
    scope.note("start", start >>> 0);
    scope.note("length", length >>> 0);
    const buffer = scope.context.buffer(type);
    if (buffer === undefined) return Status.NotFound;
    const data = scope.memory.read(dataPointer, dataSize);
    if (data === undefined) return Status.InvalidMemoryAccess;
    scope.note("data", data);
    return buffer.write(start >>> 0, length >>> 0, data);
  },
};
