import { ByteBuffer, NONE, Slice, equal, isPresent, lengthOf, persist, pointerOf } from "as-bytes/assembly";
import { DAY, HOUR } from "../config/duration";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { EnvelopeWriter, sealEnvelope } from "./envelope";
import { Recency } from "./recency";
import { ReuseTerms } from "./reuse-terms";
import { StoredHeaders } from "./stored-headers";
import { Finding } from "./stored-responses";
import { VaryNames } from "./vary";
import { Visit } from "./visit";

const ETAG = persist("etag");
const LAST_MODIFIED = persist("last-modified");
const VARY = persist("vary");

/** For how many milliseconds a response that can be validated stays in Redis when it is of no use without. */
const KEPT_FOR_VALIDATION: i64 = HOUR;

/** Indexes are small, and without theirs no variant is found: they outlive most of them. */
const INDEX_TTL: i64 = DAY;

/** Stores responses, in the local store at once and for other gateways, and forgets what they outdate. */
export class ResponseSaver {
  private writer: EnvelopeWriter = new EnvelopeWriter();
  private headers: StoredHeaders = new StoredHeaders();
  private names: VaryNames = new VaryNames();
  private recency: Recency = new Recency();
  private key: ByteBuffer = new ByteBuffer();

  constructor(private parts: CacheParts) {}

  /** Stores what was recorded of the response to this request; false where it may not be, or there is no room. */
  saveRecorded(visit: Visit): bool {
    const recording = visit.recording;
    const room = this.reserve(visit, recording.fieldList, recording.bodyLength);
    if (room == NONE) return false;
    if (!recording.copyBody(room)) {
      this.parts.responses.removeWritten();
      return false;
    }
    this.finish(visit);
    return true;
  }

  /** Stores a response of these fields and this body, which must not lie in the store. */
  save(visit: Visit, fields: Slice, body: Slice): bool {
    const room = this.reserve(visit, fields, lengthOf(body));
    if (room == NONE) return false;
    memory.copy(pointerOf(room), pointerOf(body), <usize>lengthOf(body));
    this.finish(visit);
    return true;
  }

  /** Whether a more recent answer to such a request has come than the one to this request: then it is of no use to others. */
  isOutdated(visit: Visit): bool {
    const parts = this.parts;
    const responses = parts.responses;
    const primary = visit.key.view();
    const recency = this.recency;
    recency.set(visit.generatedAt, visit.requestTime);
    if (responses.find(primary, visit.uriHash, visit.request) == Finding.Found) {
      if (responses.foundRecency.isMoreRecentThan(recency)) return true;
      if (recency.generatedAt == 0) recency.generatedAt = responses.foundRecency.generatedAt;
    }
    if (parts.latestAnswers.isOutdated(primary, recency)) return true;
    for (let place = 0; responses.appendKeyAt(this.key.clear(), primary, visit.request, place); place++) {
      if (parts.latestAnswers.isOutdated(this.key.view(), recency)) return true;
    }
    return false;
  }

  /**
   * A full answer to this request has come that is not stored. "the cache MUST use the full response to satisfy the request"
   * (RFC 9111 §4.3.3): whatever such a request selects, under every list of names, is outdated, and what is older than the
   * answer and comes in later is, too.
   */
  outdate(visit: Visit): void {
    if (!this.isOutdated(visit)) this.outdateSelected(visit, NONE, visit.hasRead);
  }

  private reserve(visit: Visit, fields: Slice, bodyLength: i32): Slice {
    const parts = this.parts;
    // Invalidated after it was asked for: it may be from before what was changed.
    if (parts.marks.latest(visit.uriHash) >= visit.requestTime) return NONE;
    this.headers.begin(fields);
    if (!this.names.read(this.headers.get(VARY))) return NONE;
    if (this.isOutdated(visit)) return NONE;
    const writer = this.writer;
    writer.status = visit.status;
    writer.terms.copyFrom(visit.terms);
    writer.recency.set(this.recency.generatedAt, this.recency.requestTime);
    writer.key = visit.key.view();
    writer.tags = visit.tags.view();
    writer.fields = fields;
    const room = parts.responses.write(writer, this.names.view(), visit.request, bodyLength);
    if (room == NONE) this.outdateSelected(visit, NONE, false);
    return room;
  }

  private finish(visit: Visit): void {
    const parts = this.parts;
    const responses = parts.responses;
    parts.counts.add(CacheCount.Stored);
    if (visit.terms.isUsableAt(visit.terms.receivedAt)) this.unmark(visit);
    this.outdateSelected(visit, responses.writtenKey, false);
    const shared = parts.shared;
    if (!shared) return;
    const ttl = this.sharedTtl(visit.terms);
    if (ttl <= 0) return;
    sealEnvelope(responses.writtenBytes);
    if (responses.indexBytes != NONE) shared.put(visit.key.view(), responses.indexBytes, max(ttl, INDEX_TTL));
    shared.put(responses.writtenKey, responses.writtenBytes, ttl);
  }

  /** Responses like it can be shared. */
  private unmark(visit: Visit): void {
    this.parts.hitForMiss.remove(visit.key.view());
    this.parts.hitForMiss.remove(this.parts.responses.writtenKey);
  }

  /**
   * Forgets what this request selects that is not more recent than `recency`, but for what lies under the key `written`;
   * `hasRead` is whether this worker has what Redis has of it.
   */
  private outdateSelected(visit: Visit, written: Slice, hasRead: bool): void {
    const parts = this.parts;
    const latestAnswers = parts.latestAnswers;
    const primary = visit.key.view();
    const shared = parts.shared;
    const key = this.key;
    for (let place = 0; parts.responses.appendKeyAt(key.clear(), primary, visit.request, place); place++) {
      if (equal(key.view(), written)) continue;
      const isRemoved = parts.responses.removeOutdated(key.view(), this.recency);
      // Where answers are never stored, Redis is told once and not each time.
      const isKnown = hasRead || latestAnswers.has(key.view());
      if (written == NONE) latestAnswers.add(key.view(), this.recency);
      if (shared && (isRemoved || !isKnown)) shared.forget(key.view());
    }
  }

  private sharedTtl(terms: ReuseTerms): i64 {
    const canBeValidated = isPresent(this.headers.first(ETAG)) || isPresent(this.headers.first(LAST_MODIFIED));
    return terms.usableFor + (canBeValidated ? KEPT_FOR_VALIDATION : 0);
  }
}
