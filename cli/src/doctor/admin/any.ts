import { at, textAt } from "./json.ts";

/** A message of Envoy's, out of whatever it was wrapped in. */
export interface Message {
  /** The message's name, as in `envoy.extensions.filters.http.wasm.v3.Wasm`; empty where nothing says it. */
  readonly type: string;
  readonly value: unknown;
}

const TYPED_STRUCTS = ["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"];

/** The message in an `Any`, also where a TypedStruct stands in for it, as EnvoyFilters may have it. */
export function messageIn(any: unknown): Message {
  const type = typeName(textAt(any, "@type"));
  if (!TYPED_STRUCTS.includes(type)) return { type, value: any };
  return { type: typeName(textAt(any, "type_url")), value: at(any, "value") };
}

/** The message's name in a type URL. */
export function typeName(url = ""): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
