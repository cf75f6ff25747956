import { setTimeout as pass } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../envoy-local/lib/readiness.ts";
import { Http1Client, cacheStatus, type CacheReply } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter, type CacheEnvoy } from "./support/cache-gateway.ts";
import { answer } from "./support/scripted-upstream.ts";
import { statsReach } from "./support/stats.ts";

const TEXT = ["content-type", "text/plain"] as const;
const FRESH = ["cache-control", "max-age=600"] as const;

/** More than a response may be on its way, in milliseconds, before Redis is asked. */
const LATE = 1100;

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const options = { listeners: { cached: [cacheFilter({}, SHARED)] } };
const slow = gateway.envoy("slow", options);
const quick = gateway.envoy("quick", options);
const empty = gateway.envoy("empty", options);

async function ask(envoy: CacheEnvoy, path: string): Promise<CacheReply> {
  const client = new Http1Client(envoy.at());
  try {
    return await client.send(path);
  } finally {
    client.close();
  }
}

beforeAll(async () => {
  await gateway.start(slow, quick, empty);
});

afterAll(async () => {
  await gateway.stop();
});

describe("an older response that ends later, at another gateway", () => {
  it("does not take the newer one's place in Redis", async () => {
    const path = "/older";
    const start = Date.now();
    const date = (seconds: number): ["date", string] => ["date", new Date(start + seconds * 1000).toUTCString()];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let begin = (): void => undefined;
    const asked = new Promise<void>((resolve) => (begin = resolve));
    upstream.on(path, async (request, response, call) => {
      if (call > 1) return answer(200, [TEXT, FRESH, date(0)], "new")(request, response, call);
      response.writeHead(200, [TEXT, FRESH, date(-5)].flat());
      response.write("o");
      begin();
      await released;
      response.end("ld");
    });
    const late = ask(slow, path);
    await asked;
    expect((await ask(quick, path)).body.toString()).toBe("new");
    await until(AbortSignal.timeout(30_000), async () => (await gateway.admin.dbSize()) === 1 || undefined);
    // What has been on its way for as long as this is late: nothing that happens says so.
    await pass(LATE);
    release();
    expect((await late).body.toString()).toBe("old");
    await statsReach(slow, { "wasmcustom.signpost.writes.outdated": 1 });
    const found = await ask(empty, path);
    expect([found.body.toString(), cacheStatus(found)]).toEqual(["new", expect.stringContaining("detail=redis")]);
    expect(upstream.count(path)).toBe(2);
  });
});
