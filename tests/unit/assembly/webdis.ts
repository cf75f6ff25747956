import { ByteBuffer, NONE, sub } from "as-bytes/assembly";
import { appendGet, appendPsetex } from "../../../assembly/webdis/command";
import { ReplyTokens } from "../../../assembly/webdis/reply-token";
import { RespReader } from "../../../assembly/webdis/resp";
import { atMemoryEnd, bytesOf, copyOf, optionalCopyOf } from "./bytes";

const resp = new RespReader();
const into = new ByteBuffer();

// The reader's slices point into the reply: it lives until the next one is read, at the end of memory if it fits.
let respReply: Uint8Array | null = null;

export function getPath(database: i32, key: Uint8Array, mark: Uint8Array): Uint8Array {
  appendGet(into.clear(), database, bytesOf(key), bytesOf(mark));
  return copyOf(into.view());
}

export function psetexPath(database: i32, key: Uint8Array, milliseconds: i64): Uint8Array {
  appendPsetex(into.clear(), database, bytesOf(key), milliseconds);
  return copyOf(into.view());
}

export function respRead(reply: Uint8Array | null): i32 {
  respReply = reply;
  return <i32>resp.read(reply ? atMemoryEnd(reply) : NONE);
}

/** Reads the first bytes only of a reply that goes on behind them. */
export function respReadFirst(reply: Uint8Array, length: i32): i32 {
  respReply = reply;
  return <i32>resp.read(sub(bytesOf(reply), 0, length));
}

export function respNext(): i32 {
  return <i32>resp.next();
}

export function respValue(): Uint8Array | null {
  return optionalCopyOf(resp.value);
}

export function respInteger(): i64 {
  return resp.integer;
}

export function respCount(): i32 {
  return resp.count;
}

/** The marks that a VM with this seed gives to its first two calls. */
export function firstMarks(seed: u64): Uint8Array {
  const tokens = new ReplyTokens(seed);
  tokens.append(into.clear(), tokens.issue());
  into.text(" ");
  tokens.append(into, tokens.issue());
  return copyOf(into.view());
}
