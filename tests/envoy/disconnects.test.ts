import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness } from "../../envoy-local/lib/harness.ts";
import { json, send } from "../../envoy-local/lib/http-client.ts";
import { connectAsAdmin } from "../../envoy-local/lib/redis.ts";
import { HOST, keyOf, patientConfig } from "../fixtures/route/fixture.ts";
import { LeavingClient } from "./support/leaving-client.ts";
import { stat, statsReach } from "./support/stats.ts";

/** Clients that leave in one stage of one batch; fewer than the default of `maxInFlight` on a worker. */
const CLIENTS = 250;
const BATCHES = 4;
const TIMEOUT = "30s";
const MIB = 1024 * 1024;
const KNOWN = "known";
const RECORD = '{"path": "/svc", "headers": {"x-cell": "cell-1"}}';

/** Tiers are frozen here for as long as a wave takes to arrive: their limits must be longer. */
const CONFIG = patientConfig(TIMEOUT, {
  // Small enough to be full after one batch: what grows later is a leak.
  local: { ttl: "1h", maxEntries: 500, maxBytes: "256KiB" },
});

let harness: Harness;
let tenants = 0;

beforeAll(async () => {
  harness = await startHarness({ workers: 2, pluginConfig: CONFIG });
  const redis = await connectAsAdmin(harness.redis.port);
  await redis.set(`signpost:${keyOf(HOST, KNOWN)}`, RECORD);
  redis.destroy();
});

afterEach(() => {
  // Also after a failure: what is frozen would hold up the end.
  for (const part of [harness.webdis, harness.routingService, harness.cells["cell-1"]]) part.resume();
});

afterAll(async () => {
  await harness.stop();
});

/** A path whose tenant nobody has asked for yet. */
function coldPath(): string {
  return `/api/cold-${tenants++}/orders`;
}

