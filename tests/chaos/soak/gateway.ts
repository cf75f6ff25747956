import { envoyConfig, everythingTo, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { json, send } from "../../../envoy-local/lib/http-client.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { redisPart } from "../../../envoy-local/lib/redis.ts";
import { routingServicePart } from "../../../envoy-local/lib/routing-service.ts";
import { removeDirectory, scratchDirectory, startTogether, stopAll } from "../../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS, webdisPart } from "../../../envoy-local/lib/webdis.ts";
import { DiscoveredFilter } from "../../envoy/support/discovered-filter.ts";
import { SoakOrigin } from "./origin.ts";
import { HOST, REDIS_TTL, ROUTE_STALE, ROUTE_TTL, TENANTS, type World } from "./world.ts";

const WEBDIS = { cluster: "webdis", ...WEBDIS_CREDENTIALS };
/** The origin may be slow; nothing is wrong with that. */
const PATIENT = { connect_timeout: "60s", circuit_breakers: { thresholds: [{ max_connections: 10_000 }] } };

/** The `turn`-th configuration of the routing instance: what it stores is good for all of them. */
function routing(turn: number): object {
  return {
    webdis: WEBDIS,
    lookups: [
      {
        name: "route",
        match: { paths: ["/api/*"] },
        key: "route:{host}:{path[1]}",
        service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}" },
        local: {
          ttl: turn % 2 === 0 ? `${ROUTE_TTL}s` : "900ms",
          staleWhileRevalidate: `${ROUTE_STALE}s`,
          staleIfError: "10m",
        },
        owns: ["x-cell"],
        onMiss: { status: 404, body: "no such tenant" },
        onError: { status: 503, body: "routing is unavailable" },
      },
    ],
    debugHeader: "x-signpost",
  };
}

function caching(turn: number): object {
  return { webdis: WEBDIS, responseCache: { shared: true, maxBodyBytes: turn % 3 === 0 ? "40KiB" : "1MiB" } };
}

/** Real parts: an Envoy with a routing and a caching instance of the filter, Redis, Webdis and the routing service. */
export class SoakGateway {
  readonly #directory = scratchDirectory();
  readonly redis: Part = redisPart(this.#directory);
  readonly webdis: Part = webdisPart(this.#directory, () => this.redis.port);
  readonly routingService: Part = routingServicePart(this.#directory, () => this.redis.port, {
    // The database outlives the service's process.
    DATABASE_URL: `file://${this.#directory}/database`,
    REDIS_TTL: String(REDIS_TTL),
  });
  readonly origin: SoakOrigin;
  readonly envoy: Envoy;
  readonly #filters = ["routing", "caching"].map(
    (name) => new DiscoveredFilter(name, `${this.#directory}/${name}.json`),
  );
  readonly #world: World;
  #turn = 0;
  #port = 0;

  constructor(world: World) {
    this.#world = world;
    this.origin = new SoakOrigin(world);
    this.envoy = new Envoy({
      directory: this.#directory,
      binary: requireEnvoy(),
      workers: 2,
      configuration: () =>
        envoyConfig(
          [
            listener(
              "soak",
              0,
              this.#filters.map(({ httpFilter }) => httpFilter),
              everythingTo({ route: { cluster: "origin", timeout: "0s" } }),
            ),
          ],
          {
            webdis: this.webdis.port,
            "routing-service": this.routingService.port,
            origin: { at: this.origin.port, settings: PATIENT },
          },
        ),
    });
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    await this.origin.start();
    await startTogether([this.redis]);
    await startTogether([this.webdis, this.routingService]);
    for (let tenant = 0; tenant < TENANTS; tenant++) await this.#putRoute(tenant);
    this.configure();
    await this.envoy.start();
    this.#port = (await this.envoy.listenerPorts()).get("soak") ?? 0;
  }

  async stop(): Promise<void> {
    await stopAll([this.redis, this.webdis, this.routingService, this.envoy]);
    await this.origin.stop();
    removeDirectory(this.#directory);
  }

  /** Both instances get their next configuration. */
  configure(): void {
    this.#turn++;
    this.#send(routing(this.#turn), caching(this.#turn));
  }

  /** Both instances get a configuration that is refused: the one before stays at work. */
  misconfigure(): void {
    this.#send({ ...routing(this.#turn), nonsense: 1 }, { responseCache: { shared: true } });
  }

  /** A tenant gets its next route. */
  async changeRoute(tenant: number): Promise<void> {
    const route = this.#world.route(tenant);
    route.advance();
    await this.#putRoute(tenant);
    route.complete(Date.now());
  }

  #send(...configurations: readonly object[]): void {
    configurations.forEach((configuration, index) => {
      const name = ["routing", "caching"][index] ?? "";
      const filter = wasmFilter({ name, module: requireFilter(FILTER_WASM), configuration: { ...configuration } });
      this.#filters[index]?.send(filter.typed_config);
    });
  }

  async #putRoute(tenant: number): Promise<void> {
    const reply = await send({
      port: this.routingService.port,
      method: "PUT",
      path: `/routes?host=${HOST}&tenant=t${tenant}`,
      body: JSON.stringify({ cell: `c${tenant}`, path: `/v${this.#world.route(tenant).current}/t${tenant}` }),
      timeout: 300_000,
    });
    if (reply.status !== 200) throw new Error(`t${tenant} was refused: ${JSON.stringify(json(reply))}`);
  }
}
