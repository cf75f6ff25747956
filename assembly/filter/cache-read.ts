import { ByteBuffer, NONE, Slice } from "as-bytes/assembly";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly";
import { Fetch } from "../cache/fetch";
import { Visit } from "../cache/visit";
import { appendRedisKey } from "../cache/key";
import { WebdisConfig } from "../config/webdis-config";
import { Dependency } from "../tier/dependency";
import { TierAnswer } from "../tier/outcome";
import { rawAnswer, webdisAnswer } from "../tier/replies";
import { appendGet, appendRawGet } from "../webdis/command";
import { UpstreamCall, replyBody, unreadable } from "./upstream-call";
import { vmReplyTokens } from "./vm";
import { GET, mostOfResponse, writeWebdisHeaders } from "./webdis-request";

const redisKey = new ByteBuffer();
const path = new ByteBuffer();
const mark = new ByteBuffer();

/** Who gets the answers to what the response cache asks Redis. */
export interface ReadListener {
  /** Redis, or who stands in its way, has answered a fetch's question of that number, in so many microseconds. */
  onRead(fetch: Fetch<Visit>, question: i32, answer: TierAnswer, took: i64): void;
}

/** A question to Redis for a stored response, or for when its URI was invalidated. */
export class CacheRead extends UpstreamCall {
  private question: i32;
  /** The mark that the reply has to carry; 0 for none: a response says itself whose it is, and that there is none harms nobody. */
  private mark: u64;

  constructor(
    private listener: ReadListener,
    private fetch: Fetch<Visit>,
    /** What is asked for, without the prefix of keys; good until the call has been sent. */
    private key: Slice,
    dependency: Dependency,
    private webdis: WebdisConfig,
    /** The largest body of a response, in bytes. */
    private maxBodyBytes: i64,
  ) {
    super(dependency, webdis, webdis.timeout);
    this.question = fetch.questions;
    this.mark = fetch.isForInvalidation ? vmReplyTokens().issue() : 0;
  }

  protected compose(headers: PairsBuilder): Slice {
    const webdis = this.webdis;
    appendRedisKey(redisKey.clear(), webdis.keyPrefix, this.key);
    if (this.mark == 0) appendRawGet(path.clear(), webdis.database, redisKey.view());
    else appendGet(path.clear(), webdis.database, redisKey.view(), this.shownMark());
    writeWebdisHeaders(headers, webdis, GET, path.view());
    return NONE;
  }

  protected read(status: i32, bodySize: i32): TierAnswer {
    const most = mostOfResponse(this.maxBodyBytes);
    const body = replyBody(bodySize, most);
    if (body == NONE) return unreadable();
    return this.mark == 0 ? rawAnswer(status, body, most) : webdisAnswer(status, body, this.shownMark());
  }

  protected onAnswer(answer: TierAnswer, took: i64): void {
    this.listener.onRead(this.fetch, this.question, answer, took);
  }

  private shownMark(): Slice {
    vmReplyTokens().append(mark.clear(), this.mark);
    return mark.view();
  }
}
