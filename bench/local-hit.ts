/**
 * What a hit in the local store costs, beside the same Envoy without a filter and with the Lua filter that does the same
 * work: npx tsx bench/local-hit.ts [rounds] [seconds]
 *
 * One worker; the upstream is another listener of the same worker; each round loads every listener in turn, so that a
 * noisy machine is noisy to all of them. Prints the median and each listener's ratio to the bare one.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { envoyConfig, everythingTo, listener, wasmFilter } from "../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../envoy-local/lib/envoy.ts";
import { send } from "../envoy-local/lib/http-client.ts";
import { LOOPBACK, freePort } from "../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../envoy-local/lib/project.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
const CONNECTIONS = 32;
const PATH = "/api/acme/orders?page=2";
const RECORD = '{"path": "/svc/acme/orders", "headers": {"x-cell": "7"}}';

const LUA = `
local routes = { acme = { path = "/svc/acme/orders", cell = "7" } }
function envoy_on_request(handle)
  local headers = handle:headers()
  local path = headers:get(":path")
  local route = routes[string.match(path, "^/api/([^/?]+)")]
  if route then
    local query = string.find(path, "?", 1, true)
    headers:replace(":path", query and route.path .. string.sub(path, query) or route.path)
    headers:replace("x-cell", route.cell)
    handle:clearRouteCache()
  end
end`;

const SIGNPOST = {
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{path[1]}",
      service: { cluster: "record", path: "/{path[1]}", timeout: "2s" },
      local: { ttl: "1h", jitter: "0%" },
      owns: ["x-cell"],
    },
  ],
};

/** The upstream and the record's service need fixed ports: clusters name them. */
function configuration(upstream: number, record: number): object {
  const lua = {
    name: "lua",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
      default_source_code: { inline_string: LUA },
    },
  };
  const signpost = wasmFilter({ module: requireFilter(FILTER_WASM), configuration: SIGNPOST });
  const toUpstream = everythingTo({ route: { cluster: "upstream" } });
  const answer = (text: string): object[] =>
    everythingTo({ direct_response: { status: 200, body: { inline_string: text } } });
  return envoyConfig(
    [
      listener("bare", 0, [], toUpstream),
      listener("lua", 0, [lua], toUpstream),
      listener("signpost", 0, [signpost], toUpstream),
      listener("upstream", upstream, [], answer("ok")),
      listener("record", record, [], answer(RECORD)),
    ],
    { upstream, record },
  );
}

async function requestsPerSecond(port: number): Promise<number> {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, `http://${LOOPBACK}:${port}${PATH}`];
  const { stdout } = await promisify(execFile)("wrk", args);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/signpost-bench-`);
  const [upstream, record] = [await freePort(), await freePort()];
  const envoy = new Envoy({ directory, binary: requireEnvoy(), configuration: () => configuration(upstream, record) });
  try {
    await envoy.start();
    const ports = await envoy.listenerPorts();
    await send({ port: ports.get("signpost") ?? 0, path: PATH });
    const names = ["bare", "lua", "signpost"];
    const figures = new Map(names.map((name): [string, number[]] => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of names) figures.get(name)?.push(await requestsPerSecond(ports.get(name) ?? 0));
    }
    const bare = median(figures.get("bare") ?? []);
    console.log("| listener | requests/s | against bare |\n|---|---|---|");
    for (const [name, values] of figures) {
      console.log(`| ${name} | ${median(values).toFixed(0)} | ${(median(values) / bare).toFixed(3)} |`);
    }
  } finally {
    await envoy.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
