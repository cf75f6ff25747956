import {
  type ClusterAddress,
  type HttpFilter,
  envoyConfig,
  everythingTo,
  listener,
  wasmFilter,
} from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { nodeProgram } from "../../../envoy-local/lib/node-program.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import { DiscoveredFilter } from "./discovered-filter.ts";
import { RealTiers } from "./real-tiers.ts";

/** How long Envoy may take to log what a test waits for, in milliseconds. */
const LOG_LIMIT = 180_000;

export interface GatewayOptions {
  envoyVersion?: string;
  workers?: number;
  /**
   * Whether the configurations are part of Envoy's own and cannot be changed. Envoy takes an inotify instance for every
   * file it watches, and a user has 128 of them by default: what has many listeners needs this.
   */
  fixed?: boolean;
  /** More clusters, asked for when Envoy starts; `directory` is the gateway's own, and goes with it. */
  clusters?: (directory: string) => Readonly<Record<string, ClusterAddress>>;
}

/**
 * A real Envoy with one listener per configuration, all in front of one echoing upstream, and the real Redis, Webdis
 * and routing service behind the filter. All listeners' plugins share one VM per worker. Unless they are `fixed`, the
 * configurations come by extension config discovery (ECDS), as Istio sends them, from files: they can be changed while
 * Envoy runs.
 */
export class Gateway extends RealTiers {
  readonly upstream: Part = nodeProgram({
    name: "echo",
    directory: this.directory,
    script: "envoy-local/origin/echo.ts",
  });
  readonly envoy: Envoy;
  readonly #discovered: readonly DiscoveredFilter[];
  #ports: number[] = [];

  constructor(configs: readonly PluginConfig[], options: GatewayOptions = {}) {
    super();
    const fixed = options.fixed ?? false;
    this.#discovered = configs.map(
      (_, index) => new DiscoveredFilter(`signpost-${index}`, `${this.directory}/plugin-${index}.json`),
    );
    configs.forEach((config, index) => {
      if (!fixed) this.update(index, config);
    });
    this.envoy = new Envoy({
      directory: this.directory,
      binary: requireEnvoy(options.envoyVersion),
      workers: options.workers ?? 1,
      configuration: () =>
        envoyConfig(
          configs.map((config, index) =>
            listener(
              String(index),
              0,
              [fixed ? fixedFilter(config) : this.#filter(index).httpFilter],
              everythingTo({ route: { cluster: "upstream" } }),
            ),
          ),
          {
            webdis: this.webdis.port,
            "routing-service": this.routingService.port,
            upstream: this.upstream.port,
            ...options.clusters?.(this.directory),
          },
        ),
    });
  }

  override async start(): Promise<this> {
    await Promise.all([super.start(), this.upstream.start()]);
    await this.envoy.start();
    this.#ports = [...(await this.envoy.listenerPorts())]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, port]) => port);
    return this;
  }

  override async stop(): Promise<void> {
    for (const part of [this.envoy, this.upstream]) await part.stop();
    await super.stop();
  }

  /** The port of the listener with the `index`-th configuration. */
  port(index: number): number {
    const port = this.#ports[index];
    if (port === undefined) throw new Error(`there is no listener ${index}`);
    return port;
  }

  /** Gives the `index`-th listener's plugin another configuration; Envoy takes it a moment later. */
  update(index: number, configuration: PluginConfig | string): void {
    this.#filter(index).send(fixedFilter(configuration).typed_config);
  }

  /** Settles when Envoy's log holds `line`. */
  async logged(line: string): Promise<void> {
    const limit = AbortSignal.timeout(LOG_LIMIT);
    await until(limit, () => Promise.resolve(this.envoy.log.all().includes(line) ? true : undefined));
  }

  #filter(index: number): DiscoveredFilter {
    const filter = this.#discovered[index];
    if (filter === undefined) throw new Error(`there is no listener ${index}`);
    return filter;
  }
}

function fixedFilter(configuration: PluginConfig | string): HttpFilter {
  return wasmFilter({ module: requireFilter(FILTER_WASM), configuration });
}
