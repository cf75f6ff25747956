import { ByteBuffer, NONE, Slice, equal, persist } from "as-bytes/assembly";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly";
import { TierConfig } from "../config/upstream-config";
import { WebdisConfig } from "../config/webdis-config";
import { LookupFlight } from "../lookup/lookup-flight";
import { Passage } from "../lookup/passage";
import { ChangesReader } from "../route/changes";
import { Dependency } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { MAX_WEBDIS_REPLY, serviceAnswer, webdisAnswer } from "../tier/replies";
import { appendGet } from "../webdis/command";
import { UpstreamCall, replyBody, unreadable } from "./upstream-call";
import { vmReplyTokens } from "./vm";
import { AUTHORITY, GET, METHOD, PATH, writeWebdisHeaders } from "./webdis-request";

const ACCEPT_ENCODING = persist("accept-encoding");
const IDENTITY = persist("identity");

const ownHeaders = new ChangesReader();
const key = new ByteBuffer();
const path = new ByteBuffer();
const mark = new ByteBuffer();

/** Who gets the answers of tiers. */
export interface TierListener {
  /** A flight's present tier has answered, in so many microseconds. */
  onAnswer(flight: LookupFlight<Passage>, answer: TierAnswer, took: i64): void;
}

/** The question of a flight to its present tier. */
export class TierCall extends UpstreamCall {
  /** The mark that Webdis' reply to it has to carry. */
  private mark: u64 = 0;

  constructor(
    private listener: TierListener,
    private flight: LookupFlight<Passage>,
    dependency: Dependency,
    limits: TierConfig,
    /** How to ask Redis; null where the service is asked. */
    private webdis: WebdisConfig | null,
  ) {
    super(dependency, limits, limits.timeout);
  }

  protected compose(headers: PairsBuilder): Slice {
    const webdis = this.webdis;
    if (webdis) this.writeGet(headers, webdis);
    else this.writeServiceRequest(headers);
    return NONE;
  }

  protected read(status: i32, bodySize: i32): TierAnswer {
    const service = this.flight.config.service;
    const most = this.webdis ? MAX_WEBDIS_REPLY : service ? service.maxBytes : 0;
    const body = replyBody(bodySize, most);
    if (body == NONE) return unreadable();
    if (!this.webdis) return serviceAnswer(status, body, most);
    vmReplyTokens().append(mark.clear(), this.mark);
    return webdisAnswer(status, body, mark.view());
  }

  protected onAnswer(answer: TierAnswer, took: i64): void {
    this.listener.onAnswer(this.flight, answer, took);
  }

  private writeGet(headers: PairsBuilder, webdis: WebdisConfig): void {
    this.mark = vmReplyTokens().issue();
    key.clear().bytes(webdis.keyPrefix).bytes(this.flight.key);
    vmReplyTokens().append(mark.clear(), this.mark);
    appendGet(path.clear(), webdis.database, key.view(), mark.view());
    writeWebdisHeaders(headers, webdis, GET, path.view());
  }

  private writeServiceRequest(headers: PairsBuilder): void {
    const flight = this.flight;
    const service = flight.config.service;
    if (!service) return;
    headers.add(METHOD, service.method).add(PATH, flight.servicePath).add(AUTHORITY, service.authority);
    let saysCoding = false;
    ownHeaders.begin(flight.serviceHeaders);
    while (ownHeaders.next()) {
      headers.add(ownHeaders.name, ownHeaders.value);
      saysCoding = saysCoding || equal(ownHeaders.name, ACCEPT_ENCODING);
    }
    // Nothing here decodes, and without it a service may code as it likes (RFC 9110 §12.5.3).
    if (!saysCoding) headers.add(ACCEPT_ENCODING, IDENTITY);
  }
}
