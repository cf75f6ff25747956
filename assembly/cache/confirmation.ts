import { ByteBuffer, Slice, equal, persist } from "as-bytes/assembly";
import { isStrongEntityTag } from "../text/entity-tag";
import { HeaderList, HeaderListWriter } from "../text/header-list";
import { CacheParts } from "./cache-parts";
import { StoredResponse } from "./envelope";
import { DATE, addDateOfReceipt, hasDate } from "./date-of-receipt";
import { Exchange } from "./exchange";
import { HeaderUpdate } from "./header-update";
import { ResponseSaver } from "./response-saver";
import { ReuseTerms } from "./reuse-terms";
import { StoragePolicy, Storability, isOfRequest } from "./storage-policy";
import { StoredHeaders } from "./stored-headers";
import { Finding } from "./stored-responses";
import { selectsForUpdate } from "./validation";
import { Visit } from "./visit";

const AGE = persist("age");
const ETAG = persist("etag");

/**
 * What becomes of a stored response that the upstream says is still good (RFC 9111 §4.3.3, §4.3.4): its fields and terms are
 * brought up to date, and it is stored anew where it is still what is stored. Else it answers its own client alone.
 */
export class Confirmation {
  /** The terms of the response after `confirm`. */
  readonly terms: ReuseTerms = new ReuseTerms();
  /** Whether `confirm` has stored it. */
  isSaved: bool = false;

  private update: HeaderUpdate = new HeaderUpdate();
  private list: HeaderList = new HeaderList();
  private changed: ByteBuffer = new ByteBuffer();
  private changedWriter: HeaderListWriter = new HeaderListWriter(this.changed);
  private kept: ByteBuffer = new ByteBuffer();
  private keptWriter: HeaderListWriter = new HeaderListWriter(this.kept);
  private merged: ByteBuffer = new ByteBuffer();
  private mergedWriter: HeaderListWriter = new HeaderListWriter(this.merged);
  private stored: StoredHeaders = new StoredHeaders();
  private foundHeaders: StoredHeaders = new StoredHeaders();

  constructor(
    private parts: CacheParts,
    private policy: StoragePolicy,
    private saver: ResponseSaver,
  ) {}

  /** The response's fields after `confirm`; good until the next one. */
  get fields(): Slice {
    return this.merged.view();
  }

  /**
   * `exchange` is the one of the request with the 304, or with a 200 to a HEAD, whose fields are `fields`; `kept` is the
   * stored response that it was asked about.
   */
  confirm(visit: Visit, exchange: Exchange, fields: Slice, kept: StoredResponse): void {
    const parts = this.parts;
    const isStored = this.isStillStored(visit, kept);
    this.isSaved = false;
    this.stored.begin(kept.fields);
    if (!selectsForUpdate(exchange.response, this.stored)) {
      // "the cache MUST NOT use the new response to update any stored responses" (§4.3.4). The client did not ask about
      // it, so it gets what is stored all the same, and the next one does not.
      this.merged.clear().bytes(kept.fields);
      kept.readTerms(this.terms);
      if (isStored) this.saver.outdate(visit);
      return;
    }
    exchange.status = kept.status;
    this.policy.decide(exchange, parts.directives, parts.config);
    this.writeMerged(exchange, fields, kept.fields);
    this.stored.begin(this.merged.view());
    exchange.response = this.stored;
    const storability = this.policy.decide(exchange, parts.directives, parts.config);
    if (storability != Storability.Storable) {
      this.terms.copyFrom(justReceived(exchange.responseTime));
      // Where it is for this one client's sake, others may go on with what is stored.
      if (isStored && !isOfRequest(storability) && !exchange.verifiedJwt.isThere) this.saver.outdate(visit);
      return;
    }
    this.terms.copyFrom(this.policy.terms);
    if (!isStored) return;
    visit.terms.copyFrom(this.policy.terms);
    visit.status = kept.status;
    if (visit.tags.length == 0) visit.tags.bytes(kept.tags);
    this.isSaved = this.saver.save(visit, this.merged.view(), kept.body);
  }

  /**
   * Whether the response that the upstream was asked about is the one that such requests get now: "the cache can update and
   * reuse the stored response" (§4.3.4), and another one may have taken its place, or nothing, while the upstream was asked.
   */
  private isStillStored(visit: Visit, kept: StoredResponse): bool {
    const responses = this.parts.responses;
    if (responses.find(visit.key.view(), visit.uriHash, visit.request) != Finding.Found) return false;
    const found = responses.found;
    if (found.isSameAs(kept)) {
      // Whoever has a clock that is behind has confirmed it all the same.
      if (visit.generatedAt > 0) visit.generatedAt = max(visit.generatedAt, responses.foundRecency.generatedAt);
      return true;
    }
    // Another request has had it confirmed already: "each of those strong validators identifies a selected representation".
    this.stored.begin(kept.fields);
    this.foundHeaders.begin(found.fields);
    const tag = this.foundHeaders.get(ETAG);
    return found.status == kept.status && isStrongEntityTag(tag) && equal(tag, this.stored.get(ETAG));
  }

  /** The stored fields with those of the response that may be stored. */
  private writeMerged(exchange: Exchange, fields: Slice, stored: Slice): void {
    const list = this.list;
    const tagsHeader = this.parts.config.tagsHeader;
    const receivedAt = exchange.responseTime;
    const isDated = hasDate(exchange.response, receivedAt);
    this.changed.clear();
    list.begin(fields);
    while (list.next()) {
      if (!isDated && equal(list.name, DATE)) continue;
      if (this.policy.withholds(list.name) || equal(list.name, tagsHeader)) continue;
      this.changedWriter.add(list.name, list.value);
    }
    // The response was made when it came, and not when the stored one was.
    if (!isDated) addDateOfReceipt(this.changedWriter, receivedAt);
    // An age is that of one exchange: what the stored response came with is in its terms.
    this.kept.clear();
    list.begin(stored);
    while (list.next()) {
      if (equal(list.name, AGE)) continue;
      this.keptWriter.add(list.name, list.value);
    }
    this.merged.clear();
    this.update.write(this.mergedWriter, this.kept.view(), this.changed.view());
  }
}

function justReceived(now: i64): ReuseTerms {
  const terms = new ReuseTerms();
  terms.receivedAt = now;
  return terms;
}