interface Ask {
  readonly count?: number;
  readonly path: () => string;
  /** Body bytes that are announced and never all sent. */
  readonly upload?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects clients and has each send a request. */
async function ask({ count = CLIENTS, path, upload = false, headers = {} }: Ask): Promise<LeavingClient[]> {
  const clients = await LeavingClient.connect(harness.envoy.port, count);
  for (const client of clients) {
    if (upload) client.send("POST", path(), { host: HOST, ...headers, "content-length": "100000" }, "x".repeat(20_000));
    else client.send("GET", path(), { host: HOST, ...headers });
  }
  return clients;
}

function leave(clients: readonly LeavingClient[]): void {
  clients.forEach((client, index) => client.leave(index % 2 === 0 ? "reset" : "end"));
}

/** Settles when `cluster` has as many requests before it as there are clients. */
async function inFlight(cluster: string, count = CLIENTS): Promise<void> {
  await statsReach(harness.envoy, { [`cluster.${cluster}.upstream_rq_active`]: count });
}

async function requestsHeld(count: number): Promise<void> {
  await statsReach(harness.envoy, { "http.http.downstream_rq_active": count });
}

/** Settles when nothing is under way any more: no client, no call of the filter, no request to an upstream. */
async function idle(): Promise<void> {
  await statsReach(harness.envoy, {
    "http.http.downstream_cx_active": 0,
    "http.http.downstream_rq_active": 0,
    "cluster.webdis.upstream_rq_active": 0,
    "cluster.routing-service.upstream_rq_active": 0,
    "cluster.cell-1.upstream_rq_active": 0,
  });
  // Connections that are gone again still fill the queue of a program that has not come to accept them, and a queue that
  // is full when the program is frozen takes no more. The queue is first in, first out: an answer over a new connection
  // comes after them all.
  for (const part of [harness.cells["cell-1"], harness.routingService]) {
    const agent = new Agent({ keepAlive: false });
    await send({ port: part.port, path: "/", agent });
  }
}

/** Settles when the filters of both workers say that so many of their questions are out; they say it once a second. */
async function flights(count: number): Promise<void> {
  await statsReach(harness.envoy, { "wasmcustom.signpost.lookup.route.flights": count });
}

/** One stage of a request at which clients leave. Each has `CLIENTS` of them leave. */
const STAGES: Readonly<Record<string, () => Promise<void>>> = {
  "before Webdis answers": async () => {
    harness.webdis.pause();
    const clients = await ask({ path: coldPath });
    await inFlight("webdis");
    leave(clients);
    await requestsHeld(0);
    harness.webdis.resume();
  },
  "while Webdis answers": async () => {
    harness.webdis.pause();
    const clients = await ask({ path: coldPath });
    await inFlight("webdis");
    harness.webdis.resume();
    leave(clients);
  },
  "before the service answers": async () => {
    harness.routingService.pause();
    const clients = await ask({ path: coldPath });
    await inFlight("routing-service");
    leave(clients);
    await requestsHeld(0);
    harness.routingService.resume();
  },
  "while the service answers": async () => {
    harness.routingService.pause();
    const clients = await ask({ path: coldPath });
    await inFlight("routing-service");
    harness.routingService.resume();
    leave(clients);
  },
  "as followers, and all have left when the answer comes": async () => {
    harness.webdis.pause();
    const path = coldPath();
    const clients = await ask({ path: () => path });
    await requestsHeld(CLIENTS);
    leave(clients);
    await requestsHeld(0);
    harness.webdis.resume();
  },
  "as leaders, and those that stay are answered": async () => {
    harness.webdis.pause();
    const path = coldPath();
    const leavers = await ask({ path: () => path });
    await requestsHeld(CLIENTS);
    const stayers = await ask({ count: 10, path: () => path, headers: { connection: "close" } });
    await requestsHeld(CLIENTS + stayers.length);
    leave(leavers);
    await requestsHeld(stayers.length);
    harness.webdis.resume();
    for (const stayer of stayers) {
      // Nobody knows the tenant: the request goes on as it came, and no route takes it.
      expect(await stayer.everything()).toMatch(/^HTTP\/1.1 404 .*x-signpost: lookup=route; tier=service; /s);
    }
  },
  "during the upload, before Webdis answers": async () => {
    harness.webdis.pause();
    const clients = await ask({ path: coldPath, upload: true });
    await inFlight("webdis");
    leave(clients);
    await requestsHeld(0);
    harness.webdis.resume();
  },
  "during the upload, after the request was routed": async () => {
    const clients = await ask({ path: () => `/api/${KNOWN}/orders`, upload: true });
    await inFlight("cell-1");
    leave(clients);
  },
  "before the upstream answers": async () => {
    harness.cells["cell-1"].pause();
    const clients = await ask({ path: () => `/api/${KNOWN}/orders` });
    await inFlight("cell-1");
    leave(clients);
    await requestsHeld(0);
    harness.cells["cell-1"].resume();
  },
  "during the answer": async () => {
    const clients = await ask({ path: () => `/api/${KNOWN}/orders`, headers: { "x-echo-pause": "60000" } });
    for (const client of clients) expect(await client.something()).toMatch(/^HTTP\/1.1 200 /);
    await requestsHeld(CLIENTS);
    leave(clients);
  },
};

interface Memory {
  /** Bytes that Envoy's allocator has handed out; the VMs' memory is not among them. */
  readonly allocated: number;
  /** Bytes of the whole process. */
  readonly resident: number;
}

async function memory(): Promise<Memory> {
  const { allocated } = json(await harness.envoy.admin("/memory")) as { allocated: string };
  const status = readFileSync(`/proc/${harness.envoy.pid}/status`, "utf8");
  return { allocated: Number(allocated), resident: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 };
}

describe(`${BATCHES * CLIENTS * Object.keys(STAGES).length} clients that leave`, () => {
  const after: Memory[] = [];

  describe.each(Array.from({ length: BATCHES }, (_, index) => index + 1))("batch %i", () => {
    it.each(Object.entries(STAGES))("%s leave nothing under way", async (_, stage) => {
      await stage();
      await idle();
    });

    it("does not harm the filter: the next request is routed, and nothing has failed", async () => {
      const agent = new Agent({ keepAlive: false });
      const reply = await harness.send({ path: `/api/${KNOWN}/orders?page=2`, headers: { host: HOST }, agent });
      expect(json(reply)).toMatchObject({ name: "cell-1", path: "/svc?page=2" });
      expect(harness.envoy.log.all()).not.toMatch(/\[(error|critical)\]/);
      await flights(0);
      after.push(await memory());
    });
  });

  it("leave no question in flight but those that are out, and none when they are answered", async () => {
    harness.webdis.pause();
    const clients = await ask({ path: coldPath });
    await flights(CLIENTS);
    leave(clients);
    await requestsHeld(0);
    harness.webdis.resume();
    await flights(0);
    await idle();
  });

  it("were noticed: their requests were under way", async () => {
    const left = await stat(harness.envoy, "http.http.downstream_cx_destroy_remote_active_rq");
    // While an answer comes, some have it before they leave.
    const surelyWaiting = Object.keys(STAGES).filter((name) => !name.startsWith("while")).length;
    expect(left).toBeGreaterThanOrEqual(BATCHES * CLIENTS * surelyWaiting);
  });

  it("do not make Envoy's memory grow", () => {
    // The first batch fills the stores and what is made on first use.
    const [, early, , late] = after;
    expect((late?.allocated ?? NaN) - (early?.allocated ?? NaN)).toBeLessThan(MIB);
    expect((late?.resident ?? NaN) - (early?.resident ?? NaN)).toBeLessThan(6 * MIB);
  });
});
