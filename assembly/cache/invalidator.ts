import { ByteBuffer, NONE, Slice, persist, sub } from "as-bytes/assembly";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { appendInvalidated } from "./invalidation-targets";
import { PrimaryKeys, schemeOf, uriHashOf } from "./key";
import { StoredHeaders } from "./stored-headers";
import { Visit } from "./visit";

const AUTHORITY = persist(":authority");
const CONTENT_LOCATION = persist("content-location");
const LOCATION = persist("location");
const PATH = persist(":path");

/**
 * Forgets what is stored for the URIs that a request has changed (RFC 9111 §4.4). Everything for such a URI that was received
 * until now is unusable in all workers of this proxy, whoever it was stored for; and what Redis has of it is for all.
 */
export class Invalidator {
  private keys: PrimaryKeys;
  private key: ByteBuffer = new ByteBuffer();
  private target: ByteBuffer = new ByteBuffer();

  constructor(private parts: CacheParts) {
    this.keys = new PrimaryKeys(parts.config.ignoredQuery, parts.config.keyHeaders);
  }

  /** `visit` is the request with the unsafe method, `response` what it was answered. */
  invalidate(visit: Visit, response: StoredHeaders, now: i64): void {
    this.forget(visit.key.view(), visit.uriLength, now);
    this.forgetReferenced(visit, response.first(LOCATION), now);
    this.forgetReferenced(visit, response.first(CONTENT_LOCATION), now);
  }

  private forgetReferenced(visit: Visit, reference: Slice, now: i64): void {
    const request = visit.request;
    const target = this.target.clear();
    const isOwn = appendInvalidated(target, reference, schemeOf(request), request.get(AUTHORITY), request.get(PATH));
    if (!isOwn) return;
    this.keys.appendFor(this.key.clear(), target.view(), request, NONE);
    this.forget(this.key.view(), this.keys.uriLength, now);
  }

  /** Forgets the URI that the first `uriLength` bytes of a primary key say. */
  private forget(key: Slice, uriLength: i32, now: i64): void {
    const parts = this.parts;
    parts.marks.mark(uriHashOf(key, uriLength), now);
    parts.responses.remove(key);
    parts.counts.add(CacheCount.Invalidations);
    const shared = parts.shared;
    if (shared) shared.invalidate(sub(key, 0, uriLength));
  }
}
