import { DataStatus, HeadersStatus, TrailersStatus } from "./abi/types.ts";
import { Body } from "./body.ts";
import type { HeaderMap } from "./header-map.ts";

/** One filter's side of a pipeline. Every method returns a status of the ABI. */
export interface PipelineFilter {
  onHeaders(headers: HeaderMap, endOfStream: boolean): number;
  onData(data: Body, endOfStream: boolean): number;
  onTrailers(trailers: HeaderMap): number;
}

/** Where a pipeline ends: the upstream for requests, the client for responses. */
export interface PipelineEnd {
  takeHeaders(headers: HeaderMap, endOfStream: boolean): void;
  takeData(data: Body, endOfStream: boolean): void;
  takeTrailers(trailers: HeaderMap): void;
}

interface FilterState {
  readonly filter: PipelineFilter;
  /** "stopped all" holds back whatever comes; "stopped" only what the filter has been shown already. */
  iteration: "continue" | "stopped" | "stopped all";
  headersContinued: boolean;
  ended: boolean;
}

/**
 * Headers, body and trailers of one direction on their way through the filters: the iteration rules of Envoy's
 * `FilterManager`, for requests and responses alike.
 */
export class FilterPipeline {
  readonly #filters: readonly FilterState[];
  readonly #end: PipelineEnd;
  readonly #whenIdle: () => void;
  #complete = false;
  #running = 0;

  headers: HeaderMap | undefined;
  trailers: HeaderMap | undefined;
  /** What stopped filters hold back. One buffer for all of them, as in Envoy. */
  buffered: Body | undefined;
  /** Set when the stream has been answered otherwise: nothing moves any more. */
  aborted = false;
  /** Bytes of body that have come in; filters may have more or less of them go out. */
  received = 0;

