import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { ask, filterWith } from "./filter.ts";

export type Fields = readonly (readonly [string, string])[];

/** A plugin that only caches, in the local store unless `more` says otherwise. */
export async function cacheWith(
  responseCache: object = {},
  more: object = {},
): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  return filterWith(JSON.stringify({ responseCache, ...more }));
}

/** A GET. */
export function get(plugin: Plugin, path: string, headers: Fields = []): Stream {
  return ask(plugin, { path, headers });
}

/** Stores a response under a path. */
export function store(plugin: Plugin, path: string, headers: Fields, body = "stored"): void {
  get(plugin, path).respond({ headers: [...headers], body });
}

/** The body that the client has got; undefined before it has got headers. */
export function bodyOf(stream: Stream): string | undefined {
  const response = stream.response;
  return response === undefined ? undefined : Buffer.from(response.body).toString();
}

/** What the response says of the cache. */
export function told(stream: Stream): string | undefined {
  return stream.response?.headers.get("cache-status");
}
