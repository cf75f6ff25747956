import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everythingTo } from "../../envoy-local/lib/envoy-config.ts";
import { Http1Client, cacheStatus, type CacheReply } from "./support/cache-client.ts";
import { CacheGateway, cacheFilter } from "./support/cache-gateway.ts";
import { answer, type Script } from "./support/scripted-upstream.ts";
import { stat, statsReach } from "./support/stats.ts";

const WORKERS = 2;
const REQUESTS = 2_000;
const BODY = "x".repeat(1_000);

/** All requests may be at the upstream at once, where Envoy allows 1,024 by default, and a busy machine is slow to connect. */
const UNBOUNDED = {
  connect_timeout: "60s",
  circuit_breakers: { thresholds: [{ max_connections: 10_000, max_requests: 10_000, max_pending_requests: 10_000 }] },
};

const gateway = new CacheGateway();
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", {
  workers: WORKERS,
  // Longer than a busy machine needs to bring all requests in: nobody is released before.
  listeners: { cached: [cacheFilter({ collapse: { wait: "1m" } })] },
  routes: everythingTo({ route: { cluster: "upstream", timeout: "0s" } }),
  clusters: () => ({ upstream: { at: upstream.port, settings: UNBOUNDED } }),
});
const clients: Http1Client[] = [];

beforeAll(async () => {
  await gateway.start(envoy);
  // A connection each, so that the requests come at once and to both workers.
  for (let i = 0; i < REQUESTS; i++) clients.push(new Http1Client(envoy.at()));
});

afterAll(async () => {
  for (const client of clients) client.close();
  await gateway.stop();
});

function askAtOnce(path: string): Promise<CacheReply[]> {
  return Promise.all(clients.map((client) => client.send(path)));
}

/** Settles when Envoy holds all requests. */
async function allAreIn(): Promise<void> {
  await statsReach(envoy, { "http.cached.downstream_rq_active": REQUESTS });
}

/** The collapsed requests so far, as the filter counts them. */
async function collapsed(): Promise<number> {
  return stat(envoy, "wasmcustom.signpost.responses.collapsed");
}

describe(`${REQUESTS} concurrent requests for a cold URL on ${WORKERS} workers`, () => {
  it("make one upstream request per worker when the response may be shared", async () => {
    let all: Promise<void> | undefined;
    const shared: Script = async (request, response, call) => {
      // Once for both workers: when one's are answered, they are not all in any more.
      await (all ??= allAreIn());
      return answer(200, [["cache-control", "max-age=600"]], BODY)(request, response, call);
    };
    upstream.on("/shared", shared);
    const replies = await askAtOnce("/shared");
    expect(replies.filter(({ status, body }) => status !== 200 || body.toString() !== BODY)).toEqual([]);
    expect(upstream.count("/shared")).toBe(WORKERS);
    const others = replies.filter((reply) => /^signpost; fwd=miss; collapsed$/.test(cacheStatus(reply)));
    expect(others).toHaveLength(REQUESTS - WORKERS);
    await statsReach(envoy, { "wasmcustom.signpost.responses.collapsed": REQUESTS - WORKERS });
  });

  it("wait for no other one's body when it may not", async () => {
    let arrived: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const own: Script = async (_, response, call) => {
      response.writeHead(200, ["cache-control", "no-store"]);
      response.write("mine: ");
      if (call === REQUESTS) arrived();
      // No body ends before the last request is here: who waited for one would wait for ever.
      await all;
      response.end(String(call));
    };
    upstream.on("/own", own);
    const before = await collapsed();
    const replies = await askAtOnce("/own");
    const bodies = new Set(replies.map(({ body }) => body.toString()));
    expect(bodies).toEqual(new Set(Array.from({ length: REQUESTS }, (_, i) => `mine: ${i + 1}`)));
    expect(await collapsed()).toBeGreaterThan(before);
  });

  it("wait for nobody when the URL was one of those a short while ago", async () => {
    let arrived: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const late: Script = async (_, response, call) => {
      if (call === 2 * REQUESTS) arrived();
      // The first time each worker learns it; the second time not even a head is sent before all are here.
      if (call > REQUESTS) await all;
      response.writeHead(200, ["cache-control", "private"]);
      response.end("mine");
    };
    upstream.on("/never-shared", late);
    for (const times of [1, 2]) {
      const replies = await askAtOnce("/never-shared");
      expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
      expect(upstream.count("/never-shared")).toBe(times * REQUESTS);
    }
  });
});
