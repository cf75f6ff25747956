import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { json, send } from "../../envoy-local/lib/http-client.ts";
import { HOST, routeConfig } from "../fixtures/route/fixture.ts";

const WORKERS = 2;
const TENANTS = 40;
const CLIENTS = 8;
/** Seconds that Redis keeps a record. */
const REDIS_TTL = 2;
/** So often each tenant is to have been asked for when the clients stop. */
const TIMES = 3;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({
    workers: WORKERS,
    // Shorter than Redis' TTL, so that Redis is asked for each tenant over and over.
    pluginConfig: routeConfig({ local: { ttl: "500ms" } }),
    routingServiceEnv: { REDIS_TTL: String(REDIS_TTL) },
  });
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    await send({
      port: harness.routingService.port,
      method: "PUT",
      path: `/routes?host=${HOST}&tenant=t${tenant}`,
      body: JSON.stringify({ cell: "cell-1", path: `/stores/t${tenant}` }),
    });
  }
});

afterAll(async () => {
  await harness.stop();
});

/** Asks for one tenant after the other until told to stop; gives what was wrong with the answers. */
async function client(first: number, stopped: AbortSignal): Promise<string[]> {
  const wrong: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = first; !stopped.aborted; i++) {
    const tenant = i % TENANTS;
    const reply = await harness.send({ path: `/api/t${tenant}/orders`, headers: { host: HOST }, agent });
    const path = reply.status === 200 ? (json(reply) as { path: string }).path : `status ${reply.status}`;
    if (path !== `/stores/t${tenant}`) wrong.push(`t${tenant}: ${path}`);
  }
  agent.destroy();
  return wrong;
}

/** How often the service was asked for each tenant. */
async function asked(): Promise<number[]> {
  const stats = json(await send({ port: harness.routingService.port, path: "/stats" })) as {
    keys: Record<string, number>;
  };
  return Array.from({ length: TENANTS }, (_, tenant) => stats.keys[`route:${HOST}:t${tenant}`] ?? 0);
}

describe("while requests for the same keys go on", () => {
  it("the service is asked for a key again when Redis' record has expired, once per worker at most", async () => {
    const started = performance.now();
    const stop = new AbortController();
    const clients = Array.from({ length: CLIENTS }, async (_, index) => client(index * 5, stop.signal));
    let counts = await asked();
    while (Math.min(...counts) < TIMES) {
      await delay(100);
      counts = await asked();
    }
    stop.abort();
    const wrong = (await Promise.all(clients)).flat();
    const lives = Math.ceil((performance.now() - started) / (REDIS_TTL * 1000));

    expect(wrong).toEqual([]);
    // Two workers that find a record gone at the same moment both ask.
    expect(Math.max(...counts)).toBeLessThanOrEqual(WORKERS * lives);
  });
});
