import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../envoy-local/lib/readiness.ts";
import { Http1Client, cacheStatus, essence, isHit, type CacheReply } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter, type CacheEnvoy } from "./support/cache-gateway.ts";
import { statsReach } from "./support/stats.ts";
import { answer, type Fields, type Script } from "./support/scripted-upstream.ts";

const FRESH = ["cache-control", "max-age=600"] as const;
const PLAIN = Array.from({ length: 20 }, (_, i) => `/plain/${i}`);
const LANGUAGES = ["de", "fr", "en"];

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const options = { listeners: { cached: [cacheFilter({}, SHARED)] } };
const first = gateway.envoy("first", options);
const second = gateway.envoy("second", options);

/** What the first gateway answered, by what was asked. */
const stored = new Map<string, CacheReply>();

const inLanguage: Script = (request, response) => {
  response.writeHead(200, ["cache-control", "max-age=600", "vary", "accept-language", "etag", '"1"']);
  response.end(`in ${request.headers["accept-language"] ?? "any"}`);
};

async function ask(envoy: CacheEnvoy, path: string, headers: Fields = []): Promise<CacheReply> {
  const client = new Http1Client(envoy.at());
  try {
    return await client.send(path, { headers });
  } finally {
    client.close();
  }
}

/** Asks an Envoy that has nothing yet for all that the first one stored. */
async function expectAllFromRedis(envoy: CacheEnvoy): Promise<void> {
  for (const path of PLAIN) {
    const reply = await ask(envoy, path);
    expect(cacheStatus(reply)).toMatch(/^signpost; hit; ttl=\d+; detail=redis$/);
    expect(essence(reply)).toEqual(essence(stored.get(path) ?? reply));
    expect(cacheStatus(await ask(envoy, path))).toMatch(/^signpost; hit; ttl=\d+$/);
  }
  for (const language of LANGUAGES) {
    const reply = await ask(envoy, "/varies", [["accept-language", language]]);
    expect([isHit(reply), reply.body.toString()]).toEqual([true, `in ${language}`]);
  }
  expect(PLAIN.map((path) => upstream.count(path))).toEqual(PLAIN.map(() => 1));
  expect(upstream.count("/varies")).toBe(LANGUAGES.length);
}

beforeAll(async () => {
  await gateway.start(first);
  PLAIN.forEach((path, i) => {
    upstream.on(path, answer(200, [FRESH, ["x-number", `${i}`], ["x-a", "1"], ["x-a", "2"]], "x".repeat(i * 100)));
  });
  upstream.on("/varies", inLanguage);
  for (const path of PLAIN) stored.set(path, await ask(first, path));
  for (const language of LANGUAGES) await ask(first, "/varies", [["accept-language", language]]);
  // The variants, and the index by which they are found.
  const keys = PLAIN.length + LANGUAGES.length + 1;
  await until(AbortSignal.timeout(30_000), async () => (await gateway.admin.dbSize()) === keys || undefined);
});

afterAll(async () => {
  await gateway.stop();
});

describe("what one gateway has stored", () => {
  it("is answered from Redis by another one that starts cold, variants too", async () => {
    await second.start();
    await expectAllFromRedis(second);
  });

  it("is answered from Redis by the first one after a restart", async () => {
    await first.stop();
    await first.start();
    await expectAllFromRedis(first);
  });

  it("is gone from Redis when it is of no use any more", async () => {
    upstream.on("/short", answer(200, [["cache-control", "max-age=1"]], "short"));
    await ask(first, "/short");
    await until(AbortSignal.timeout(10_000), async () => {
      const ttls = await Promise.all((await gateway.admin.keys("*")).map((key) => gateway.admin.pTTL(key)));
      return ttls.some((ttl) => ttl > 0 && ttl <= 1_000) || undefined;
    });
    const keys = await gateway.admin.dbSize();
    await until(AbortSignal.timeout(10_000), async () => (await gateway.admin.dbSize()) === keys - 1 || undefined);
  });

  it("is a counted miss when it is damaged, and is mended", async () => {
    upstream.on("/damaged", answer(200, [FRESH], "whole"));
    const before = new Set(await gateway.admin.keys("*"));
    await ask(first, "/damaged");
    const key = await until(AbortSignal.timeout(10_000), async () =>
      (await gateway.admin.keys("*")).find((each) => !before.has(each)),
    );
    const whole = String(await gateway.admin.getRange(key, 0, -1));
    for (const bytes of [whole.slice(0, -1), "garbage", `${whole}x`]) {
      await gateway.admin.set(key, bytes);
      await second.stop();
      await second.start();
      const asked = upstream.count("/damaged");
      expect((await ask(second, "/damaged")).body.toString()).toBe("whole");
      expect(upstream.count("/damaged")).toBe(asked + 1);
      expect(isHit(await ask(second, "/damaged"))).toBe(true);
      await statsReach(second, { "wasmcustom.signpost.responses.redis.damaged": 1 });
    }
  });
});
