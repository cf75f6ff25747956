import { ByteBuffer, NONE, Slice, persist } from "as-bytes/assembly";
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
 * until now is unusable in all workers of this proxy, whoever it was stored for; in Redis, what was stored for requests like
 * this one is gone, too.
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
    this.forget(visit.key.view(), visit.uriHash, now);
    this.forgetReferenced(visit, response.first(LOCATION), now);
    this.forgetReferenced(visit, response.first(CONTENT_LOCATION), now);
  }

  private forgetReferenced(visit: Visit, reference: Slice, now: i64): void {
    const request = visit.request;
    const target = this.target.clear();
    const isOwn = appendInvalidated(target, reference, schemeOf(request), request.get(AUTHORITY), request.get(PATH));
    if (!isOwn) return;
    const outcome = visit.outcome.length > 0 ? visit.outcome.view() : NONE;
    this.keys.appendFor(this.key.clear(), target.view(), request, outcome);
    this.forget(this.key.view(), uriHashOf(this.key.view(), this.keys.uriLength), now);
  }

  private forget(key: Slice, uriHash: u64, now: i64): void {
    const parts = this.parts;
    parts.marks.mark(uriHash, now);
    parts.responses.remove(key);
    parts.counts.add(CacheCount.Invalidations);
    const shared = parts.shared;
    if (shared) shared.forget(key);
  }
}
