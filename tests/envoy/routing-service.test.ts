import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { json, send } from "../../envoy-local/lib/http-client.ts";
import { connectAsAdmin, redisPart, type RedisAdmin } from "../../envoy-local/lib/redis.ts";
import { routingServicePart } from "../../envoy-local/lib/routing-service.ts";
import { removeDirectory, scratchDirectory, stopAll } from "../../envoy-local/lib/scratch.ts";

const directory = scratchDirectory();
const redis = redisPart(directory);
const service = routingServicePart(directory, () => redis.port);
const ACME = { path: "/stores/acme", headers: { "x-org": "Acme Corporation", "x-cell": "cell-1" } };
let admin: RedisAdmin;

beforeAll(async () => {
  await redis.start();
  await service.start();
  admin = await connectAsAdmin(redis.port);
});

afterAll(async () => {
  admin.destroy();
  await stopAll([redis, service]);
  removeDirectory(directory);
});

async function routeOf(tenant: string, host = "shop.example.com", port = service.port) {
  const query = `host=${encodeURIComponent(host)}&tenant=${encodeURIComponent(tenant)}`;
  const reply = await send({ port, path: `/routes?${query}` });
  return { status: reply.status, body: json(reply) };
}

async function put(tenant: string, body: string) {
  const path = `/routes?host=shop.example.com&tenant=${encodeURIComponent(tenant)}`;
  return send({ port: service.port, method: "PUT", path, body });
}

/** The service answers before Redis has confirmed the write. */
async function storedUnder(key: string): Promise<unknown> {
  return vi.waitFor(async () => {
    const record = await admin.get(key);
    expect(record, `${key} in Redis`).not.toBeNull();
    return JSON.parse(String(record)) as unknown;
  });
}

