import { Slice, byteAt, equal, persist } from "as-bytes/assembly";
import { HeaderList, HeaderListWriter } from "../text/header-list";

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

/** Brings a stored response's fields up to date with those of a 304 or of a 200 to a HEAD (RFC 9111 §3.2). */
export class HeaderUpdate {
  private stored: HeaderList = new HeaderList();
  private update: HeaderList = new HeaderList();

  /**
   * Writes the fields as they are after it; both are header lists, and `update` has none of those that are "excepted from
   * storage in Section 3.1" (`StoragePolicy.withholds`). "the cache MUST add each header field in the provided response to
   * the stored response, replacing field values that are already present": all lines of a name give way to all of the
   * update's.
   */
  write(into: HeaderListWriter, stored: Slice, update: Slice): void {
    const kept = this.stored;
    kept.begin(stored);
    while (kept.next()) {
      if (!isUpdated(kept.name) || !this.hasUpdate(update, kept.name)) into.add(kept.name, kept.value);
    }
    const added = this.update;
    added.begin(update);
    while (added.next()) {
      if (isUpdated(added.name)) into.add(added.name, added.value);
    }
  }

  private hasUpdate(update: Slice, name: Slice): bool {
    this.update.begin(update);
    while (this.update.next()) {
      if (equal(this.update.name, name)) return true;
    }
    return false;
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
