import { NONE, persist } from "as-bytes/assembly";
import { RootContext } from "./root-context";
import { DataStatus, HeadersStatus, StreamContext, TrailersStatus } from "./stream-context";
import { localResponse } from "../host/local-response";

const INTERNAL_SERVER_ERROR: u32 = 500;
const DETAILS = persist("no_stream_context");

/**
 * A stream that no root has an object for: its root is unknown, or gave away an object that is in use. To let it pass would be
 * to let pass what the filter is there to stop, so it is answered 500 at its first callback; the answer itself passes.
 */
export class RefusedStream extends StreamContext {
  private answered: bool = false;

  override onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    return this.passes() ? HeadersStatus.Continue : HeadersStatus.StopIteration;
  }

  override onRequestBody(size: i32, endOfStream: bool): DataStatus {
    return this.passes() ? DataStatus.Continue : DataStatus.StopIterationNoBuffer;
  }

  override onRequestTrailers(count: i32): TrailersStatus {
    return this.passes() ? TrailersStatus.Continue : TrailersStatus.StopIteration;
  }

  override onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    return this.passes() ? HeadersStatus.Continue : HeadersStatus.StopIteration;
  }

  override onResponseBody(size: i32, endOfStream: bool): DataStatus {
    return this.passes() ? DataStatus.Continue : DataStatus.StopIterationNoBuffer;
  }

  override onResponseTrailers(count: i32): TrailersStatus {
    return this.passes() ? TrailersStatus.Continue : TrailersStatus.StopIteration;
  }

  /** Whether the stream has been answered; it is now. */
  private passes(): bool {
    if (this.answered) return true;
    this.answered = true;
    localResponse(INTERNAL_SERVER_ERROR, DETAILS, NONE, null, -1);
    return false;
  }
}

/** The root of such streams. */
export class NoRoot extends RootContext {
  override createStream(id: u32): StreamContext {
    return new RefusedStream(this);
  }
}
