/** Header maps, numbered as `WasmHeaderMapType`. */
export const HeaderMapType = {
  RequestHeaders: 0,
  RequestTrailers: 1,
  ResponseHeaders: 2,
  ResponseTrailers: 3,
  GrpcReceiveInitialMetadata: 4,
  GrpcReceiveTrailingMetadata: 5,
  HttpCallResponseHeaders: 6,
  HttpCallResponseTrailers: 7,
} as const;

/** Buffers, numbered as `WasmBufferType`. */
export const BufferType = {
  HttpRequestBody: 0,
  HttpResponseBody: 1,
  NetworkDownstreamData: 2,
  NetworkUpstreamData: 3,
  HttpCallResponseBody: 4,
  GrpcReceiveBuffer: 5,
  VmConfiguration: 6,
  PluginConfiguration: 7,
  CallData: 8,
} as const;

/** Directions of a stream, numbered as `WasmStreamType`. */
export const StreamType = { Request: 0, Response: 1, Downstream: 2, Upstream: 3 } as const;

/** Kinds of metrics, numbered as `MetricType`. */
export const MetricType = { Counter: 0, Gauge: 1, Histogram: 2 } as const;

/** What the headers callbacks return (`FilterHeadersStatus`). */
export const HeadersStatus = {
  Continue: 0,
  StopIteration: 1,
  ContinueAndEndStream: 2,
  StopAllIterationAndBuffer: 3,
  StopAllIterationAndWatermark: 4,
} as const;

/** What the body callbacks return (`FilterDataStatus`). */
export const DataStatus = {
  Continue: 0,
  StopIterationAndBuffer: 1,
  StopIterationAndWatermark: 2,
  StopIterationNoBuffer: 3,
} as const;

/** What the trailers callbacks return (`FilterTrailersStatus`). */
export const TrailersStatus = { Continue: 0, StopIteration: 1 } as const;

/** Log levels, from the least to the most severe; the index is the number the ABI uses. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Name of a numbered constant, for the journal; the number itself where the ABI does not define it. */
export function nameOf(constants: Readonly<Record<string, number>>, value: number): string | number {
  for (const [name, number] of Object.entries(constants)) {
    if (number === value) return name;
  }
  return value;
}
