import { Context } from "./context";
import { StreamType, continueStreamOf } from "../host/streams";
import { Status } from "../host/status";

/** What becomes of headers (`FilterHeadersStatus`; the specification knows the first two, "continue" and "pause"). */
export const enum HeadersStatus {
  Continue = 0,
  /**
   * Hold headers, body and trailers until `continueRequest` or `continueResponse`; also after a local response. Envoy
   * turns it into `StopAllIterationAndWatermark` unless a plugin option says otherwise.
   */
  StopIteration = 1,
  /** Envoy reads it as `Continue`: the stream does not end, body and trailers follow. */
  ContinueAndEndStream = 2,
  /** Hold all and buffer the body; above the buffer limit the request fails with 413. */
  StopAllIterationAndBuffer = 3,
  /** Hold all and stop reading from the peer above the buffer limit. */
  StopAllIterationAndWatermark = 4,
}

/** What becomes of a piece of body (`FilterDataStatus`). */
export const enum DataStatus {
  Continue = 0,
  /** Hold it and gather what follows: the next callback sees all of it. */
  StopIterationAndBuffer = 1,
  StopIterationAndWatermark = 2,
  /** Hold the stream; this piece is gone unless it was read. */
  StopIterationNoBuffer = 3,
}

/** What becomes of trailers (`FilterTrailersStatus`). */
export const enum TrailersStatus {
  Continue = 0,
  StopIteration = 1,
}

/**
 * One HTTP request and its response. Override what the filter needs, and export only those callbacks from its entry.
 * The object may be used again for another stream once `onDelete` has returned.
 */
export abstract class StreamContext extends Context {
  /** Whether a response has come as far as this filter: there is none to let go on before. Set by the SDK only. */
  responseBegun: bool = false;

  /** The number of the callback in which the stream was answered or closed last. Set by the SDK only. */
  finishedIn: u32 = 0;

  /** Whether the host is done with the stream, which can then be neither continued nor answered. Set by the SDK only. */
  ended: bool = false;

  constructor(
    /** The root this stream belongs to; it keeps its configuration for as long as the stream lives. */
    readonly root: Context,
  ) {
    super();
  }

  /** `proxy_on_request_headers`; `endOfStream` when neither body nor trailers follow. */
  onRequestHeaders(count: i32, endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }

  /** `proxy_on_request_body`; `size` bytes are readable. With trailers, `endOfStream` never comes here. */
  onRequestBody(size: i32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }

  /** `proxy_on_request_trailers`. */
  onRequestTrailers(count: i32): TrailersStatus {
    return TrailersStatus.Continue;
  }

  /** `proxy_on_response_headers`; a local response of this very filter comes here too. */
  onResponseHeaders(count: i32, endOfStream: bool): HeadersStatus {
    return HeadersStatus.Continue;
  }

  /** `proxy_on_response_body`; often closed by an empty piece with `endOfStream`. */
  onResponseBody(size: i32, endOfStream: bool): DataStatus {
    return DataStatus.Continue;
  }

  /** `proxy_on_response_trailers`. */
  onResponseTrailers(count: i32): TrailersStatus {
    return TrailersStatus.Continue;
  }

  /** The stream is over or was reset (`proxy_on_done`). Envoy deletes it, whatever this returns. */
  onDone(): bool {
    return true;
  }

  /**
   * For the access log; headers are readable, nothing can be changed (`proxy_on_log`). It may be a stream's only
   * callback: Envoy logs requests it refused before any filter saw them.
   */
  onLog(): void {}

  /** The host forgets this stream; its calls in flight were dropped (`proxy_on_delete`). */
  onDelete(): void {}

  /**
   * Lets a held request go on, from whatever context is effective: a call's reply, another stream, a tick. From then on
   * Envoy refuses (`BadArgument`) to change the request's headers. `BadArgument` from `onLog` on.
   */
  continueRequest(): Status {
    if (this.ended) return Status.BadArgument;
    return continueStreamOf(this.id, StreamType.Request);
  }

  /**
   * Lets a held response go on, from whatever context is effective. `BadArgument` from `onLog` on and before the first of the
   * response's callbacks: Envoy would crash.
   */
  continueResponse(): Status {
    if (this.ended || !this.responseBegun) return Status.BadArgument;
    return continueStreamOf(this.id, StreamType.Response);
  }
}
