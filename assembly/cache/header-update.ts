import { ByteBuffer, Slice, byteAt, equal, isPresent, persist } from "as-bytes/assembly";
import { HeaderList, HeaderListWriter } from "../text/header-list";
import { StoredHeaders } from "./stored-headers";
import { VaryNames } from "./vary";

const COLON: i32 = 0x3a;

/**
 * The fields that no update changes (RFC 9111 §3.2): "The Content-Length header field", and "Header fields that the cache's
 * stored response depends upon". The body is kept as it came, so it depends on what says how its bytes are coded, which
 * part of a representation they are, and what they hash to. The entity tag says which response it is: one that differs
 * has selected nothing (§4.3.4), or is the same but for being weak, and the stored one has not become weaker.
 * `Content-Type` is no such field: nothing is made of the body that would depend on it.
 */
const NEVER_UPDATED: StaticArray<Slice> = [
  persist("content-length"),
  persist("content-encoding"),
  persist("content-range"),
  persist("content-md5"),
  persist("content-digest"),
  persist("repr-digest"),
  persist("digest"),
  persist("etag"),
];

const VARY = persist("vary");

/** Brings a stored response's fields up to date with those of a 304 or of a 200 to a HEAD (RFC 9111 §3.2). */
export class HeaderUpdate {
  private stored: HeaderList = new HeaderList();
  private update: HeaderList = new HeaderList();
  private updated: StoredHeaders = new StoredHeaders();
  private before: StoredHeaders = new StoredHeaders();
  private names: VaryNames = new VaryNames();
  private joined: ByteBuffer = new ByteBuffer();

  /**
   * Writes the fields as they are after it; both are header lists, and `update` has none of those that are "excepted from
   * storage in Section 3.1" (`StoragePolicy.withholds`). "the cache MUST add each header field in the provided response to
   * the stored response, replacing field values that are already present": all lines of a name give way to all of the
   * update's. But what `Vary` listed stays listed: the body was made for a request with the fields that were named then,
   * and a 304 from another hand than the body's (a server's own, a proxy's) may well leave some out.
   */
  write(into: HeaderListWriter, stored: Slice, update: Slice): void {
    this.updated.begin(update);
    this.before.begin(stored);
    const kept = this.stored;
    kept.begin(stored);
    while (kept.next()) {
      if (!isUpdated(kept.name) || !isPresent(this.updated.first(kept.name))) into.add(kept.name, kept.value);
    }
    const added = this.update;
    let hasVary = false;
    added.begin(update);
    while (added.next()) {
      if (!isUpdated(added.name)) continue;
      const isVary = equal(added.name, VARY);
      if (!isVary) into.add(added.name, added.value);
      else if (!hasVary) into.add(VARY, this.vary());
      hasVary = hasVary || isVary;
    }
  }

  /** The update's `Vary`, and behind it what else the stored one lists. */
  private vary(): Slice {
    const updated = this.updated.get(VARY);
    // With `*` there is nothing to be added to.
    if (!this.names.read(updated)) return updated;
    const joined = this.joined.clear().bytes(this.names.view());
    const length = joined.length;
    this.names.appendOthers(joined, this.before.get(VARY));
    return joined.length == length ? updated : joined.view();
  }
}

/** Whether an update may change the field of that name (lower case). */
export function isUpdated(name: Slice): bool {
  // A 304's `:status` is not the stored response's.
  if (byteAt(name, 0) == COLON) return false;
  for (let i = 0; i < NEVER_UPDATED.length; i++) {
    if (equal(name, unchecked(NEVER_UPDATED[i]))) return false;
  }
  return true;
}
