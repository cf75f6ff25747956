import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { envoyConfig, everythingTo, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { json } from "../../../envoy-local/lib/http-client.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { connectAsAdmin, redisPart } from "../../../envoy-local/lib/redis.ts";
import { WEBDIS_CREDENTIALS, webdisPart } from "../../../envoy-local/lib/webdis.ts";
import type { ModelRequest } from "../../fixtures/keys/model.ts";
import { RawUpstream, type RawHead } from "./raw-upstream.ts";
import { RedisMonitor, type RedisCommand } from "./redis-monitor.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/** Says, of a request that reached the upstream, what the filter met before it changed the path. */
const MET = { path: "x-met-path", scheme: "x-met-scheme" } as const;

/**
 * A real Envoy with one listener per lookup, watched from both sides: what Redis is asked, and what upstream gets, byte
 * for byte. The real Redis and Webdis are behind the filter; no service is.
 */
export class KeyGateway {
  readonly #directory = mkdtempSync(`${tmpdir()}/signpost-keys-`);
  readonly #redis: Part = redisPart(this.#directory);
  readonly #webdis: Part = webdisPart(this.#directory, () => this.#redis.port);
  readonly #upstream = new RawUpstream();
  readonly #envoy: Envoy;
  #ports: ReadonlyMap<string, number> = new Map();
  #monitor: RedisMonitor | undefined;

  /** @param lookups without a name */
  constructor(lookups: readonly object[]) {
    this.#envoy = new Envoy({
      directory: this.#directory,
      binary: requireEnvoy(),
      configuration: () =>
        envoyConfig(
          lookups.map((lookup, index) =>
            listener(
              String(index),
              0,
              [witness(), wasmFilter({ module: requireFilter(FILTER_WASM), configuration: configOf(lookup) })],
              everythingTo({ route: { cluster: "upstream" } }),
              // Envoy hangs up on broken HTTP/2 without a word, but a second later.
              { delayed_close_timeout: "0.01s" },
            ),
          ),
          { webdis: this.#webdis.port, upstream: this.#upstream.port },
        ),
    });
  }

  /** @param records what Redis holds, by key */
  async start(records: Readonly<Record<string, string>>): Promise<void> {
    await Promise.all([this.#redis.start(), this.#upstream.start()]);
    await this.#webdis.start();
    await this.#envoy.start();
    const { listener_statuses: listeners } = json(
      await this.#envoy.admin("/listeners?format=json"),
    ) as ListenerStatuses;
    this.#ports = new Map(
      listeners.map(({ name, local_address }) => [name, local_address.socket_address.port_value] as const),
    );
    const client = await connectAsAdmin(this.#redis.port);
    for (const [key, record] of Object.entries(records)) await client.set(key, record);
    client.destroy();
    this.#monitor = await RedisMonitor.start(this.#redis.port);
  }

  async stop(): Promise<void> {
    this.#monitor?.stop();
    for (const part of [this.#envoy, this.#webdis, this.#redis]) await part.stop();
    await this.#upstream.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The port of the listener with the `index`-th lookup. */
  port(index: number): number {
    const port = this.#ports.get(String(index));
    if (port === undefined) throw new Error(`there is no listener ${index}`);
    return port;
  }

  /** What the upstream has got since the last time, in its order. */
  takePassed(): RawHead[] {
    return this.#upstream.heads.splice(0);
  }

  /** What Redis was asked since the last time, in its order. */
  async takeAsked(): Promise<RedisCommand[]> {
    return (await this.#monitor?.take()) ?? [];
  }
}

interface ListenerStatuses {
  listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
}

/** A request as the filter met it, from what came out behind the filter. */
export function metBy(passed: RawHead): ModelRequest {
  const value = (name: string): string => passed.headers.find(([each]) => each === name)?.[1] ?? "";
  return {
    method: passed.method,
    scheme: value(MET.scheme),
    authority: value("host"),
    path: value(MET.path),
    headers: passed.headers,
  };
}

function configOf(lookup: object): Record<string, unknown> {
  return {
    webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS, timeout: "10s" },
    // Malformed requests are to get as far as the upstream.
    lookups: [{ name: "tested", onError: { invalid: "continue" }, ...lookup }],
  };
}

/** A filter in front of ours that writes down what ours will meet. */
function witness(): { name: string; typed_config: Record<string, unknown> } {
  return {
    name: "witness",
    typed_config: {
      "@type": `${EXTENSIONS}.filters.http.header_mutation.v3.HeaderMutation`,
      mutations: {
        request_mutations: [
          [MET.path, "%REQ(:PATH)%"],
          [MET.scheme, "%REQ(:SCHEME)%"],
        ].map(([key, value]) => ({
          append: { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
        })),
      },
    },
  };
}
