import type { HostCallScope } from "./host-call-scope.ts";
import { Errno } from "./status.ts";
import type { LogLevel } from "./types.ts";
import { concatenate, toBytes, toText } from "../bytes.ts";

/** The levels at which Envoy logs what a module writes to a file descriptor. */
const LEVEL_OF_DESCRIPTOR = new Map<number, LogLevel>([
  [1, "info"],
  [2, "error"],
]);

const MAX_RANDOM_BYTES = 64 * 1024;
const RIGHTS_FD_WRITE = 64;

const REALTIME = 0;
const MONOTONIC = 1;

/** What functions say that do nothing, whatever they are called with; as seen on Envoy 1.40. */
const ALWAYS: Readonly<Record<string, number>> = {
  fd_advise: Errno.Success,
  fd_close: Errno.Success,
  fd_fdstat_set_flags: Errno.NoSystemCall,
  fd_filestat_get: Errno.BadFileDescriptor,
  fd_pread: Errno.NoSystemCall,
  fd_prestat_dir_name: Errno.NoSystemCall,
  fd_prestat_get: Errno.BadFileDescriptor,
  fd_read: Errno.NoSystemCall,
  fd_readdir: Errno.Exists,
  fd_renumber: Errno.BadFileDescriptor,
  fd_seek: Errno.Success,
  path_create_directory: Errno.NotSupported,
  path_filestat_get: Errno.NotSupported,
  path_filestat_set_times: Errno.NotSupported,
  path_link: Errno.NotSupported,
  path_open: Errno.NoEntry,
  path_readlink: Errno.NotSupported,
  path_remove_directory: Errno.NotSupported,
  path_rename: Errno.NotSupported,
  path_symlink: Errno.NotSupported,
  path_unlink_file: Errno.NotSupported,
  sched_yield: Errno.Success,
  sock_accept: Errno.NotSupported,
  sock_recv: Errno.NotSupported,
  sock_send: Errno.NotSupported,
  sock_shutdown: Errno.NotSupported,
};

/** Functions that do nothing, successfully, with standard output and error, and know no other file. */
const ON_OUTPUT = [
  "fd_allocate",
  "fd_datasync",
  "fd_fdstat_set_rights",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "fd_pwrite",
  "fd_sync",
  "fd_tell",
];

function onOutput(_scope: HostCallScope, descriptor: number): number {
  return LEVEL_OF_DESCRIPTOR.has(descriptor) ? Errno.Success : Errno.BadFileDescriptor;
}

/** The WASI functions Envoy's host offers. There are no files; what there is besides is refused as Envoy refuses it. */
export const wasiFunctions = {
  fd_write(scope: HostCallScope, descriptor: number, vectors: number, count: number, writtenPointer: number): number {
    const level = LEVEL_OF_DESCRIPTOR.get(descriptor);
    if (level === undefined) return Errno.BadFileDescriptor;
    const parts: Uint8Array[] = [];
    for (let index = 0; index < count >>> 0; index++) {
      const pointer = scope.memory.readU32((vectors >>> 0) + 8 * index);
      const size = scope.memory.readU32((vectors >>> 0) + 8 * index + 4);
      const part = pointer === undefined || size === undefined ? undefined : scope.memory.read(pointer, size);
      if (part === undefined) return Errno.Fault;
      parts.push(part);
    }
    const text = concatenate(parts);
    if (text.length > 0) {
      const message = toText(text).replace(/\n$/, "");
      scope.note("message", message);
      scope.log(level, message);
    }
    return scope.memory.writeU32(writtenPointer, text.length) ? Errno.Success : Errno.Fault;
  },

  ...Object.fromEntries(Object.entries(ALWAYS).map(([name, errno]) => [name, () => errno])),
  ...Object.fromEntries(ON_OUTPUT.map((name) => [name, onOutput])),

  fd_fdstat_get(scope: HostCallScope, descriptor: number, statPointer: number): number {
    if (!LEVEL_OF_DESCRIPTOR.has(descriptor)) return Errno.BadFileDescriptor;
    const stat = new Uint8Array(24);
    stat[8] = RIGHTS_FD_WRITE;
    scope.memory.write(statPointer, stat);
    return Errno.Success;
  },

  environ_sizes_get(scope: HostCallScope, countPointer: number, sizePointer: number): number {
    const entries = environment(scope);
    const size = entries.reduce((sum, entry) => sum + entry.length, 0);
    const written = scope.memory.writeU32(countPointer, entries.length) && scope.memory.writeU32(sizePointer, size);
    return written ? Errno.Success : Errno.Fault;
  },

  environ_get(scope: HostCallScope, arrayPointer: number, bufferPointer: number): number {
    let slot = arrayPointer >>> 0;
    let at = bufferPointer >>> 0;
    for (const entry of environment(scope)) {
      if (!scope.memory.writeU32(slot, at) || !scope.memory.write(at, entry)) return Errno.Fault;
      slot += 4;
      at += entry.length;
    }
    return Errno.Success;
  },

  args_get: () => Errno.Success,

  args_sizes_get(scope: HostCallScope, countPointer: number, sizePointer: number): number {
    const written = scope.memory.writeU32(countPointer, 0) && scope.memory.writeU32(sizePointer, 0);
    return written ? Errno.Success : Errno.Fault;
  },

  clock_time_get(scope: HostCallScope, clock: number, _precision: bigint, timePointer: number): number {
    if (clock !== REALTIME && clock !== MONOTONIC) return Errno.NotSupported;
    const { wallNanoseconds, monotonicNanoseconds } = scope.services.clock;
    const time = clock === REALTIME ? wallNanoseconds : monotonicNanoseconds;
    return scope.memory.writeU64(timePointer, time) ? Errno.Success : Errno.Fault;
  },

  random_get(scope: HostCallScope, pointer: number, size: number): number {
    const length = size >>> 0;
    if (length > MAX_RANDOM_BYTES) return Errno.Invalid;
    return scope.memory.write(pointer, scope.services.random.bytes(length)) ? Errno.Success : Errno.Fault;
  },

  clock_res_get(scope: HostCallScope, clock: number, resolutionPointer: number): number {
    if (clock !== REALTIME && clock !== MONOTONIC) return Errno.NotSupported;
    return scope.memory.writeU64(resolutionPointer, 1n) ? Errno.Success : Errno.Fault;
  },

  /** There is nothing to wait for: no event has come. */
  poll_oneoff(scope: HostCallScope, _in: number, _out: number, _count: number, eventsPointer: number): number {
    return scope.memory.writeU32(eventsPointer, 0) ? Errno.Success : Errno.Fault;
  },

  /** Envoy only logs it. The module runs on, which compilers do not expect: what follows is usually a trap. */
  proc_exit(): undefined {
    return undefined;
  },
};

/** `NAME=value`, closed by a NUL, for every variable the VM was given. */
function environment(scope: HostCallScope): Uint8Array[] {
  return Object.entries(scope.services.environment).map(([name, value]) => toBytes(`${name}=${value}\0`));
}
