import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { connectAsAdmin } from "../../envoy-local/lib/redis.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { latencies, limit, percentiles, table } from "./support/figures.ts";
import { clock, Load, type Sample } from "./support/load.ts";

/** Every request is for another URL: each one asks Redis, and each response is to be stored there. */
const RATE = 300;
const TENANTS = 10;
const BEFORE = 5_000;
const OUTAGE = 10_000;
const AFTER = 3_000;
/** What waits for a Redis that is away is given up when it is of no use any more. */
const LIFETIME = "2s";

/** Time limit and breaker have their defaults. */
const CONFIG = {
  webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS },
  responseCache: { match: { paths: ["/cell-1/*"] }, defaultTtl: LIFETIME },
};

/** How long a request waits for a Redis that says nothing, in milliseconds. */
const READ_LIMIT = 50;
/** So long after an outage has begun breakers are open for certain; one request a second, the probe, is far from 1 %. */
const OPENING = 1_000;
/** What a small machine may add to that. */
const SLACK = 200;

interface Outage {
  readonly name: string;
  /** Why stores are dropped. */
  readonly dropped: "failed" | "expired";
  begin(harness: Harness): Promise<void>;
  end(harness: Harness): Promise<void>;
}

const OUTAGES: readonly Outage[] = [
  {
    name: "Redis full",
    dropped: "failed",
    begin: ({ redis }) => configure(redis.port, "1mb"),
    end: ({ redis }) => configure(redis.port, "0"),
  },
  {
    name: "Redis stopped",
    dropped: "expired",
    begin: ({ redis }) => redis.stop(),
    end: ({ redis }) => redis.start(),
  },
  {
    name: "Redis never answers",
    dropped: "expired",
    begin: ({ redis }) => {
      redis.pause();
      return Promise.resolve();
    },
    end: ({ redis }) => {
      redis.resume();
      return Promise.resolve();
    },
  },
  {
    name: "Webdis stopped",
    dropped: "expired",
    begin: ({ webdis }) => webdis.stop(),
    end: ({ webdis }) => webdis.start(),
  },
];

const rows: string[][] = [];
let harness: Harness;
let load: Load;

async function configure(port: number, maxmemory: string): Promise<void> {
  const admin = await connectAsAdmin(port);
  await admin.configSet({ maxmemory, "maxmemory-policy": "noeviction" });
  admin.destroy();
}

beforeAll(async () => {
  harness = await startHarness({ pluginConfig: CONFIG });
  const { port } = harness.envoy;
  const targets = { cached: { port, prefix: "/cell-1" }, plain: { port, prefix: "/cell-2" } };
  load = new Load({ rate: RATE, targets, host: "shop.example.com", tenants: TENANTS });
  await load.goOn(BEFORE);
});

afterAll(async () => {
  await load.stop();
  await harness.stop();
  const head = [
    "cold URLs, 10 s",
    "p50/p99 ms before",
    "during",
    "no cache, during",
    "slowest ms",
    "failed",
    "dropped",
  ];
  console.log(table(head, rows));
});

function of(target: string, samples: readonly Sample[]): readonly Sample[] {
  return samples.filter((sample) => sample.target === target);
}

/** Requests without the answer that is theirs. */
function failures(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ target, tenant, sequence, status, path }) => {
    const asked = `/${target === "cached" ? "cell-1" : "cell-2"}/t${tenant}/${sequence}`;
    return status !== 200 || path !== asked;
  });
}

async function writes(): Promise<{ stored: number; failed: number; expired: number }> {
  const found = await harness.envoy.stats("signpost\\.writes");
  const value = (name: string): number => found.get(`wasmcustom.signpost.writes.${name}`) ?? 0;
  return { stored: value("stored"), failed: value("dropped.failed"), expired: value("dropped.expired") };
}

describe("10 s of requests that all miss", () => {
  it.each(OUTAGES)("$name: no response is affected, and stores are counted as dropped", async (outage) => {
    const before = await load.goOn(BEFORE);
    const countsBefore = await writes();
    const from = clock();
    await outage.begin(harness);
    const { to } = await load.goOn(OUTAGE);
    await outage.end(harness);
    // What has waited all the time is looked at when Redis is back; counts come once a second.
    await load.goOn(AFTER);
    const counts = await writes();

    const usual = await load.during(before);
    const samples = await load.during({ from, to });
    const [cached, plain] = [latencies(of("cached", samples)), latencies(of("plain", samples))];
    const settled = latencies(of("cached", await load.during({ from: from + OPENING, to })));
    const failed = failures([...usual, ...samples]);
    const dropped = counts[outage.dropped] - countsBefore[outage.dropped];
    rows.push([
      outage.name,
      percentiles(latencies(of("cached", usual))),
      percentiles(cached),
      percentiles(plain),
      cached.max.toFixed(0),
      `${failed.length} of ${usual.length + samples.length}`,
      `${dropped} ${outage.dropped}`,
    ]);

    expect(failed.slice(0, 3)).toEqual([]);
    expect(settled.p50).toBeLessThanOrEqual(limit("p50", latencies(of("cached", usual)), plain));
    expect(settled.p99).toBeLessThanOrEqual(limit("p99", latencies(of("cached", usual)), plain));
    // Who finds out that Redis says nothing waits for the limit of a read, and no longer.
    expect(cached.max).toBeLessThanOrEqual(READ_LIMIT + plain.max + SLACK);
    expect(dropped).toBeGreaterThan(0);
    expect(countsBefore.stored).toBeGreaterThan(0);
  });
});
