import { ByteBuffer, Slice, persist } from "as-bytes/assembly";
import { appendPercentEncodedWithDots } from "../text/percent-encoding";

const SLASH: i32 = 0x2f;

const GET = persist("/GET/");
const PSETEX = persist("/PSETEX/");

/** Asks for the reply as Redis gave it (RESP): binary-safe, and an error is told from data. */
const RAW = persist(".raw");

/** Asks for a reply that carries a mark; see `MarkedReplyReader`. */
const MARKED = persist(".json?jsonp=");

/** Writes the path of a `GET` request that reads a key, whose reply will carry `mark` (letters, digits and `_`). */
export function appendGet(into: ByteBuffer, database: i32, key: Slice, mark: Slice): void {
  appendDatabase(into, database);
  into.bytes(GET);
  appendArgument(into, key);
  into.bytes(MARKED).bytes(mark);
}

/** Writes the path of a `GET` request that reads a key, whose reply will be RESP: whatever bytes the value has. */
export function appendRawGet(into: ByteBuffer, database: i32, key: Slice): void {
  appendDatabase(into, database);
  into.bytes(GET);
  appendArgument(into, key);
  into.bytes(RAW);
}

/**
 * Writes the path of a `PUT` request that stores its body under a key for so many milliseconds, at least 1. Webdis takes
 * the body for the last argument, but an empty body for no argument at all: Redis then refuses the command.
 */
export function appendPsetex(into: ByteBuffer, database: i32, key: Slice, milliseconds: i64): void {
  appendDatabase(into, database);
  into.bytes(PSETEX);
  appendArgument(into, key);
  into.byte(SLASH).decimal(milliseconds).bytes(RAW);
}

/** Webdis' connections are to database 0 (its `database` setting) unless the path begins with another one's number. */
function appendDatabase(into: ByteBuffer, database: i32): void {
  if (database != 0) into.byte(SLASH).decimal(database);
}

/**
 * Webdis splits a path at `/` before it decodes escapes, reads `+` as a space, and takes what follows a dot in the last
 * argument for the format asked for.
 */
function appendArgument(into: ByteBuffer, argument: Slice): void {
  appendPercentEncodedWithDots(into, argument);
}
