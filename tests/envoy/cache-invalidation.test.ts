import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../envoy-local/lib/readiness.ts";
import { Http1Client, isHit, type CacheRequest } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter, type CacheEnvoy } from "./support/cache-gateway.ts";
import type { Script } from "./support/scripted-upstream.ts";

const WORKERS = 4;
/** Enough that every worker has some. */
const CONNECTIONS = 32;

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const local = gateway.envoy("local", { workers: WORKERS, listeners: { cached: [cacheFilter()] } });
const shared = gateway.envoy("shared", { workers: WORKERS, listeners: { cached: [cacheFilter({}, SHARED)] } });

/** What the upstream has: GET reads it, any other method changes it. */
function resource(path: string, { status = 200, location }: { status?: number; location?: string } = {}): void {
  let version = 1;
  const script: Script = (request, response) => {
    if (request.method !== "GET") {
      if (status < 400) version++;
      response.writeHead(status, location === undefined ? [] : ["location", location]);
      response.end();
      return;
    }
    response.writeHead(200, ["cache-control", "max-age=600"]);
    response.end(`version ${version}`);
  };
  upstream.on(path, script);
}

beforeAll(async () => {
  await gateway.start(local, shared);
});

afterAll(async () => {
  await gateway.stop();
});

/** What each of many connections gets, which are spread over all workers. */
async function seen(clients: readonly Http1Client[], path: string, request?: CacheRequest): Promise<Set<string>> {
  const replies = await Promise.all(clients.map((client) => client.send(path, request)));
  return new Set(replies.map(({ body }) => body.toString()));
}

function connect(envoy: CacheEnvoy): Http1Client[] {
  return Array.from({ length: CONNECTIONS }, () => new Http1Client(envoy.at()));
}

describe.each([
  ["with the local store alone", local],
  ["with Redis", shared],
] as const)("a client that changes something, %s,", (name, envoy) => {
  it.each(["POST", "PUT", "DELETE", "PATCH"])("by %s, is seen by all workers at once", async (method) => {
    const path = `/${name.length}/${method}`;
    resource(path);
    const clients = connect(envoy);
    const [writer] = clients as [Http1Client];
    for (let version = 1; version <= 20; version++) {
      expect(await seen(clients, path)).toEqual(new Set([`version ${version}`]));
      const asked = upstream.count(path);
      expect(await seen(clients, path)).toEqual(new Set([`version ${version}`]));
      expect(upstream.count(path)).toBe(asked);
      await writer.send(path, { method, ...(method === "DELETE" ? {} : { body: "{}" }) });
    }
    for (const client of clients) client.close();
  });

  it("changes what the response names as its Location, too, on the same origin", async () => {
    const path = `/${name.length}/created`;
    resource(path, { status: 201, location: `${path}/list` });
    resource(`${path}/list`);
    const client = new Http1Client(envoy.at());
    await client.send(`${path}/list`);
    expect(isHit(await client.send(`${path}/list`))).toBe(true);
    await client.send(path, { method: "POST", body: "{}" });
    expect(isHit(await client.send(`${path}/list`))).toBe(false);
    client.close();
  });

  it("and fails, changes nothing", async () => {
    const path = `/${name.length}/failed`;
    resource(path, { status: 400 });
    const client = new Http1Client(envoy.at());
    await client.send(path);
    await client.send(path, { method: "POST", body: "{}" });
    expect(isHit(await client.send(path))).toBe(true);
    client.close();
  });
});

describe("what was invalidated", () => {
  it("is of no use in Redis: a gateway that starts cold asks the upstream, whatever the unsafe request was like", async () => {
    const path = "/gone";
    resource(path);
    const client = new Http1Client(shared.at());
    const before = await gateway.admin.dbSize();
    await client.send(path);
    await until(AbortSignal.timeout(10_000), async () => (await gateway.admin.dbSize()) > before || undefined);
    await client.send(path, { method: "POST", body: "{}", headers: [["origin", "https://shop.example"]] });
    // The response is still there, and beside it the time since when it does not count.
    await until(AbortSignal.timeout(10_000), async () => (await gateway.admin.dbSize()) > before + 1 || undefined);
    client.close();
    await shared.stop();
    await shared.start();
    const cold = new Http1Client(shared.at());
    const reply = await cold.send(path);
    expect([isHit(reply), reply.body.toString()]).toEqual([false, "version 2"]);
    cold.close();
  });
});
