/**
 * What the routing service has left to do: Zipf(1.0) traffic of many tenants through Signpost, beside the old way, a Lua
 * filter that asks the service for every request. Real parts: Envoy, Redis, Webdis, and the sample service on SQL.
 *
 *   npx tsx bench/zipf.ts [--requests N] [--keys N] [--workers N] [--connections N] [--redis-ttl SECONDS]
 *
 * The same requests in the same order run three times: through Signpost when nothing is known yet, again after a pass
 * that asks for each key once, and through the Lua filter. Every answer is checked. Throughput and latency are those of
 * a machine at its limit: the generator and all parts share it. Takes some 4 minutes on 2 cores; Linux only.
 */
import { parseArgs } from "node:util";
import { json, send } from "../envoy-local/lib/http-client.ts";
import type { Part } from "../envoy-local/lib/part.ts";
import { cpuSeconds } from "./support/cpu.ts";
import { load, type LoadResult, type Traffic } from "./support/load.ts";
import { HOST, LookupParts, tenant } from "./support/lookup-parts.ts";
import { Zipf } from "./support/zipf.ts";

const SEED = 4;
const WEBDIS_REQUESTS = "cluster.webdis.upstream_rq_total";

/** The service counts so many keys one by one. */
const MAX_KEYS = 100_000;

interface Options {
  readonly requests: number;
  readonly keys: number;
  readonly workers: number;
  readonly connections: number;
  /** Seconds. */
  readonly redisTtl: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      requests: { type: "string", default: "200000" },
      keys: { type: "string", default: "10000" },
      workers: { type: "string", default: "2" },
      connections: { type: "string", default: "64" },
      "redis-ttl": { type: "string", default: "300" },
    },
  });
  const whole = (name: keyof typeof values, most = Number.MAX_SAFE_INTEGER): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new Error(`--${name} is "${values[name]}": it must be a whole number from 1 to ${most}`);
    }
    return value;
  };
  return {
    requests: whole("requests"),
    keys: whole("keys", MAX_KEYS),
    workers: whole("workers"),
    connections: whole("connections"),
    redisTtl: whole("redis-ttl"),
  };
}

/** Requests for these tenants, one after the other, each with a query of its own. */
function trafficFor(ranks: readonly number[]): Traffic {
  const tenants = ranks.map(tenant);
  return {
    count: ranks.length,
    request: (index) => `GET /api/${tenants[index]?.tenant ?? ""}/orders?n=${index} HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`,
    fault: (index, head) => {
      const { cell, path } = tenants[index] ?? tenant(0);
      const right =
        head.startsWith("HTTP/1.1 200 ") &&
        head.includes(`\r\nx-served-by: ${cell}\r\n`) &&
        head.includes(`\r\nx-served-path: ${path}?n=${index}\r\n`);
      return right ? undefined : `expected ${path}?n=${index} from ${cell}, got:\n${head}`;
    },
  };
}

/** Processor seconds and requests since the parts were started. */
interface Spent {
  /** Requests for each key. */
  readonly asked: ReadonlyMap<string, number>;
  readonly total: number;
  /** The filter's requests to Webdis. */
  readonly webdis: number;
  readonly service: number;
  readonly envoy: number;
  readonly sharedTier: number;
}

async function spent(parts: LookupParts, service: Part): Promise<Spent> {
  const stats = json(await send({ port: service.port, path: "/stats" })) as {
    total: number;
    keys: Record<string, number>;
    cpuSeconds: number;
  };
  return {
    asked: new Map(Object.entries(stats.keys)),
    total: stats.total,
    webdis: (await parts.envoy.stats(WEBDIS_REQUESTS)).get(WEBDIS_REQUESTS) ?? 0,
    service: stats.cpuSeconds,
    envoy: cpuSeconds(parts.envoy.pid),
    sharedTier: cpuSeconds(parts.redis.pid) + cpuSeconds(parts.webdis.pid),
  };
}

/** What one run of the traffic took. */
interface Run extends LoadResult {
  readonly requests: number;
  /** Requests to the service and to Webdis. */
  readonly service: number;
  readonly webdis: number;
  /** Processor seconds. */
  readonly serviceCpu: number;
  readonly envoyCpu: number;
  readonly sharedTierCpu: number;
}

