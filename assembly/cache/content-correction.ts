import { ByteBuffer, NONE, Slice, isPresent, lengthOf } from "as-bytes/assembly";
import { Answer } from "./answer";

/**
 * What has to be put right in the headers of an answer once the proxy has made a response of it: proxies drop the
 * `Content-Type` of one without content, and invent one where content has none; and they count no content that is not there.
 */
export class ContentCorrection {
  /** Whether `contentType` is to be its `Content-Type`, or where that is `NONE`, it is to have none. */
  isOfType: bool = false;
  /** Its `Content-Length`; -1 where the proxy knows it. */
  contentLength: i32 = -1;

  private type: ByteBuffer = new ByteBuffer();
  private hasType: bool = false;

  get contentType(): Slice {
    return this.hasType ? this.type.view() : NONE;
  }

  /** `isLate` is whether the body takes its place later than the headers: see `Visit.hasLateBody`. */
  note(answer: Answer, isLate: bool): void {
    this.hasType = isPresent(answer.contentType);
    this.contentLength = isLate ? lengthOf(answer.body) : answer.contentLength;
    this.isOfType = lengthOf(answer.body) > 0 != this.hasType;
    this.type.clear();
    if (this.isOfType && this.hasType) this.type.bytes(answer.contentType);
  }

  clear(): void {
    this.isOfType = false;
    this.contentLength = -1;
    this.type.clear();
  }
}