  /** @param whenIdle called when no filter's callback is on the stack any more */
  constructor(filters: readonly PipelineFilter[], end: PipelineEnd, whenIdle: () => void = () => undefined) {
    this.#whenIdle = whenIdle;
    this.#filters = filters.map((filter) => ({
      filter,
      iteration: "continue",
      headersContinued: false,
      ended: false,
    }));
    this.#end = end;
  }

  /** Whether a filter's callback of this direction is on the stack. */
  get running(): boolean {
    return this.#running > 0;
  }

  /** Whether any filter holds something back. */
  get paused(): boolean {
    return this.#filters.some((state) => state.iteration !== "continue");
  }

  get complete(): boolean {
    return this.#complete;
  }

  sendHeaders(headers: HeaderMap, endOfStream: boolean): void {
    this.headers = headers;
    this.#complete = endOfStream;
    this.#passHeaders(0, headers, endOfStream);
  }

  sendData(data: Body, endOfStream: boolean): void {
    if (endOfStream) this.#complete = true;
    this.received += data.length;
    this.#passData(0, data, endOfStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    this.trailers = trailers;
    this.#complete = true;
    this.#passTrailers(0, trailers);
  }

  /** Goes on after a pause of this filter; false when it is not paused. */
  resume(filter: PipelineFilter): boolean {
    const index = this.#filters.findIndex((state) => state.filter === filter);
    const state = this.#filters[index];
    if (state === undefined) return false;
    const paused = state.iteration !== "continue";
    if (paused || !state.headersContinued) this.#resumeAt(index);
    return paused;
  }

  /** A filter keeps data back beside what it has been given (`addDecodedData`, `addEncodedData`). */
  keepBack(data: Body): void {
    if (this.buffered === undefined) this.buffered = new Body();
    this.buffered.moveFrom(data);
  }

  #passHeaders(from: number, headers: HeaderMap, endOfStream: boolean): void {
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#filters[index];
      if (state === undefined) break;
      state.ended = endOfStream;
      const status = this.#run(() => state.filter.onHeaders(headers, endOfStream));
      if (this.#isAborted()) return;
      // Continued from within its own callback: the headers are on their way, whatever it returns.
      const continued = state.headersContinued;
      if (status === HeadersStatus.StopIteration) {
        state.iteration = "stopped";
        return;
      }
      if (status === HeadersStatus.StopAllIterationAndBuffer || status === HeadersStatus.StopAllIterationAndWatermark) {
        state.iteration = "stopped all";
        return;
      }
      state.headersContinued = true;
      if (continued) return;
    }
    this.#end.takeHeaders(headers, endOfStream);
  }

  #passData(from: number, data: Body, endOfStream: boolean): void {
    const hadTrailers = this.trailers !== undefined;
    let trailersAddedAt: number | undefined;
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#filters[index];
      if (state === undefined || this.aborted) return;
      if (state.iteration === "stopped all") {
        this.keepBack(data);
        return;
      }
      if (state.ended) return;
      state.ended = endOfStream && this.trailers === undefined;
      const status = this.#run(() => state.filter.onData(data, state.ended));
      if (this.#isAborted()) return;
      if (!hadTrailers && this.trailers !== undefined && trailersAddedAt === undefined) trailersAddedAt = index;
      if (!this.#goesOnAfterData(index, state, status, data)) {
        if (trailersAddedAt !== undefined) this.#passAddedTrailers(trailersAddedAt);
        return;
      }
    }
    this.#end.takeData(data, endOfStream && trailersAddedAt === undefined);
    if (trailersAddedAt !== undefined) this.#passAddedTrailers(trailersAddedAt);
  }

  #goesOnAfterData(index: number, state: FilterState, status: number, data: Body): boolean {
    if (status === DataStatus.Continue) {
      if (state.iteration === "continue") return true;
      this.keepBack(data);
      this.#resumeAt(index);
      return false;
    }
    state.iteration = "stopped";
    if (status === DataStatus.StopIterationAndBuffer || status === DataStatus.StopIterationAndWatermark) {
      this.keepBack(data);
    } else if (this.#complete && this.trailers === undefined) {
      // Without this the end of the stream would be lost together with the data.
      this.buffered ??= new Body();
    }
    return false;
  }

  /** A filter may add trailers to a body's last chunk; the filters after it see them. */
  #passAddedTrailers(index: number): void {
    if (this.trailers !== undefined && !this.aborted) this.#passTrailers(index + 1, this.trailers);
  }

  #passTrailers(from: number, trailers: HeaderMap): void {
    for (let index = from; index < this.#filters.length; index++) {
      const state = this.#filters[index];
      if (state === undefined || this.aborted || state.iteration === "stopped all") return;
      const status = this.#run(() => state.filter.onTrailers(trailers));
      state.ended = true;
      if (this.#isAborted()) return;
      if (status === TrailersStatus.StopIteration) {
        if (state.iteration === "continue") state.iteration = "stopped";
        return;
      }
      if (state.iteration !== "continue") {
        this.#resumeAt(index);
        return;
      }
    }
    this.#end.takeTrailers(trailers);
  }

  /** `ActiveStreamFilterBase::commonContinue`: what was held back moves on, in order. */
  #resumeAt(index: number): void {
    const state = this.#filters[index];
    if (state === undefined || this.aborted) return;
    // A filter that stopped everything has not seen the body yet; one that stopped at the body has.
    const from = state.iteration === "stopped all" ? index : index + 1;
    state.iteration = "continue";
    if (!state.headersContinued && this.headers !== undefined) {
      state.headersContinued = true;
      const ends = this.#complete && this.buffered === undefined && this.trailers === undefined;
      this.#passHeaders(index + 1, this.headers, ends);
      if (this.#isAborted()) return;
    }
    const trailers = this.trailers;
    const data = this.buffered;
    if (data !== undefined) {
      this.buffered = undefined;
      this.#passData(from, data, this.#complete && trailers === undefined);
    }
    if (trailers !== undefined && !this.#isAborted()) this.#passTrailers(from, trailers);
  }

  /** Asked anew, as any filter that has run meanwhile may have ended the stream. */
  #isAborted(): boolean {
    return this.aborted;
  }

  #run(callback: () => number): number {
    this.#running++;
    let status: number;
    try {
      status = callback();
    } finally {
      this.#running--;
    }
    if (this.#running === 0) this.#whenIdle();
    return status;
  }
}
