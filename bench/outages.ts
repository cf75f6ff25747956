/**
 * What requests take while parts fail, against the same requests before and beside them:
 *
 *     npx tsx bench/outages.ts [--seconds 20] [--rate 600]
 *
 * Three kinds of requests go to one Envoy in turn: with a lookup whose keys are warm; to a URL that no cache has, so that Redis
 * is asked for each and gets each response; and with none of this, which tells how noisy the machine is at that time.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startHarness, type Harness } from "../envoy-local/lib/harness.ts";
import { removeDirectory, scratchDirectory } from "../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS } from "../envoy-local/lib/webdis.ts";
import { Load, type Sample } from "../tests/chaos/support/load.ts";
import { OUTAGES } from "../tests/chaos/support/outages.ts";
import { HOST, TENANTS, Tenants } from "../tests/chaos/support/tenants.ts";
import { latencies, percentiles, table } from "./support/figures.ts";

/** Time limits, breakers and `maxInFlight` have their defaults. */
const CONFIG = {
  webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS },
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{host}:{path[1]}",
      service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}" },
      local: { ttl: "4s", jitter: "10%", refreshAhead: "1s", staleWhileRevalidate: "5s", staleIfError: "10m" },
      owns: ["x-cell"],
      onMiss: { status: 404, body: "no such tenant" },
      onError: { status: 503, body: "routing is unavailable" },
    },
  ],
  responseCache: { match: { paths: ["/cell-1/*"] }, defaultTtl: "2s" },
  debugHeader: "x-signpost",
};
const KINDS = ["warm keys", "cold URLs", "neither"] as const;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "20" }, rate: { type: "string", default: "600" } },
});
const seconds = Number(values.seconds);

async function measure(harness: Harness): Promise<void> {
  await new Tenants(harness.routingService).change();
  const { port } = harness.envoy;
  const targets = {
    "warm keys": { port, prefix: "/api" },
    "cold URLs": { port, prefix: "/cell-1" },
    neither: { port, prefix: "/cell-2" },
  };
  // Far below what two cores can do: latencies then tell of waiting, not of queues for a processor.
  const load = new Load({ rate: Number(values.rate), mostOut: 10_000, targets, host: HOST, tenants: TENANTS });
  await load.goOn(4_000);
  const rows: string[][] = [];
  for (const outage of OUTAGES) {
    const before = await load.goOn(5_000);
    const during = await load.goOn(0);
    await outage.begin(harness);
    const { to } = await load.goOn(seconds * 1_000);
    const samples = { before: await load.during(before), during: await load.during({ from: during.from, to }) };
    await outage.end(harness);
    for (const kind of KINDS) {
      const of = (all: readonly Sample[]): readonly Sample[] => all.filter(({ target }) => target === kind);
      const [usual, failing] = [latencies(of(samples.before)), latencies(of(samples.during))];
      const failed = of(samples.during).filter(({ status }) => status !== 200).length;
      const figures = [
        percentiles(usual),
        percentiles(failing),
        failing.max.toFixed(0),
        `${failed} of ${failing.requests}`,
      ];
      rows.push([outage.name, kind, ...figures]);
    }
    // Breakers close, stores are filled again.
    await delay(3_000);
  }
  await load.stop();
  console.log(table([`${seconds} s of`, "requests", "p50/p99 ms before", "during", "slowest", "failed"], rows));
}

const directory = scratchDirectory();
const harness = await startHarness({
  pluginConfig: CONFIG,
  // The database outlives the service's process; Redis forgets a record within the outage.
  routingServiceEnv: { DATABASE_URL: `file://${directory}/database`, REDIS_TTL: "8" },
});
try {
  await measure(harness);
} finally {
  await harness.stop();
  removeDirectory(directory);
}
