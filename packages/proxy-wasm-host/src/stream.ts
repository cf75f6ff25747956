import { Body } from "./body.ts";
import { type Bytes, NO_BYTES, toBytes } from "./bytes.ts";
import type { FilterDirection } from "./filter-direction.ts";
import { FilterPipeline, type PipelineFilter } from "./filter-pipeline.ts";
import { HeaderMap, type HeadersInput } from "./header-map.ts";
import { HeadersStatus, DataStatus, TrailersStatus } from "./abi/types.ts";
import { type LocalReply, prepareLocalReply } from "./local-reply.ts";
import { FILTER_STATE_PREFIX, type PropertyMap, type PropertyValue } from "./properties.ts";
import type { RootContext } from "./root-context.ts";
import type { Services } from "./services.ts";
import { FAIL_STREAM_REPLY, type FilterHost, StreamContext } from "./stream-context.ts";
import { StreamAttributes } from "./stream-properties.ts";
import { Message } from "./message.ts";

/** What the upstream answers; `status` is short for a `:status` header. */
export interface UpstreamResponse {
  status?: number;
  headers?: HeadersInput;
  /** The whole body, as one chunk and an empty last one: so HTTP/1.1 upstreams arrive. */
  body?: Bytes;
  /** The body in chunks; the last one ends the stream, so add an empty one for HTTP/1.1. */
  chunks?: readonly Bytes[];
  trailers?: HeadersInput;
}

export interface StreamOptions {
  /** The worker whose VM sees the stream; 0 when missing. */
  worker?: number;
  /** Attributes beside those that follow from the headers: `{source: {address: "10.0.0.1:1234"}}`. */
  properties?: PropertyMap;
}

/** Where a request is. */
export type RequestState = "not sent" | "paused" | "forwarded" | "answered" | "reset";

/** Roots of a stream's filters, and what to do when it no longer needs them. */
export interface StreamRoots {
  readonly roots: readonly (RootContext | undefined)[];
  readonly release: () => void;
}

const UPSTREAM_RESET_BODY =
  "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
const UNSENDABLE_BODY = "upstream connect error or disconnect/reset before headers. reset reason: protocol error";

/** One request and its response, on their way through the filters of one or more plugins. */
export class Stream implements FilterHost {
  readonly worker: number;
  /** How often filters have made Envoy choose the route anew. */
  routeCacheCleared = 0;
  /** The answer the proxy gave itself, as the filter gave it; see `response` for what became of it. */
  localReply: LocalReply | undefined;
  /** What the upstream has got so far, undefined before the request's headers have passed all filters. */
  upstreamRequest: Message | undefined;
  /** What the client has got so far, undefined before the response's headers have passed all filters. */
  response: Message | undefined;

  request: FilterPipeline;
  // …
}
