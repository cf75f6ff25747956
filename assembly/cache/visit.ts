import { ByteBuffer } from "as-bytes/assembly";
import { HeaderListWriter } from "../text/header-list";
import { Place } from "../waiting/waiting-list";
import { ContentCorrection } from "./content-correction";
import { Forwarded } from "./cache-status";
import { Fetch } from "./fetch";
import { KeptResponse } from "./kept-response";
import { Recording, RecordingBudget } from "./recording";
import { ReuseTerms } from "./reuse-terms";
import { StoredHeaders } from "./stored-headers";

/** What is larger than this is given back after use; most requests are much smaller. */
const KEPT_BYTES: i32 = 4096;

/** What the cache has to do with a request. */
export enum Concern {
  /** Nothing: it does not see the response either. */
  None,
  /** It lets request and response pass, and says so in `Cache-Status`. */
  Pass,
  /** It lets them pass, and what is stored for the URI is invalid when the response is no error. */
  Unsafe,
  /** It may answer the request, and store the response. */
  Cacheable,
}

/** Where a cacheable request is. */
export enum VisitState {
  /** Nothing has been decided, or it waits for a fetch. */
  Arrived,
  /** It has gone upstream. */
  Forwarded,
  /** It has been answered from the store. */
  Answered,
}

/** One request's way through the response cache. Used again from one request to the next. */
export class Visit {
  /** The proxy's number of the request's stream. */
  stream: u32 = 0;
  concern: Concern = Concern.None;
  state: VisitState = VisitState.Arrived;
  /** Whether the method is GET, or else HEAD, where it is cacheable. */
  isGet: bool = false;
  /** Whether the client has asked about its own copy. */
  isConditional: bool = false;
  /** Whether others may wait for what its response brings: it asks for the whole response, and for nothing but that. */
  canLead: bool = false;
  /** Whether Redis has been asked for it. */
  hasRead: bool = false;
  /** Whether it has waited for another request's response. */
  hasWaited: bool = false;
  /** Whether it may wait for one: not when it has waited for long enough, or for what cannot be shared. */
  mayWait: bool = true;

  /** What it waits for or leads; null for nothing. */
  fetch: Fetch<Visit> | null = null;
  /** When it has waited for long enough, in wall-clock milliseconds. */
  deadline: i64 = 0;
  /** Its places among those that wait for its fetch, that have a deadline, and that are to be led on: see `Fetches`. */
  readonly waiterPlace: Place<Visit> = new Place<Visit>(this);
  readonly deadlinePlace: Place<Visit> = new Place<Visit>(this);
  readonly readyPlace: Place<Visit> = new Place<Visit>(this);

  /** The request's fields, as they are forwarded but for `ValidationRequest`, in `fields`. */
  readonly request: StoredHeaders = new StoredHeaders();
  readonly fields: ByteBuffer = new ByteBuffer();
  readonly fieldsWriter: HeaderListWriter = new HeaderListWriter(this.fields);
  /** The primary key, as that of a GET. */
  readonly key: ByteBuffer = new ByteBuffer();
  /** The hash of the URI in it, for `InvalidationMarks`. */
  uriHash: u64 = 0;
  /** How many bytes of the primary key are the URI. */
  uriLength: i32 = 0;
  /** What the lookups did with it; empty for nothing. */
  readonly outcome: ByteBuffer = new ByteBuffer();

  /** When it was forwarded, in wall-clock milliseconds. */
  requestTime: i64 = 0;
  /** When the origin says that it made the response; see `Recency`. */
  generatedAt: i64 = 0;
  forwarded: Forwarded = Forwarded.No;
  /** Whether its response may be replaced by what is stored: not where the cache only watches. */
  isReplaceable: bool = false;
  /** Whether the upstream is asked about the stored response. */
  isValidating: bool = false;
  /** Whether the upstream is not asked what the client has asked about its own copy: that is answered here. */
  hidesCondition: bool = false;
  /** Whether the response goes to the client as a 304. */
  isWithoutContent: bool = false;
  /** The stored response while the upstream is asked about it. */
  readonly kept: KeptResponse;

  /** The response, while it streams past. */
  readonly recording: Recording;
  /** What was decided of it when its headers came. */
  readonly terms: ReuseTerms = new ReuseTerms();
  status: i32 = 0;
  readonly tags: ByteBuffer = new ByteBuffer();
  /** What has to be put right in the answer from the store. */
  readonly correction: ContentCorrection = new ContentCorrection();

  constructor(budget: RecordingBudget) {
    this.kept = new KeptResponse(budget);
    this.recording = new Recording(budget);
  }

  /** The cache lets it pass after all; what it changes is changed all the same. */
  pass(): void {
    if (this.concern == Concern.Unsafe) return;
    this.concern = Concern.Pass;
    this.forwarded = Forwarded.Bypass;
  }

  get isLeading(): bool {
    const fetch = this.fetch;
    return fetch ? fetch.leader == this : false;
  }

  /** For another request, or for none: everything is forgotten and given back. It must not wait or lead any more. */
  begin(stream: u32): void {
    this.stream = stream;
    this.concern = Concern.None;
    this.state = VisitState.Arrived;
    this.isGet = false;
    this.isConditional = false;
    this.canLead = false;
    this.hasRead = false;
    this.hasWaited = false;
    this.mayWait = true;
    this.uriHash = 0;
    this.uriLength = 0;
    this.requestTime = 0;
    this.generatedAt = 0;
    this.forwarded = Forwarded.No;
    this.isReplaceable = false;
    this.isValidating = false;
    this.hidesCondition = false;
    this.isWithoutContent = false;
    this.status = 0;
    this.correction.clear();
    this.kept.drop();
    this.recording.drop();
    this.tags.shrink(KEPT_BYTES);
    this.forgetRequest();
  }

  /** Nobody asks any more what the request was. */
  forgetRequest(): void {
    this.request.release(KEPT_BYTES);
    this.fields.shrink(KEPT_BYTES);
    this.key.shrink(KEPT_BYTES);
    this.outcome.shrink(KEPT_BYTES);
  }
}
