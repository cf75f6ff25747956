import { HeaderMapType } from "./abi/types.ts";
import type { HeaderMap } from "./header-map.ts";
import type { PropertyValue } from "./properties.ts";

/** A stream as access loggers see it: whole, and for reading only. */
export interface LoggedStream {
  readonly request: { readonly headers: HeaderMap | undefined };
  readonly response: { readonly headers: HeaderMap | undefined; readonly trailers: HeaderMap | undefined };
  property(name: string, seen: SeenHeaders): PropertyValue | undefined;
}

/** The headers that can be read just now; properties that come from others are gone with them. */
export interface SeenHeaders {
  readonly request: HeaderMap | undefined;
  readonly response: HeaderMap | undefined;
}

/** Whoever writes the access log sees all. */
export function seenByLogger({ request, response }: LoggedStream): SeenHeaders {
  return { request: request.headers, response: response.headers };
}

/** The map while the access log is written; a request's trailers are not logged. */
export function loggedHeaderMap(stream: LoggedStream, type: number): HeaderMap | undefined {
  switch (type) {
    case HeaderMapType.RequestHeaders:
      return stream.request.headers;
    case HeaderMapType.ResponseHeaders:
      return stream.response.headers;
    case HeaderMapType.ResponseTrailers:
      return stream.response.trailers;
    default:
      return undefined;
  }
}
