import { mkdirSync } from "node:fs";
import {
  envoyConfig,
  everythingTo,
  listener,
  wasmFilter,
  type ClusterAddress,
  type ClusterSettings,
  type HttpFilter,
} from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { connectAsAdmin, redisPart, type RedisAdmin } from "../../../envoy-local/lib/redis.ts";
import { removeDirectory, scratchDirectory, stopAll } from "../../../envoy-local/lib/scratch.ts";
import { webdisPart } from "../../../envoy-local/lib/webdis.ts";
import { WEBDIS, type PluginConfig } from "../../fixtures/route/fixture.ts";
import { ScriptedUpstream } from "./scripted-upstream.ts";

export type Clusters = Readonly<Record<string, ClusterAddress | ClusterSettings>>;

/** How one of the Envoys is run. */
export interface CacheEnvoyOptions {
  /** The filters of each listener, by the listener's name. */
  readonly listeners: Readonly<Record<string, readonly object[]>>;
  readonly workers?: number;
  readonly version?: string;
  /** Further settings of all connection managers. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Routes of all listeners; all to `upstream` when not given. */
  readonly routes?: readonly object[];
  /** More clusters, asked for when Envoy starts. */
  readonly clusters?: () => Clusters;
}

/** Where the filter finds the Redis of a gateway; patient, as tests on a busy machine have to be. */
export const SHARED: PluginConfig = { webdis: { ...WEBDIS, timeout: "10s" } };

/** The filter with a response cache, and nothing else but `sections`. */
export function cacheFilter(responseCache: PluginConfig = {}, sections: PluginConfig = {}): HttpFilter {
  return wasmFilter({ module: requireFilter(FILTER_WASM), configuration: { responseCache, ...sections } });
}

/** Response caches in real Envoys that stand in front of one scripted upstream and, where they want to, one real Redis. */
export class CacheGateway {
  readonly upstream = new ScriptedUpstream();
  readonly #directory = scratchDirectory();
  readonly redis: Part = redisPart(this.#directory);
  readonly webdis: Part = webdisPart(this.#directory, () => this.redis.port);
  readonly #envoys: CacheEnvoy[] = [];
  #admin: RedisAdmin | undefined;

  /** @param options.redis whether Redis and Webdis are started */
  constructor(private readonly options: { readonly redis?: boolean } = {}) {}

  /** One more Envoy, started with the gateway or by itself. */
  envoy(name: string, options: CacheEnvoyOptions): CacheEnvoy {
    const directory = `${this.#directory}/${name}`;
    mkdirSync(directory);
    const envoy = new CacheEnvoy(directory, options, () => ({
      upstream: this.upstream.port,
      ...(this.options.redis === true ? { webdis: this.webdis.port } : {}),
      ...options.clusters?.(),
    }));
    this.#envoys.push(envoy);
    return envoy;
  }

  /** Starts all but the Envoys that are to be cold later: those that are named. */
  async start(...envoys: readonly CacheEnvoy[]): Promise<void> {
    await this.upstream.start();
    if (this.options.redis === true) {
      await this.redis.start();
      await this.webdis.start();
      this.#admin = await connectAsAdmin(this.redis.port);
    }
    for (const envoy of envoys) await envoy.start();
  }

  async stop(): Promise<void> {
    this.#admin?.destroy();
    await stopAll([this.redis, this.webdis, ...this.#envoys]);
    await this.upstream.stop();
    removeDirectory(this.#directory);
  }

  /** A connection to Redis as a user who may do everything. */
  get admin(): RedisAdmin {
    if (this.#admin === undefined) throw new Error("there is no Redis, or it is not started");
    return this.#admin;
  }
}

/** An Envoy with several listeners. */
export class CacheEnvoy extends Envoy {
  #ports: ReadonlyMap<string, number> = new Map();

  constructor(
    directory: string,
    { listeners, workers = 1, version, settings, routes = everythingTo(TO_UPSTREAM) }: CacheEnvoyOptions,
    clusters: () => Clusters,
  ) {
    super({
      directory,
      binary: requireEnvoy(version),
      workers,
      configuration: () =>
        envoyConfig(
          Object.entries(listeners).map(([name, filters]) => listener(name, 0, filters, routes, settings)),
          clusters(),
        ),
    });
  }

  override async start(): Promise<void> {
    await super.start();
    this.#ports = await this.listenerPorts();
  }

  /** The port of the listener of that name; of the only one when there is one. */
  at(name?: string): number {
    const port = name === undefined ? [...this.#ports.values()][0] : this.#ports.get(name);
    if (port === undefined) throw new Error(`there is no listener ${name ?? "at all"}`);
    return port;
  }
}

export const TO_UPSTREAM = { route: { cluster: "upstream" } };
