import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { connectAsAdmin, type RedisAdmin } from "../../envoy-local/lib/redis.ts";
import { HOST, patientConfig } from "../fixtures/route/fixture.ts";
import { stat, statsReach } from "./support/stats.ts";

const WORKERS = 2;
const REQUESTS = 1_000;
const TIMEOUT = "20s";

/** Tiers are frozen here until all requests are in: their limits must be longer than that takes. */
const CONFIG = patientConfig(TIMEOUT, { onMiss: { status: 404, body: "no such tenant" } });

let harness: Harness;
let redis: RedisAdmin;

beforeAll(async () => {
  harness = await startHarness({ workers: WORKERS, pluginConfig: CONFIG });
  redis = await connectAsAdmin(harness.redis.port);
});

afterAll(async () => {
  redis.destroy();
  await harness.stop();
});

/** What has been asked of each tier so far. */
interface Asked {
  /** GETs that Redis has run. */
  readonly redis: number;
  /** Requests of the filter to Webdis. */
  readonly webdis: number;
  readonly service: number;
}

async function asked(): Promise<Asked> {
  const commands = await redis.info("commandstats");
  const service = json(await send({ port: harness.routingService.port, path: "/stats" })) as { total: number };
  return {
    redis: Number(/^cmdstat_get:calls=(\d+)/m.exec(commands)?.[1] ?? 0),
    webdis: await stat(harness.envoy, "cluster.webdis.upstream_rq_total"),
    service: service.total,
  };
}

async function addTenant(tenant: string): Promise<void> {
  const reply = await send({
    port: harness.routingService.port,
    method: "PUT",
    path: `/routes?host=${HOST}&tenant=${tenant}`,
    body: JSON.stringify({ cell: "cell-2", path: `/stores/${tenant}` }),
  });
  expect(reply.status).toBe(200);
}

/** Sends all requests over connections of their own. */
function askAtOnce(tenant: string): Promise<HttpReply>[] {
  return Array.from({ length: REQUESTS }, async (_, index) =>
    harness.send({ path: `/api/${tenant}/orders?n=${index}`, headers: { host: HOST } }),
  );
}

/** Settles when Envoy holds all requests, on every worker some. */
async function allAreIn(): Promise<void> {
  await statsReach(harness.envoy, { "http.http.downstream_rq_active": REQUESTS });
  const connections = await harness.envoy.stats("^listener\\..*worker_\\d+\\.downstream_cx_active$");
  const workers = [...connections].filter(([name, value]) => !name.includes("admin") && value > 0);
  expect(workers).toHaveLength(WORKERS);
}

/** What is wrong with the replies: each must have been routed as its own request asked. */
async function faults(tenant: string, tier: string, replies: readonly Promise<HttpReply>[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [index, reply] of (await Promise.all(replies)).entries()) {
    const seen = reply.status === 200 ? (json(reply) as { name: string; path: string }) : { name: "none", path: "" };
    const went = `${reply.status} ${seen.name} ${seen.path} ${String(reply.headers["x-signpost"])}`;
    const right = `200 cell-2 /stores/${tenant}?n=${index} lookup=route; tier=${tier}; age=0`;
    if (went !== right) wrong.push(went);
  }
  return wrong;
}

describe(`${REQUESTS} concurrent requests for one cold key on ${WORKERS} workers`, () => {
  let before: Asked;

  beforeEach(async () => {
    before = await asked();
  });

  afterEach(() => {
    // Also after a failure: a frozen part would fail the next test, too.
    harness.webdis.resume();
    harness.routingService.resume();
  });

  it("make one GET and one service request per worker, and each is routed right", async () => {
    await addTenant("unknown-to-redis");
    harness.webdis.pause();
    harness.routingService.pause();
    const replies = askAtOnce("unknown-to-redis");
    await allAreIn();
    harness.webdis.resume();
    // Both workers have heard of Redis' miss before the service says anything.
    await statsReach(harness.envoy, { "cluster.routing-service.upstream_rq_active": WORKERS });
    harness.routingService.resume();

    expect(await faults("unknown-to-redis", "service", replies)).toEqual([]);
    const after = await asked();
    expect(after.redis - before.redis).toBe(WORKERS);
    expect(after.webdis - before.webdis).toBe(WORKERS);
    expect(after.service - before.service).toBe(WORKERS);
  });

  it("make one GET per worker and no service request when Redis knows it", async () => {
    await redis.set(
      `signpost:route:${HOST}:known-to-redis`,
      JSON.stringify({ path: "/stores/known-to-redis", headers: { "x-cell": "cell-2" } }),
    );
    harness.webdis.pause();
    const replies = askAtOnce("known-to-redis");
    await allAreIn();
    harness.webdis.resume();

    expect(await faults("known-to-redis", "webdis", replies)).toEqual([]);
    const after = await asked();
    expect(after.redis - before.redis).toBe(WORKERS);
    expect(after.webdis - before.webdis).toBe(WORKERS);
    expect(after.service - before.service).toBe(0);
  });

  it("are all answered when there is no such tenant", async () => {
    harness.webdis.pause();
    const replies = askAtOnce("nobody");
    await allAreIn();
    harness.webdis.resume();
    const answers = (await Promise.all(replies)).map(({ status, body }) => `${status} ${body.toString()}`);
    expect(new Set(answers)).toEqual(new Set(["404 no such tenant"]));
    const after = await asked();
    expect(after.service - before.service).toBe(WORKERS);
  });
});
