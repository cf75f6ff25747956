/**
 * What a hit in the response cache saves, beside the same Envoy that proxies to a fast upstream, and what a cache costs that has
 * nothing to answer: npx tsx bench/cache-hit.ts [rounds] [seconds]
 *
 * One worker; the upstream is another listener of the same worker. Each round loads every listener in turn, so that a noisy
 * machine is noisy to all of them. Prints medians, each listener's ratio to the bare one of its table, and the range of these
 * ratios over the rounds. The load is made by wrk (apt-get install wrk).
 *
 * Beside it stand what a cache in this place cannot be faster than, a Proxy-Wasm filter that makes the calls of one to the proxy
 * and does nothing else (`assembly/floor.ts`), and Envoy's own cache filter, which is C++ and has nothing to cross.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import asc from "assemblyscript/asc";
import { envoyConfig, everythingTo, listener, wasmFilter, type HttpFilter } from "../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../envoy-local/lib/envoy.ts";
import { send } from "../envoy-local/lib/http-client.ts";
import { LOOPBACK, freePort } from "../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../envoy-local/lib/scratch.ts";
import { cpuSeconds } from "./support/cpu.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
const CONNECTIONS = 32;

const SIZES = { "1 kB": 1_000, "100 kB": 100_000 } as const;
const ROUTED = "/api/acme/orders?page=2";
const RECORD = '{"path": "/svc/acme/orders", "headers": {"x-cell": "7"}}';

const LOOKUPS = [
  {
    name: "route",
    match: { paths: ["/api/*"] },
    key: "route:{path[1]}",
    service: { cluster: "record", path: "/{path[1]}", timeout: "2s" },
    local: { ttl: "1h", jitter: "0%" },
    owns: ["x-cell"],
  },
];

/** What is compared: listeners, and the paths they are asked for; the first one of each table is the bare one. */
interface Table {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly listener: string; readonly path: string }[];
}

const TABLES: readonly Table[] = [
  ...Object.keys(SIZES).map((size) => ({
    title: `${size} from the store`,
    rows: ["bare", "cache", floorOf(size), "Envoy's own cache"].map((name) => ({
      name,
      listener: name,
      path: pathOf(size),
    })),
  })),
  {
    title: "routed by a record in the local store, and not cached",
    rows: ["bare", "lookup", "lookup and cache", "lookup, then cache"].map((name) => ({
      name,
      listener: name,
      path: ROUTED,
    })),
  },
];

function pathOf(size: string): string {
  return `/${size.replace(" ", "-")}`;
}

function floorOf(size: string): string {
  return `least filter, ${size}`;
}

/** Compiles the least filter, with a body of that length. */
async function leastFilter(directory: string, length: number): Promise<HttpFilter> {
  const module = `${directory}/floor-${length}.wasm`;
  const flags = ["-O3", "--runtime", "stub", "--exportStart", "_initialize", "--use", "abort="];
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main([
    ...[`${import.meta.dirname}/assembly/floor.ts`, "--baseDir", "/", "--outFile", module],
    ...[...flags, "--use", `BODY_LENGTH=${length}`],
  ]);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return wasmFilter({ module, name: `floor-${length}`, vmId: `floor-${length}`, configuration: {} });
}

const ENVOY_CACHE: HttpFilter = {
  name: "envoy.filters.http.cache",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.cache.v3.CacheConfig",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig",
    },
  },
};

/** Plugins of one VM, as the routing and the caching one of a gateway are. */
function filter(name: string, configuration: Record<string, unknown>): HttpFilter {
  return wasmFilter({ module: requireFilter(FILTER_WASM), name, configuration });
}

/** The upstream and the record's service need fixed ports: clusters name them. */
function configuration(
  directory: string,
  upstream: number,
  record: number,
  floors: readonly (readonly [name: string, filter: HttpFilter])[],
): object {
  const toUpstream = everythingTo({ route: { cluster: "upstream" } });
  const answer = (body: object, cacheControl: string) => ({
    direct_response: { status: 200, body },
    response_headers_to_add: [
      header("content-type", "application/json"),
      header("cache-control", cacheControl),
      header("etag", '"a-tag-of-usual-length"'),
    ],
  });
  const bodies = Object.entries(SIZES).map(([size, length]) => {
    const file = `${directory}/${length}`;
    writeFileSync(file, "x".repeat(length));
    return { match: { path: pathOf(size) }, ...answer({ filename: file }, "public, max-age=3600") };
  });
  const uncached = answer({ inline_string: "ok" }, "no-store");
  const lookups = { lookups: LOOKUPS };
  const responseCache = {};
  return envoyConfig(
    [
      listener("bare", 0, [], toUpstream),
      listener("cache", 0, [filter("cache", { responseCache })], toUpstream),
      listener("Envoy's own cache", 0, [ENVOY_CACHE], toUpstream),
      ...floors.map(([name, floor]) => listener(name, 0, [floor], toUpstream)),
      listener("lookup", 0, [filter("lookup", lookups)], toUpstream),
      listener("lookup and cache", 0, [filter("both", { ...lookups, responseCache })], toUpstream),
      listener("lookup, then cache", 0, [filter("lookup", lookups), filter("cache", { responseCache })], toUpstream),
      listener("upstream", upstream, [], [], largeBodies([...bodies, ...everythingTo(uncached)])),
      listener(
        "record",
        record,
        [],
        everythingTo({ direct_response: { status: 200, body: { inline_string: RECORD } } }),
      ),
    ],
    { upstream, record },
  );
}

