import type { SeenHeaders } from "./access-log.ts";
import type { Clock } from "./clock.ts";
import type { HeaderMap } from "./header-map.ts";
import type { PropertyMap, PropertyValue } from "./properties.ts";

/** What Envoy derives from a stream's headers: the attributes `request.…` and `response.…`. */
export class StreamAttributes {
  readonly #startTime: bigint;
  readonly #given: PropertyMap;

  /** @param given what a test sets besides; where both have a field, this one wins */
  constructor(clock: Clock, given: PropertyMap) {
    this.#startTime = clock.wallNanoseconds;
    this.#given = given;
  }

  /** @param code the response's status, which is known when its headers are out of reach, too */
  find(name: string, seen: SeenHeaders, code: string | undefined): PropertyValue | undefined {
    const given = Object.hasOwn(this.#given, name) ? this.#given[name] : undefined;
    const derived = this.#derive(name, seen, code);
    if (given === undefined || derived === undefined) return given ?? derived;
    return isMap(given) ? { ...derived, ...given } : given;
  }

  #derive(name: string, { request, response }: SeenHeaders, code: string | undefined): PropertyMap | undefined {
    if (name === "request") return { protocol: "HTTP/1.1", time: this.#startTime, ...requestFields(request) };
    if (name === "response") {
      return {
        code: code === undefined ? undefined : BigInt(Number(code) || 0),
        headers: response === undefined ? undefined : headerFields(response),
      };
    }
    if (name === "source") return { address: "127.0.0.1:40000", port: 40000n };
    return undefined;
  }
}

function requestFields(headers: HeaderMap | undefined): PropertyMap {
  if (headers === undefined) return {};
  const path = headers.get(":path");
  const queryStart = path?.indexOf("?") ?? -1;
  return {
    path,
    url_path: queryStart < 0 ? path : path?.slice(0, queryStart),
    query: queryStart < 0 ? "" : path?.slice(queryStart + 1),
    host: headers.get(":authority"),
    scheme: headers.get(":scheme"),
    method: headers.get(":method"),
    referer: headers.get("referer"),
    useragent: headers.get("user-agent"),
    id: headers.get("x-request-id"),
    headers: headerFields(headers),
  };
}

function headerFields(headers: HeaderMap): PropertyMap {
  const fields: Record<string, string> = {};
  for (const [name] of headers) fields[name] = headers.getAll(name).join(",");
  // A look-up finds the authority by this name, too; a list of all has it once.
  Object.defineProperty(fields, "host", { value: fields[":authority"], enumerable: false });
  return fields;
}

function isMap(value: PropertyValue): value is PropertyMap {
  return typeof value === "object" && !(value instanceof Uint8Array);
}
