import { mkdirSync, writeFileSync } from "node:fs";
import { cellRoutes, envoyConfig, everythingTo, listener, wasmFilter } from "../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../envoy-local/lib/envoy.ts";
import type { Part } from "../../envoy-local/lib/part.ts";
import { freePort } from "../../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../envoy-local/lib/project.ts";
import { redisPart } from "../../envoy-local/lib/redis.ts";
import { routingServicePart } from "../../envoy-local/lib/routing-service.ts";
import { removeDirectory, scratchDirectory, startTogether, stopAll } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS, webdisPart } from "../../envoy-local/lib/webdis.ts";
import type { Tenant } from "../../envoy-local/routing-service/records.ts";

export const HOST = "shop.example.com";
export const CELLS = ["cell-1", "cell-2"] as const;

/** The tenant with this rank, from 1 on. */
export function tenant(rank: number): Tenant {
  const name = `t${rank}`;
  const cell = CELLS[rank % CELLS.length] ?? CELLS[0];
  return { host: HOST, tenant: name, cell, path: `/stores/${name}`, headers: {} };
}

/** But for the time limits all has its default: with two cores at their limit, 50 ms are nothing. */
const SIGNPOST = {
  webdis: {
    cluster: "webdis",
    username: WEBDIS_CREDENTIALS.username,
    password: WEBDIS_CREDENTIALS.password,
    timeout: "10s",
  },
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{host}:{path[1]}",
      service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}", timeout: "10s" },
      owns: ["x-cell"],
      onError: { status: 503 },
    },
  ],
  // Names the reason where an answer is wrong.
  debugHeader: "x-signpost",
};

/** The old way: every request asks the service. Envoy's Lua has no JSON, so patterns take out what is needed. */
const LUA = `
function envoy_on_request(handle)
  local path = handle:headers():get(":path")
  local host = handle:headers():get(":authority")
  local tenant = string.match(path, "^/api/([^/?]+)")
  if not tenant then return end
  local answer, body = handle:httpCall("lua-routing-service", {
    [":method"] = "GET",
    [":path"] = "/routes?host=" .. host .. "&tenant=" .. tenant,
    [":authority"] = "routing-service",
  }, "", 10000)
  if answer[":status"] ~= "200" then
    handle:respond({ [":status"] = "503" }, "no route")
    return
  end
  local query = string.find(path, "?", 1, true)
  local target = string.match(body, '"path":"([^"]*)"')
  local headers = handle:headers()
  headers:replace(":path", query and target .. string.sub(path, query) or target)
  headers:replace("x-cell", string.match(body, '"x%-cell":"([^"]*)"'))
  handle:clearRouteCache()
end`;

/** Listens as `signpost` and as `lua`, each with a routing service of its own. */
export class LookupParts {
  readonly #directory = scratchDirectory();
  readonly redis: Part = redisPart(this.#directory);
  readonly webdis: Part = webdisPart(this.#directory, () => this.redis.port);
  /** Asked by Signpost; writes to Redis. */
  readonly service: Part;
  /** Asked by the Lua filter, and has nothing to do with Redis. */
  readonly luaService: Part;
  readonly envoy: Envoy;
  /** Answers for both cells, telling which one and for which path in the answer's headers. */
  readonly #upstream: Envoy;
  #cellPorts: readonly number[] = [];
  #ports: ReadonlyMap<string, number> = new Map();

  constructor(options: { readonly keys: number; readonly workers: number; readonly redisTtl: number }) {
    const directory = this.#directory;
    const tenants = `${directory}/tenants.json`;
    writeFileSync(tenants, JSON.stringify(Array.from({ length: options.keys }, (_, index) => tenant(index + 1))));
    this.service = routingServicePart(directory, () => this.redis.port, {
      TENANTS_FILE: tenants,
      REDIS_TTL: String(options.redisTtl),
    });
    // Parts keep their files by name, so that the second service and the second Envoy need places of their own.
    this.luaService = routingServicePart(subdirectory(directory, "lua"), () => 0, {
      TENANTS_FILE: tenants,
      REDIS_URL: "",
    });
    this.#upstream = new Envoy({
      directory: subdirectory(directory, "upstream"),
      binary: requireEnvoy(),
      configuration: () =>
        envoyConfig(
          CELLS.map((name, index) => listener(name, this.#cellPorts[index] ?? 0, [], everythingTo(answerOf(name)))),
          {},
        ),
    });
    this.envoy = new Envoy({
      directory,
      binary: requireEnvoy(),
      workers: options.workers,
      configuration: () => this.#gateway(),
    });
  }

  async start(): Promise<void> {
    this.#cellPorts = [await freePort(), await freePort()];
    await this.redis.start();
    await startTogether([this.webdis, this.service, this.luaService, this.#upstream]);
    await this.envoy.start();
    this.#ports = await this.envoy.listenerPorts();
  }

  async stop(): Promise<void> {
    await stopAll([this.redis, this.webdis, this.service, this.luaService, this.#upstream, this.envoy]);
    removeDirectory(this.#directory);
  }

  port(listener: "signpost" | "lua"): number {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`there is no listener ${listener}`);
    return port;
  }

  #gateway(): object {
    const signpost = wasmFilter({ module: requireFilter(FILTER_WASM), configuration: SIGNPOST });
    const lua = {
      name: "lua",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        default_source_code: { inline_string: LUA },
      },
    };
    const [cell1 = 0, cell2 = 0] = this.#cellPorts;
    return envoyConfig([listener("signpost", 0, [signpost], cellRoutes()), listener("lua", 0, [lua], cellRoutes())], {
      webdis: this.webdis.port,
      "routing-service": this.service.port,
      "lua-routing-service": this.luaService.port,
      "cell-1": cell1,
      "cell-2": cell2,
    });
  }
}

function subdirectory(directory: string, name: string): string {
  const path = `${directory}/${name}`;
  mkdirSync(path);
  return path;
}

/** What the listener of a cell does: it says who it is and what it was asked for. */
function answerOf(cell: string): object {
  const header = (key: string, value: string): object => ({ header: { key, value } });
  return {
    direct_response: { status: 200, body: { inline_string: "ok" } },
    response_headers_to_add: [header("x-served-by", cell), header("x-served-path", "%REQ(:PATH)%")],
  };
}
