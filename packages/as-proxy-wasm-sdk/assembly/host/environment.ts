import { arenaAllocate } from "../memory/arena";
import { OUT, OUT_2, clearOut } from "../memory/out-parameters";
import { Status, noteStatus, statusOfErrno } from "./status";


@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): i32;


@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, texts: usize): i32;

/**
 * An environment variable of the VM (`environ_sizes_get`, `environ_get`), or null when it is not set or the host fails
 * (`lastStatus()`). For configure time: it reads all of them. Envoy gives a VM only what its configuration names.
 */
export function environmentVariable(name: string): string | null {
  clearOut();
  if (noteStatus(statusOfErrno(environ_sizes_get(OUT, OUT_2))) != Status.Ok) return null;
  const count = <u64>load<u32>(OUT);
  const size = <u64>load<u32>(OUT_2);
  if (count == 0 || size == 0) return notSet();
  const whole = count * 4 + size;
  if (whole > <u64>i32.MAX_VALUE) return failed(Status.InternalFailure);
  const pointers = arenaAllocate(<usize>whole);
  if (pointers == 0) return failed(Status.InternalFailure);
  const texts = pointers + ((<usize>count) << 2);
  if (noteStatus(statusOfErrno(environ_get(pointers, texts))) != Status.Ok) return null;
  return find(name, texts, texts + <usize>size);
}

/** Reads `NAME=value` texts with a NUL after each; the host's pointers to them say nothing more and need no trust. */
function find(name: string, from: usize, end: usize): string | null {
  const prefix = String.UTF8.encode(name + "=");
  const prefixSize = <usize>prefix.byteLength;
  for (let at = from; at < end;) {
    let textEnd = at;
    while (textEnd < end && load<u8>(textEnd) != 0) textEnd++;
    if (textEnd - at >= prefixSize && memory.compare(at, changetype<usize>(prefix), prefixSize) == 0) {
      return String.UTF8.decodeUnsafe(at + prefixSize, textEnd - at - prefixSize);
    }
    at = textEnd + 1;
  }
  return notSet();
}

function notSet(): string | null {
  return failed(Status.NotFound);
}

function failed(status: Status): string | null {
  noteStatus(status);
  return null;
}
