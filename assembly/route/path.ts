import { ByteBuffer, Slice, indexOf, isPresent } from "as-bytes/assembly";

const QUESTION_MARK: i32 = 0x3f;

/**
 * Writes the path that a record gives: with `query`, the client's (without its question mark; `NONE` when there is
 * none), unless the record's path has a query of its own.
 */
export function appendPathKeepingQuery(into: ByteBuffer, path: Slice, query: Slice): void {
  into.bytes(path);
  if (isPresent(query) && indexOf(path, QUESTION_MARK) < 0) into.byte(QUESTION_MARK).bytes(query);
}
