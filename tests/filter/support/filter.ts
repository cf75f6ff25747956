import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProxyHost, type Plugin, type ProxyHostOptions, type Stream } from "proxy-wasm-host";
import { CLUSTERS } from "../../fixtures/route/clusters.ts";
import { HOST, type PluginConfig } from "../../fixtures/route/fixture.ts";

const WASM = join(import.meta.dirname, "../../../build/signpost.wasm");

/** The release module; every test runs what is shipped. */
export function filterModule(): Uint8Array {
  if (!existsSync(WASM)) throw new Error("build/signpost.wasm is not there: run ./build.sh");
  return readFileSync(WASM);
}

/** A proxy of our own host with the release module and its clusters. */
export async function proxyWith(options: Partial<ProxyHostOptions> = {}): Promise<ProxyHost> {
  return ProxyHost.create({ module: filterModule(), clusters: CLUSTERS, ...options });
}

/** A proxy with one plugin of this configuration, which has to be accepted. */
export async function filterWith(
  configuration: PluginConfig | string,
  options: Partial<ProxyHostOptions> = {},
): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  const proxy = await proxyWith(options);
  const text = typeof configuration === "string" ? configuration : JSON.stringify(configuration);
  const plugin = proxy.addPlugin({ rootId: "signpost", configuration: text });
  if (!plugin.configured) throw new Error(`the configuration was refused:\n${logText(proxy)}`);
  return { proxy, plugin };
}

export function logText(proxy: ProxyHost): string {
  return proxy.logs.map((entry) => entry.message).join("\n");
}

/**
 * Gives those who wait for something that has come the time to go on: they are led on some at a time, on ticks that follow
 * each other closely.
 */
export function letWaitersGoOn(proxy: ProxyHost): void {
  proxy.clock.advance(100);
}

export interface ClientRequest {
  method?: string;
  host?: string;
  path: string;
  headers?: readonly (readonly [string, string])[];
}

/** Opens a stream and sends the request's headers. */
export function ask(
  plugin: Plugin,
  request: ClientRequest | string,
  options: { worker?: number; endOfStream?: boolean } = {},
): Stream {
  const { method = "GET", host = HOST, path, headers = [] } = typeof request === "string" ? { path: request } : request;
  const stream = plugin.openStream({ worker: options.worker ?? 0 });
  return stream.sendRequestHeaders(
    [[":method", method], [":scheme", "http"], [":authority", host], [":path", path], ...headers],
    { endOfStream: options.endOfStream ?? true },
  );
}
