import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { latencies, limit, percentiles, table, type Latencies } from "./support/figures.ts";
import { clock, Load, type Sample } from "./support/load.ts";
import { OUTAGES, type Outage } from "./support/outages.ts";
import { HOST, TENANTS, Tenants } from "./support/tenants.ts";

/** Far below what two cores can do: latencies then tell of waiting, not of queues for a processor. */
const RATE = 600;
/** Every second request, so that each key is asked for so often, in milliseconds. */
const REQUEST_INTERVAL = (TENANTS / (RATE / 2)) * 1_000;
/** Requests beside it that the lookup does not match: they tell how noisy the machine is at the same time. */
const PLAIN = "/cell-1";
const BEFORE = 5_000;
const OUTAGE = 20_000;

const TTL = 4_000;
/** Far less than an outage: then only `staleIfError` is left, where requests would wait for the tiers. */
const STALE_WHILE_REVALIDATE = 5_000;
/** How long a failed refresh keeps a key from the next one, and a breaker its dependency. */
const RETRY = 1_000;

/** Time limits, breakers and `maxInFlight` have their defaults. */
const CONFIG = {
  webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS },
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{host}:{path[1]}",
      service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}" },
      local: {
        ttl: `${TTL}ms`,
        jitter: "10%",
        refreshAhead: "1s",
        staleWhileRevalidate: `${STALE_WHILE_REVALIDATE}ms`,
        staleIfError: "10m",
      },
      owns: ["x-cell"],
      onMiss: { status: 404, body: "no such tenant" },
      onError: { status: 503, body: "routing is unavailable" },
    },
  ],
  debugHeader: "x-signpost",
};

const directory = scratchDirectory();
const rows: string[][] = [];
let harness: Harness;
let tenants: Tenants;
let load: Load;

beforeAll(async () => {
  harness = await startHarness({
    pluginConfig: CONFIG,
    // The database outlives the service's process; Redis forgets a record within the outage.
    routingServiceEnv: { DATABASE_URL: `file://${directory}/database`, REDIS_TTL: "8" },
  });
  tenants = new Tenants(harness.routingService);
  await tenants.change();
  const { port } = harness.envoy;
  const targets = { routed: { port, prefix: "/api" }, plain: { port, prefix: PLAIN } };
  load = new Load({ rate: RATE, targets, host: HOST, tenants: TENANTS });
  await load.goOn(TTL);
});

afterAll(async () => {
  await load.stop();
  await harness.stop();
  removeDirectory(directory);
  const head = ["20 s with warm keys", "p50/p99 ms before", "during", "after", "no lookup, during"];
  head.push("slowest ms", "failed", "oldest s", "fresh after s");
  console.log(table(head, rows));
});

/** Requests with no answer, a wrong answer, half a record or somebody else's. */
function failures(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter((sample) => (isRouted(sample) ? tenants.versionOf(sample) === null : sample.status !== 200));
}

function isRouted({ target }: Sample): boolean {
  return target === "routed";
}

function routed(samples: readonly Sample[]): Latencies {
  return latencies(samples.filter(isRouted));
}

/** What the same machine does at the same time with requests that no lookup is about. */
function plain(samples: readonly Sample[]): Latencies {
  return latencies(samples.filter((sample) => !isRouted(sample)));
}

function isOld(sample: Sample): boolean {
  return isRouted(sample) && tenants.isOld(sample);
}

/** Milliseconds from each tenant's change until its old record was served for the last time; the longest of them. */
function staleFor(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.filter(isOld).map((sample) => tenants.sinceChange(sample)));
}

/** Changes all records, and waits until only new ones have been served for some rounds. */
async function untilFresh(): Promise<number> {
  await tenants.change();
  const changed = clock();
  const samples = await load.until(changed, 3 * TTL, (seen) => {
    const latest = seen.filter(({ at }) => at > clock() - 3 * REQUEST_INTERVAL);
    return clock() > changed + 3 * REQUEST_INTERVAL && !latest.some(isOld);
  });
  return staleFor(samples);
}

async function run(outage: Outage) {
  const before = await load.goOn(BEFORE);
  const from = clock();
  await outage.begin(harness);
  const { to } = await load.goOn(OUTAGE);
  await outage.end(harness);
  const fresh = await untilFresh();
  return {
    before: await load.during(before),
    during: await load.during({ from, to }),
    after: await load.during({ from: to, to: clock() }),
    fresh,
  };
}

describe("20 s with warm keys", () => {
  it.each(OUTAGES)(
    "$name: no request fails, none is slow, and fresh values are back within one TTL",
    async (outage) => {
      const { before, during, after, fresh } = await run(outage);
      const failed = failures([...before, ...during, ...after]);
      const oldest = Math.max(...during.map(({ age }) => age * 1_000));
      rows.push([
        outage.name,
        ...[before, during, after].map((samples) => percentiles(routed(samples))),
        percentiles(plain(during)),
        routed(during).max.toFixed(0),
        `${failed.length} of ${before.length + during.length + after.length}`,
        (oldest / 1_000).toFixed(0),
        (fresh / 1_000).toFixed(1),
      ]);

      expect(failed.slice(0, 3)).toEqual([]);
      // Against the same requests before; and where the machine became busy meanwhile, it did for all requests.
      expect(routed(during).p99).toBeLessThanOrEqual(limit("p99", routed(before), plain(during)));
      // The outage was one: without a source the records grew old, and with one they did not.
      if (outage.leavesSource) expect(oldest).toBeLessThanOrEqual(TTL + 2 * RETRY);
      else expect(oldest).toBeGreaterThan(TTL + STALE_WHILE_REVALIDATE);
      expect(fresh).toBeLessThanOrEqual(TTL + REQUEST_INTERVAL);
    },
  );
});
