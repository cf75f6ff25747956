import { NONE, Slice, isPresent, lengthOf, persist, pointerOf } from "as-bytes/assembly";
import { DAY, HOUR } from "../config/duration";
import { CacheCount } from "../telemetry/cache-counts";
import { CacheParts } from "./cache-parts";
import { EnvelopeWriter, sealEnvelope } from "./envelope";
import { ReuseTerms } from "./reuse-terms";
import { StoredHeaders } from "./stored-headers";
import { VaryNames } from "./vary";
import { Visit } from "./visit";

const ETAG = persist("etag");
const LAST_MODIFIED = persist("last-modified");
const VARY = persist("vary");

/** For how many milliseconds a response that can be validated stays in Redis when it is of no use without. */
const KEPT_FOR_VALIDATION: i64 = HOUR;

/** Indexes are small, and without theirs no variant is found: they outlive most of them. */
const INDEX_TTL: i64 = DAY;

/** Stores responses: in the local store at once, and for other gateways. */
export class ResponseSaver {
  private writer: EnvelopeWriter = new EnvelopeWriter();
  private headers: StoredHeaders = new StoredHeaders();
  private names: VaryNames = new VaryNames();

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

  private reserve(visit: Visit, fields: Slice, bodyLength: i32): Slice {
    const parts = this.parts;
    // Invalidated after it was asked for: it may be from before what was changed.
    if (parts.marks.latest(visit.uriHash) >= visit.requestTime) return NONE;
    this.headers.begin(fields);
    if (!this.names.read(this.headers.get(VARY))) return NONE;
    const writer = this.writer;
    writer.status = visit.status;
    writer.terms.copyFrom(visit.terms);
    writer.key = visit.key.view();
    writer.tags = visit.tags.view();
    writer.fields = fields;
    return parts.responses.write(writer, this.names.view(), visit.request, bodyLength);
  }

  private finish(visit: Visit): void {
    const parts = this.parts;
    const responses = parts.responses;
    parts.counts.add(CacheCount.Stored);
    if (visit.terms.isUsableAt(visit.terms.receivedAt)) this.unmark(visit);
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

  private sharedTtl(terms: ReuseTerms): i64 {
    const canBeValidated = isPresent(this.headers.first(ETAG)) || isPresent(this.headers.first(LAST_MODIFIED));
    return terms.usableFor + (canBeValidated ? KEPT_FOR_VALIDATION : 0);
  }
}
