import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { connectAsAdmin } from "../../envoy-local/lib/redis.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { Counters } from "./support/counters.ts";
import { clock, Load, type Sample } from "./support/load.ts";

/** Every request is for another URL: each one asks Redis, and each response is to be stored there. */
const RATE = 200;
const MOST_OUT = 64;
const TENANTS = 10;
/** What waits for a Redis that is away is given up when it is of no use any more, in milliseconds. */
const LIFETIME = 1_000;
/** So many requests at least, before an outage and in it. */
const REQUESTS = 100;

/** Time limit and breaker have their defaults. */
const CONFIG = {
  webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS },
  responseCache: { match: { paths: ["/cell-1/*"] }, defaultTtl: `${LIFETIME}ms` },
};

interface Outage {
  readonly name: string;
  begin(harness: Harness): Promise<void>;
  end(harness: Harness): Promise<void>;
}

const OUTAGES: readonly Outage[] = [
  {
    name: "Redis full",
    begin: ({ redis }) => configure(redis.port, "1mb"),
    end: ({ redis }) => configure(redis.port, "0"),
  },
  {
    name: "Redis stopped",
    begin: ({ redis }) => redis.stop(),
    end: ({ redis }) => redis.start(),
  },
  {
    name: "Redis never answers",
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
    begin: ({ webdis }) => webdis.stop(),
    end: ({ webdis }) => webdis.start(),
  },
];

let harness: Harness;
let load: Load;
let counters: Counters;

async function configure(port: number, maxmemory: string): Promise<void> {
  const admin = await connectAsAdmin(port);
  await admin.configSet({ maxmemory, "maxmemory-policy": "noeviction" });
  admin.destroy();
}

beforeAll(async () => {
  harness = await startHarness({ pluginConfig: CONFIG });
  counters = new Counters(harness.envoy);
  const targets = { cached: { port: harness.envoy.port, prefix: "/cell-1" } };
  load = new Load({ rate: RATE, mostOut: MOST_OUT, targets, host: "shop.example.com", tenants: TENANTS });
});

afterAll(async () => {
  await load.stop();
  await harness.stop();
});

/** Requests without the answer that is theirs. */
function failures(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ tenant, sequence, status, path }) => {
    return status !== 200 || path !== `/cell-1/t${tenant}/${sequence}`;
  });
}

function dropped(counts: Readonly<Record<string, number>>): number {
  return (counts["writes.dropped.failed"] ?? 0) + (counts["writes.dropped.expired"] ?? 0);
}

describe("requests that all miss", () => {
  it.each(OUTAGES)("$name: no response is affected, and stores are dropped and counted", async (outage) => {
    const started = clock();
    await counters.beyond("writes.stored", await counters.read("writes.stored"));
    await load.requests(REQUESTS);
    const before = dropped(await counters.all());
    await outage.begin(harness);
    await load.requests(REQUESTS);
    // What waits then is of no use any more when Redis is back; that is when it is looked at.
    await load.goOn(LIFETIME);
    await outage.end(harness);
    await counters.until("stores are dropped", (counts) => dropped(counts) > before);
    await counters.beyond("writes.stored", await counters.read("writes.stored"));

    expect(failures(await load.during({ from: started, to: clock() })).slice(0, 3)).toEqual([]);
  });
});
