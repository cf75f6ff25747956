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

  /** @param details how the response came about; those of a local reply, `via_upstream` when not given */
  find(
    name: string,
    request: HeaderMap | undefined,
    response: HeaderMap | undefined,
    details = "via_upstream",
  ): PropertyValue | undefined {
    const given = Object.hasOwn(this.#given, name) ? this.#given[name] : undefined;
    const derived = this.#derive(name, request, response, details);
    if (given === undefined || derived === undefined) return given ?? derived;
    return isMap(given) ? { ...derived, ...given } : given;
  }

  #derive(
    name: string,
    request: HeaderMap | undefined,
    response: HeaderMap | undefined,
    details: string,
  ): PropertyMap | undefined {
    if (name === "request" && request !== undefined) return this.#request(request);
    if (name === "response" && response !== undefined) {
      const code = BigInt(Number(response.get(":status") ?? "0") || 0);
      return { code, code_details: details.replace(/\s/g, "_"), headers: headerFields(response) };
    }
    if (name === "source") return { address: "127.0.0.1:40000", port: 40000n };
    return undefined;
  }

  #request(headers: HeaderMap): PropertyMap {
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
      protocol: "HTTP/1.1",
      time: this.#startTime,
      headers: headerFields(headers),
    };
  }
}

function headerFields(headers: HeaderMap): PropertyMap {
  const fields: Record<string, string> = {};
  for (const [name] of headers) fields[name] = headers.getAll(name).join(",");
  return fields;
}

function isMap(value: PropertyValue): value is PropertyMap {
  return typeof value === "object" && !(value instanceof Uint8Array);
}
