import { ByteBuffer, isPresent, lengthOf } from "as-bytes/assembly";
import { Answer } from "./answer";

/**
 * What has to be put right in the headers of an answer once the proxy has made a response of it: proxies drop the
 * `Content-Type` of one without content, and invent one where content has none; and they count no content that is not there.
 */
export class ContentCorrection {
  isNeeded: bool = false;
  /** Whether `contentType` is to be its `Content-Type`; it is to have none otherwise. */
  hasContentType: bool = false;
  readonly contentType: ByteBuffer = new ByteBuffer();
  /** Its `Content-Length`; -1 where the proxy knows it. */
  contentLength: i32 = -1;

  note(answer: Answer): void {
    this.hasContentType = isPresent(answer.contentType);
    this.contentLength = answer.contentLength;
    const hasBody = lengthOf(answer.body) > 0;
    this.isNeeded = hasBody != this.hasContentType || this.contentLength >= 0;
    this.contentType.clear();
    if (this.isNeeded && this.hasContentType) this.contentType.bytes(answer.contentType);
  }

  clear(): void {
    this.isNeeded = false;
    this.contentType.clear();
  }
}