function header(key: string, value: string): object {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}

/** Envoy takes direct responses of at most 4 kB unless told otherwise. */
function largeBodies(routes: readonly object[]): Record<string, unknown> {
  return {
    route_config: {
      max_direct_response_body_size_bytes: 1_000_000,
      virtual_hosts: [{ name: "all", domains: ["*"], routes }],
    },
  };
}

interface Figures {
  readonly perSecond: number;
  /** Envoy's processor time for a request, both hops included, in microseconds: work beside it on the machine adds little. */
  readonly cpu: number;
}

async function measure(envoy: Envoy, port: number, path: string): Promise<Figures> {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, `http://${LOOPBACK}:${port}${path}`];
  const before = cpuSeconds(envoy.pid);
  const { stdout } = await promisify(execFile)("wrk", args);
  const used = cpuSeconds(envoy.pid) - before;
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), cpu: (used / requests) * 1e6 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function print(table: Table, figures: readonly (readonly Figures[])[]): void {
  const of = (row: number, what: keyof Figures): number => median((figures[row] ?? []).map((each) => each[what]));
  console.log(`| ${table.title} | requests/s | against bare | CPU µs | bare's CPU against it | in the rounds |`);
  console.log("| --- | --- | --- | --- | --- | --- |");
  table.rows.forEach(({ name }, row) => {
    const ratios = (figures[row] ?? []).map(({ cpu }, round) => (figures[0]?.[round]?.cpu ?? NaN) / cpu);
    const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    const rate = `${of(row, "perSecond").toFixed(0)} | ${(of(row, "perSecond") / of(0, "perSecond")).toFixed(2)}`;
    const cpu = `${of(row, "cpu").toFixed(1)} | ${(of(0, "cpu") / of(row, "cpu")).toFixed(2)}`;
    console.log(`| ${name} | ${rate} | ${cpu} | ${range} |`);
  });
  console.log("");
}

async function main(): Promise<void> {
  const directory = scratchDirectory();
  const [upstream, record] = [await freePort(), await freePort()];
  const floors: [string, HttpFilter][] = [];
  for (const [size, length] of Object.entries(SIZES)) {
    floors.push([floorOf(size), await leastFilter(directory, length)]);
  }
  const envoy = new Envoy({
    directory,
    binary: requireEnvoy(),
    configuration: () => configuration(directory, upstream, record, floors),
  });
  try {
    await envoy.start();
    const ports = await envoy.listenerPorts();
    const figures = TABLES.map(({ rows }) => rows.map((): Figures[] => []));
    for (const { rows } of TABLES) {
      // The first request fills the stores, and shows that what is measured is what is meant.
      for (const { listener: name, path } of rows) await send({ port: ports.get(name) ?? 0, path });
    }
    for (const [size, length] of Object.entries(SIZES)) {
      for (const name of ["cache", floorOf(size), "Envoy's own cache"]) {
        const reply = await send({ port: ports.get(name) ?? 0, path: pathOf(size) });
        // Only what comes from a store has an age.
        const isFromStore = name !== "cache" || /; hit/.test(String(reply.headers["cache-status"]));
        if (!isFromStore || reply.headers["age"] === undefined || reply.body.length !== length) {
          throw new Error(`${name}: ${size} is not answered from the store`);
        }
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, { rows }] of TABLES.entries()) {
        for (const [row, { listener: name, path }] of rows.entries()) {
          figures[index]?.[row]?.push(await measure(envoy, ports.get(name) ?? 0, path));
        }
      }
    }
    TABLES.forEach((table, index) => {
      print(table, figures[index] ?? []);
    });
  } finally {
    await envoy.stop();
    removeDirectory(directory);
  }
}

await main();
