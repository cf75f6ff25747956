import type { Plugin, ProxyHost, ProxyHostOptions, Stream, UpstreamResponse } from "proxy-wasm-host";
import { HOST, type PluginConfig } from "../../fixtures/route/fixture.ts";
import { ask, filterWith, type ClientRequest } from "./filter.ts";

export const SECOND = 1000;

/** Headers as a test writes them, by name. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A configuration with a response cache; `cache` are its fields, `sections` what stands beside it. */
export function cacheConfig(cache: Record<string, unknown> = {}, sections: Record<string, unknown> = {}): PluginConfig {
  return { ...sections, responseCache: cache };
}

/** A proxy with one plugin that caches; without `webdis` in `sections` it has a local store only. */
export function cacheWith(
  cache: Record<string, unknown> = {},
  sections: Record<string, unknown> = {},
  options: Partial<ProxyHostOptions> = {},
): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  return filterWith(cacheConfig(cache, sections), options);
}

/** A client's request, as its headers are written. */
export function request(path: string, fields: Fields = {}, more: Partial<ClientRequest> = {}): ClientRequest {
  return { ...more, path, headers: pairs(fields) };
}

/** Sends a GET. */
export function get(plugin: Plugin, path: string, fields: Fields = {}, worker = 0): Stream {
  return ask(plugin, request(path, fields), { worker });
}

/** Sends a request of another method. */
export function send(plugin: Plugin, method: string, path: string, fields: Fields = {}, worker = 0): Stream {
  return ask(plugin, request(path, fields, { method }), { worker });
}

/** Sends a GET through several plugins, in this order. */
export function getThrough(proxy: ProxyHost, plugins: readonly Plugin[], path: string, fields: Fields = {}): Stream {
  return proxy
    .openStream(plugins)
    .sendRequestHeaders([
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", HOST],
      [":path", path],
      ...pairs(fields),
    ]);
}

/** What the upstream answers: a 200 of these headers and this body. */
export function answer(fields: Fields, body: UpstreamResponse["body"] = "hello", status = 200): UpstreamResponse {
  return { status, headers: pairs(fields), ...(body === "" ? {} : { body }) };
}

/** Fetches something, so that it is stored if it may be. */
export function fill(
  plugin: Plugin,
  path: string,
  response: UpstreamResponse,
  fields: Fields = {},
  worker = 0,
): Stream {
  return get(plugin, path, fields, worker).respond(response);
}

/** The body of the response, if the request never reached an upstream; what it is waiting for otherwise. */
export function hitOf(stream: Stream): string {
  return stream.request.state === "answered" ? (stream.response?.text ?? "") : stream.request.state;
}

export function header(stream: Stream, name: string): string | undefined {
  return stream.response?.headers.get(name);
}

/** What our cache says of a response. */
export function cacheStatus(stream: Stream): string | undefined {
  return header(stream, "cache-status");
}

/** Everything the client sees but pseudo-headers, in order. */
export function fieldsOf(stream: Stream): (readonly [string, string])[] {
  return [...(stream.response?.headers ?? [])].filter(([name]) => !name.startsWith(":"));
}

/** What the response cache has counted so far, without what is 0. */
export function counted(proxy: ProxyHost): Record<string, number> {
  // Metrics are sent once a second, with a tick.
  proxy.clock.advance(1.1 * SECOND);
  const prefix = "signpost.responses.";
  return Object.fromEntries(
    Object.entries(proxy.metrics.toObject())
      .filter(([name, value]) => name.startsWith(prefix) && value !== 0)
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

function pairs(fields: Fields): (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const));
}