describe("the sample routing service", () => {
  it("answers a tenant in its table with the route record", async () => {
    expect(await routeOf("acme")).toEqual({ status: 200, body: ACME });
  });

  it("writes the record it answers to Redis, under the filter's key", async () => {
    await admin.flushAll();
    await routeOf("acme");
    expect(await storedUnder("signpost:route:shop.example.com:acme")).toEqual(ACME);
  });

  it("gives the record in Redis an end", async () => {
    await routeOf("acme");
    await storedUnder("signpost:route:shop.example.com:acme");
    const left = await admin.pTTL("signpost:route:shop.example.com:acme");
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it("percent-encodes host and tenant in the key, so that no tenant names another's record", async () => {
    const tenant = "a:b/c*(é";
    await put(tenant, JSON.stringify({ cell: "cell-1", path: "/stores/abc" }));
    await routeOf(tenant);
    const key = "signpost:route:shop.example.com:a%3Ab%2Fc%2A%28%C3%A9";
    expect(await storedUnder(key)).toMatchObject({ path: "/stores/abc" });
  });

  it("answers 404 for a tenant it does not know, and writes nothing", async () => {
    await admin.flushAll();
    expect(await routeOf("nobody")).toMatchObject({ status: 404 });
    await routeOf("acme"); // its write follows the one there must not be
    await storedUnder("signpost:route:shop.example.com:acme");
    expect(await admin.keys("*")).toEqual(["signpost:route:shop.example.com:acme"]);
  });

  it("keeps the tenants of two hosts apart", async () => {
    expect(await routeOf("acme", "other.example.com")).toMatchObject({ status: 404 });
  });

  it("forgets the record in Redis when a tenant changes", async () => {
    await put("mover", JSON.stringify({ cell: "cell-1", path: "/stores/mover" }));
    await routeOf("mover");
    await storedUnder("signpost:route:shop.example.com:mover");
    await put("mover", JSON.stringify({ cell: "cell-2", path: "/stores/mover" }));
    expect(await admin.exists("signpost:route:shop.example.com:mover")).toBe(0);
    expect((await routeOf("mover")).body).toMatchObject({ headers: { "x-cell": "cell-2" } });
  });

  it("counts the requests for each key", async () => {
    await put("counted", JSON.stringify({ cell: "cell-1", path: "/" }));
    await routeOf("counted");
    await routeOf("counted");
    const stats = json(await send({ port: service.port, path: "/stats" })) as {
      total: number;
      keys: Record<string, number>;
      cpuSeconds: number;
    };
    expect(stats.keys["route:shop.example.com:counted"]).toBe(2);
    expect(stats.total).toBeGreaterThanOrEqual(2);
    expect(stats.cpuSeconds).toBeGreaterThan(0);
  });

  it("is healthy while its database answers", async () => {
    expect((await send({ port: service.port, path: "/healthz" })).status).toBe(200);
  });

  it.each([
    ["no tenant", "GET", "/routes?host=shop.example.com", undefined],
    ["an empty host", "GET", "/routes?host=&tenant=acme", undefined],
    ["a body that is not JSON", "PUT", "/routes?host=h&tenant=t", "{"],
    ["a tenant without a cell", "PUT", "/routes?host=h&tenant=t", '{"path": "/"}'],
    ["a path without a slash", "PUT", "/routes?host=h&tenant=t", '{"cell": "cell-1", "path": "x"}'],
    ["headers that are no map of text", "PUT", "/routes?host=h&tenant=t", '{"cell": "c", "path": "/", "headers": [1]}'],
    ["an address that is none", "GET", "//", undefined],
  ])("refuses %s with 400 and says what is wrong", async (_, method, path, body) => {
    const reply = await send({ port: service.port, method, path, ...(body === undefined ? {} : { body }) });
    expect(reply.status).toBe(400);
    expect(json(reply)).toEqual({ error: expect.stringMatching(/\w+/) as string });
  });
});

describe("the sample routing service without Redis", () => {
  it("answers while Redis is frozen", async () => {
    redis.pause();
    try {
      expect(await routeOf("acme")).toEqual({ status: 200, body: ACME });
    } finally {
      redis.resume();
    }
  });

  it("answers while Redis is gone, and writes again when it is back", async () => {
    await redis.kill();
    expect(await routeOf("acme")).toEqual({ status: 200, body: ACME });
    await redis.start();
    await vi.waitFor(
      async () => {
        await routeOf("acme");
        expect(await admin.exists("signpost:route:shop.example.com:acme")).toBe(1);
      },
      { timeout: 180_000, interval: 100 },
    );
  });
});

describe("the sample routing service with a file of tenants and no Redis at all", () => {
  const file = `${directory}/tenants.json`;
  const alone = routingServicePart(directory, () => redis.port, { TENANTS_FILE: file, REDIS_URL: "" });

  afterAll(async () => {
    await alone.stop();
  });

  it("knows them beside its own, and writes nothing", async () => {
    const tenants = Array.from({ length: 1_000 }, (_, index) => ({
      host: "shop.example.com",
      tenant: `t${index}`,
      cell: "cell-2",
      path: `/stores/t${index}`,
      headers: { "x-org": `Tenant ${index}` },
    }));
    writeFileSync(file, JSON.stringify(tenants));
    await alone.start();
    for (const tenant of ["t0", "t999", "acme"]) {
      expect(await routeOf(tenant, "shop.example.com", alone.port)).toMatchObject({ status: 200 });
    }
    expect((await routeOf("t999", "shop.example.com", alone.port)).body).toEqual({
      path: "/stores/t999",
      headers: { "x-org": "Tenant 999", "x-cell": "cell-2" },
    });
    const stats = json(await send({ port: alone.port, path: "/stats" })) as { redisWrites: unknown };
    expect(stats.redisWrites).toEqual({ written: 0, failed: 0 });
    expect(alone.log.sinceStart()).not.toContain("Redis");
  });

  it("does not start with a list in which a tenant lacks its host", async () => {
    await alone.stop();
    writeFileSync(file, '[{"tenant": "t0", "cell": "cell-1", "path": "/"}]');
    await expect(alone.start()).rejects.toThrow("tenant 0 of the list needs host and tenant");
  });
});