const HEAD = [
  "| run | service asked | share | Redis asked | service CPU s | Envoy CPU s | Redis + Webdis CPU s | requests/s | p50 ms | p99 ms |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
].join("\n");

function row(name: string, run: Run): string {
  const cells = [
    name,
    run.service.toLocaleString("en"),
    `${((100 * run.service) / run.requests).toFixed(2)} %`,
    run.webdis.toLocaleString("en"),
    ...[run.serviceCpu, run.envoyCpu, run.sharedTierCpu].map((seconds) => seconds.toFixed(2)),
    Math.round(run.requestsPerSecond).toLocaleString("en"),
    ...[run.p50, run.p99].map((milliseconds) => milliseconds.toFixed(1)),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** What Signpost takes of what the old way takes. */
function comparison(signpost: Run, old: Run): string {
  const cpu = (run: Run): number => run.serviceCpu + run.envoyCpu + run.sharedTierCpu;
  return [
    `warm against Lua: service requests ${(signpost.service / old.service).toFixed(4)}`,
    `service CPU ${(signpost.serviceCpu / old.serviceCpu).toFixed(3)}`,
    `Envoy CPU ${(signpost.envoyCpu / old.envoyCpu).toFixed(2)}`,
    `CPU of all parts ${(cpu(signpost) / cpu(old)).toFixed(2)}`,
    `requests/s ${(signpost.requestsPerSecond / old.requestsPerSecond).toFixed(1)}`,
    `p99 ${(signpost.p99 / old.p99).toFixed(2)}`,
  ].join(", ");
}

/** How often the service was asked for a key: `[times, keys]`, the most often first. */
function histogram(asked: ReadonlyMap<string, number>): [number, number][] {
  const keys = new Map<number, number>();
  for (const times of asked.values()) keys.set(times, (keys.get(times) ?? 0) + 1);
  return [...keys].sort(([a], [b]) => b - a);
}

/**
 * Says how often the service was asked for a key, and throws when that was more often than once per worker and life of a
 * record in Redis: when nobody knows a key, both workers may ask at once.
 */
function checkOncePerTtl(options: Options, { asked }: Spent, seconds: number): void {
  const lives = Math.floor(seconds / options.redisTtl) + 1;
  const counts = histogram(asked);
  console.log(
    `in ${seconds.toFixed(0)} s (records live ${options.redisTtl} s in Redis) the service was asked ` +
      counts.map(([times, keys]) => `${times}× for ${keys.toLocaleString("en")} keys`).join(", "),
  );
  const most = counts[0]?.[0] ?? 0;
  if (most > options.workers * lives) throw new Error(`a key was asked for ${most} times in ${lives} lives`);
}

async function measure(options: Options, parts: LookupParts): Promise<void> {
  const zipf = new Zipf(options.keys, SEED);
  const traffic = trafficFor(Array.from({ length: options.requests }, () => zipf.next()));
  const eachOnce = trafficFor(Array.from({ length: options.keys }, (_, index) => index + 1));
  const run = async (name: string, listener: "signpost" | "lua", service: Part): Promise<Run> => {
    const before = await spent(parts, service);
    const result = await load(parts.port(listener), options.connections, traffic);
    const after = await spent(parts, service);
    const done = {
      ...result,
      requests: traffic.count,
      service: after.total - before.total,
      webdis: after.webdis - before.webdis,
      serviceCpu: after.service - before.service,
      envoyCpu: after.envoy - before.envoy,
      sharedTierCpu: after.sharedTier - before.sharedTier,
    };
    console.log(row(name, done));
    return done;
  };

  console.log(HEAD);
  const started = performance.now();
  await run("Signpost, cold", "signpost", parts.service);
  await load(parts.port("signpost"), options.connections, eachOnce);
  const warm = await run("Signpost, warm", "signpost", parts.service);
  const seconds = (performance.now() - started) / 1000;
  const old = await run("Lua, asks every time", "lua", parts.luaService);
  console.log(`\n${comparison(warm, old)}`);
  checkOncePerTtl(options, await spent(parts, parts.service), seconds);
}

async function main(): Promise<void> {
  const options = readOptions();
  const parts = new LookupParts(options);
  try {
    await parts.start();
    await measure(options, parts);
  } finally {
    await parts.stop();
  }
}

await main();
