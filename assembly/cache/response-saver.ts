import { ByteBuffer, NONE, Slice, empty, equal, isPresent, lengthOf, persist, pointerOf } from "as-bytes/assembly";
import { HOUR } from "../config/duration";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { EnvelopeWriter, sealEnvelope } from "./envelope";
import { Recency } from "./recency";
import { ReuseTerms } from "./reuse-terms";
import { MOST_SHARED } from "./shared-invalidation";
import { StoredHeaders } from "./stored-headers";
import { Finding, Removal } from "./stored-responses";
import { VaryNames } from "./vary";
import { Visit } from "./visit";

const ETAG = persist("etag");
const LAST_MODIFIED = persist("last-modified");
const VARY = persist("vary");

/** For how many milliseconds a response that can be validated stays in Redis when it is of no use without. */
const KEPT_FOR_VALIDATION: i64 = HOUR;

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

  /**
   * Whether a more recent answer to such a request has come than the one to this request: then it is of no use to others.
   * `names` are those of its `Vary`.
   */
  isOutdated(visit: Visit, names: Slice): bool {
    const responses = this.parts.responses;
    const primary = visit.key.view();
    if (this.rank(visit) || this.isKnownOutdated(primary)) return true;
    // Of a list of names that is new here nobody has kept for which requests it is too late, and one without names, which may
    // have come from Redis since, is for all of them.
    const isForMore = lengthOf(names) == 0 || !responses.hasList(primary, names);
    if (isForMore && this.parts.latestAnswers.isOlderThanAny(primary, this.recency)) return true;
    const key = this.key;
    for (let place = 0; responses.appendKeyAt(key.clear(), primary, visit.request, place); place++) {
      if (this.isKnownOutdated(key.view())) return true;
    }
    responses.appendVariantOf(key.clear(), primary, names, visit.request);
    if (this.isKnownOutdated(key.view())) return true;
    responses.appendVariantOf(key.clear(), primary, empty(), visit.request);
    return this.isKnownOutdated(key.view());
  }

  /**
   * A full answer to this request has come that is not stored. "the cache MUST use the full response to satisfy the request"
   * (RFC 9111 §4.3.3): whatever such a request selects, under every list of names, is outdated, and what is older than the
   * answer and comes in later is, too. So it is where there is something more recent than the answer itself.
   */
  outdate(visit: Visit): void {
    this.rank(visit);
    this.outdateSelected(visit, NONE, visit.hasRead);
  }

  private isKnownOutdated(key: Slice): bool {
    return this.parts.latestAnswers.isOutdated(key, this.recency);
  }

  /** Sets `recency` for the answer to this request; says whether what is stored is more recent. */
  private rank(visit: Visit): bool {
    const responses = this.parts.responses;
    const recency = this.recency;
    recency.set(visit.generatedAt, visit.generatedAt > 0, visit.requestTime);
    const finding = responses.find(visit.key.view(), visit.uriHash, visit.request);
    const isFound = finding == Finding.Found;
    const latest = isFound ? responses.foundRecency : responses.gone;
    if (!isFound && !responses.hasGone) return false;
    if (latest.isMoreRecentThan(recency)) return true;
    recency.replace(latest);
    return false;
  }

  private reserve(visit: Visit, fields: Slice, bodyLength: i32): Slice {
    const parts = this.parts;
    // Invalidated after it was asked for: it may be from before what was changed.
    if (parts.marks.latest(visit.uriHash) >= visit.requestTime) return NONE;
    this.headers.begin(fields);
    if (!this.names.read(this.headers.get(VARY))) return NONE;
    if (this.isOutdated(visit, this.names.view())) {
      this.outdateSelected(visit, NONE, visit.hasRead);
      return NONE;
    }
    const writer = this.writer;
    writer.status = visit.status;
    writer.terms.copyFrom(visit.terms);
    writer.recency.copyFrom(this.recency);
    writer.key = visit.key.view();
    writer.tags = visit.tags.view();
    writer.fields = fields;
    this.noteReplaced(visit, this.names.view());
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
    if (responses.indexBytes != NONE) shared.put(visit.key.view(), responses.indexBytes, MOST_SHARED, this.recency);
    shared.put(responses.writtenKey, responses.writtenBytes, ttl, this.recency);
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
    const primary = visit.key.view();
    const shared = parts.shared;
    const key = this.key;
    const isStored = written != NONE;
    let isForgotten = false;
    for (let place = 0; parts.responses.appendKeyAt(key.clear(), primary, visit.request, place); place++) {
      if (equal(key.view(), written)) continue;
      const removal = parts.responses.removeOutdated(key.view(), this.recency);
      if (removal == Removal.MoreRecent) continue;
      // Where answers are never stored, Redis is told once and not each time.
      const isKnown = hasRead || parts.latestAnswers.has(key.view());
      if (isStored) parts.latestAnswers.addStored(key.view(), this.recency);
      else parts.latestAnswers.add(key.view(), this.recency);
      if (removal == Removal.Removed) parts.latestAnswers.addGone(key.view(), parts.responses.recencyThere);
      if (removal != Removal.Removed && isKnown) continue;
      isForgotten = true;
      if (shared) shared.forget(key.view(), this.recency);
    }
    const index = parts.responses.indexAt(primary);
    if (index == NONE) return;
    // Redis may have one without `Vary` where this worker has an index.
    parts.responses.appendVariantOf(key.clear(), primary, empty(), visit.request);
    if (!equal(key.view(), written)) parts.latestAnswers.addStored(key.view(), this.recency);
    if (!isStored) parts.latestAnswers.addAny(primary, this.recency);
    if (shared && isForgotten && !isStored) shared.put(primary, index, MOST_SHARED, this.recency);
  }

  /** An index takes the place of a response without `Vary`: one that is older than that one is outdated, too. */
  private noteReplaced(visit: Visit, names: Slice): void {
    const responses = this.parts.responses;
    const primary = visit.key.view();
    if (lengthOf(names) == 0 || !responses.readUnvarying(primary)) return;
    responses.appendVariantOf(this.key.clear(), primary, empty(), visit.request);
    this.parts.latestAnswers.addGone(this.key.view(), responses.recencyThere);
  }

  private sharedTtl(terms: ReuseTerms): i64 {
    const canBeValidated = isPresent(this.headers.first(ETAG)) || isPresent(this.headers.first(LAST_MODIFIED));
    return min(terms.usableFor + (canBeValidated ? KEPT_FOR_VALIDATION : 0), MOST_SHARED);
  }
}
