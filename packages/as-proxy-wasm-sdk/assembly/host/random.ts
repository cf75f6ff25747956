import { OUT, clearOut } from "../memory/out-parameters";
import { Status, noteStatus, statusOfErrno } from "./status";


@external("wasi_snapshot_preview1", "random_get")
declare function random_get(bytes: usize, size: usize): i32;

/** 64 bits from the host's cryptographic generator (`random_get`); on failure 0, with `lastStatus()`. */
export function randomU64(): u64 {
  clearOut();
  return noteStatus(statusOfErrno(random_get(OUT, 8))) == Status.Ok ? load<u64>(OUT) : 0;
}
