import { DataStatus, HeadersStatus, TrailersStatus } from "./abi/types.ts";
import { Body } from "./body.ts";
import type { FilterPipeline, PipelineFilter } from "./filter-pipeline.ts";
import { type GuestBuffer, bodyBuffer } from "./guest-buffer.ts";
import { HeaderMap } from "./header-map.ts";
import type { StreamContext } from "./stream-context.ts";

/** The callbacks of a direction. */
export interface DirectionCallbacks {
  readonly headers: string;
  readonly body: string;
  readonly trailers: string;
}

/**
 * One filter's side of requests or responses. It shows the module a map or body only in the phase that has it, and as long
 * as the filter holds it back: a filter that continued after the request's headers cannot read them in a later callback.
 */
export class FilterDirection implements PipelineFilter {
  headers: HeaderMap | undefined;
  trailers: HeaderMap | undefined;
  body: Body | undefined;

  readonly #context: StreamContext;
  readonly #callbacks: DirectionCallbacks;
  #endOfStream = false;
  #buffering = false;
  readonly #drained = new Body();

  constructor(context: StreamContext, callbacks: DirectionCallbacks) {
    this.#context = context;
    this.#callbacks = callbacks;
  }

  onHeaders(headers: HeaderMap, endOfStream: boolean): number {
    if (!this.#context.enters(this)) return HeadersStatus.Continue;
    this.headers = headers;
    this.#endOfStream = endOfStream;
    const outcome = this.#context.callFilter(this.#callbacks.headers, [headers.size, endOfStream ? 1 : 0]);
    const status = toHeadersStatus(outcome);
    if (status === HeadersStatus.Continue) this.headers = undefined;
    return status;
  }

  onData(data: Body, endOfStream: boolean): number {
    if (!this.#context.enters(this)) return DataStatus.Continue;
    if (this.#buffering) this.#pipeline.keepBack(data);
    this.body = data;
    this.#endOfStream = endOfStream;
    const outcome = this.#context.callFilter(this.#callbacks.body, [this.buffer().bytes.length, endOfStream ? 1 : 0]);
    const status = toDataStatus(outcome);
    this.#buffering = status === DataStatus.StopIterationAndBuffer;
    if (status === DataStatus.Continue) this.body = undefined;
    return status;
  }

  onTrailers(trailers: HeaderMap): number {
    if (!this.#context.enters(this)) return TrailersStatus.Continue;
    this.trailers = trailers;
    const status = toTrailersStatus(this.#context.callFilter(this.#callbacks.trailers, [trailers.size]));
    if (status === TrailersStatus.Continue) this.trailers = undefined;
    return status;
  }

  /**
   * The present chunk, or all there is so far where the filter asked for buffering. When that has gone on, it is an empty
   * buffer that takes what nobody gets.
   */
  buffer(): GuestBuffer {
    return bodyBuffer(this.#buffering ? (this.#pipeline.buffered ?? this.#drained) : this.body);
  }

  /** Trailers for changing. Where the body has just ended without any, asking for them makes them. */
  writableTrailers(): HeaderMap | undefined {
    if (this.trailers === undefined && this.body !== undefined && this.#endOfStream) {
      this.trailers = new HeaderMap();
      this.#pipeline.trailers = this.trailers;
    }
    return this.trailers;
  }

  /** Nothing can be read any more (`Context::continueStream`). */
  forget(): void {
    this.headers = undefined;
    this.body = undefined;
    this.trailers = undefined;
  }

  get #pipeline(): FilterPipeline {
    return this.#context.pipelineOf(this);
  }
}

/** What a callback came to: its result, or how it is to be read. */
export type FilterOutcome = number | "not exported" | "stopped" | "failed";

function toHeadersStatus(outcome: FilterOutcome): number {
  if (outcome === "not exported") return HeadersStatus.Continue;
  // Hosts of ABI 0.2 read StopIteration as "stop everything", body and trailers too.
  if (typeof outcome !== "number" || outcome === HeadersStatus.StopIteration) {
    return HeadersStatus.StopAllIterationAndWatermark;
  }
  if (outcome === HeadersStatus.ContinueAndEndStream) return HeadersStatus.Continue;
  return outcome > HeadersStatus.StopAllIterationAndWatermark || outcome < 0
    ? HeadersStatus.StopAllIterationAndWatermark
    : outcome;
}

function toDataStatus(outcome: FilterOutcome): number {
  if (outcome === "not exported") return DataStatus.Continue;
  if (typeof outcome !== "number" || outcome > DataStatus.StopIterationNoBuffer || outcome < 0) {
    return DataStatus.StopIterationNoBuffer;
  }
  return outcome;
}

function toTrailersStatus(outcome: FilterOutcome): number {
  if (outcome === "not exported") return TrailersStatus.Continue;
  return outcome === TrailersStatus.Continue ? TrailersStatus.Continue : TrailersStatus.StopIteration;
}
