import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Gateway } from "../envoy/support/gateway.ts";
import { HOST, type PluginConfig } from "../fixtures/route/fixture.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { latencies, limit, percentiles, table } from "./support/figures.ts";
import { clock, Load, type Sample, type Span } from "./support/load.ts";

const TENANTS = 150;
/** Requests per second to each of the two listeners: one of them a second, the probe, is then far from 1 %. */
const RATE = 150;
const HEALTHY = 3_000;
const HANGING = 11_000;
/** After Webdis is back. */
const BACK = 4_000;
const HICCUPS = 30;
/** More keys than there are requests. */
const KEYS = RATE * 60;

/** The defaults of `webdis`: its time limit, and how long its breaker stays open, in milliseconds. */
const TIMEOUT = 50;
const OPEN = 1_000;

/** A key of its own for every request, so that all are cold; what the service says depends on the tenant alone. */
const LOOKUP = {
  name: "route",
  match: { paths: ["/api/*"] },
  key: "cold:{path[1]}:{path[2]}",
  // The service is healthy: on a busy machine it may just be slow.
  service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}", timeout: "2s" },
  owns: ["x-cell"],
  onMiss: { status: 404, body: "no such tenant" },
  onError: { status: 503, body: "routing is unavailable" },
};
const SERVICE_ONLY: PluginConfig = { lookups: [LOOKUP], debugHeader: "x-signpost" };
/** Webdis has the default time limit, breaker and `maxInFlight`. */
const WITH_WEBDIS: PluginConfig = { ...SERVICE_ONLY, webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS } };

const gateway = new Gateway([WITH_WEBDIS, SERVICE_ONLY]);
const rows: string[][] = [];
let load: Load;

beforeAll(async () => {
  await gateway.start();
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    await gateway.addTenant(HOST, `t${tenant}`, { cell: "1", path: `/service/t${tenant}`, headers: {} });
  }
  await Promise.all(
    Array.from({ length: KEYS }, (_, sequence) => {
      const tenant = `t${sequence % TENANTS}`;
      return gateway.put(`cold:${tenant}:${sequence}`, `{"path": "/redis/${tenant}/${sequence}"}`);
    }),
  );
  const targets = {
    "with Webdis": { port: gateway.port(0), prefix: "/api" },
    "service only": { port: gateway.port(1), prefix: "/api" },
  };
  load = new Load({ rate: 2 * RATE, targets, host: HOST, tenants: TENANTS });
  await load.goOn(HEALTHY);
});

afterAll(async () => {
  await load.stop();
  await gateway.stop();
  console.log(table(["cold keys", "p50/p99 ms with Webdis", "service only", "slowest ms"], rows));
});

/** Requests that did not get their own record from the tier that the response names. */
function failures(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ tier, path, tenant, sequence }) => {
    const own = tier === "webdis" ? `/redis/t${tenant}/${sequence}` : `/service/t${tenant}`;
    return path !== own;
  });
}

function to(target: "with Webdis" | "service only", samples: readonly Sample[]): readonly Sample[] {
  return samples.filter((sample) => sample.target === target);
}

async function note(name: string, span: Span): Promise<readonly Sample[]> {
  const samples = await load.during(span);
  const [withWebdis, serviceOnly] = [latencies(to("with Webdis", samples)), latencies(to("service only", samples))];
  rows.push([name, percentiles(withWebdis), percentiles(serviceOnly), withWebdis.max.toFixed(0)]);
  return samples;
}

async function callsToWebdis(): Promise<number> {
  const name = "cluster.webdis.upstream_rq_total";
  return (await gateway.envoy.stats(`^${name}$`)).get(name) ?? NaN;
}

describe("cold keys while Webdis accepts and never answers", () => {
  it("wait for its time limit until the breaker opens, and then take the service's own time", async () => {
    const healthy = await note("before", await load.goOn(HEALTHY));
    const paused = clock();
    gateway.webdis.pause();
    // Time limits run out, the breaker opens: that is over long before a second has passed.
    await load.goOn(OPEN);
    const calls = await callsToWebdis();
    const open = await load.goOn(HANGING - OPEN);
    const probes = (await callsToWebdis()) - calls;
    const opening = await note("Webdis stops to answer", { from: paused, to: open.from });
    const samples = await note("breaker open", open);

    expect(failures([...healthy, ...opening, ...samples]).slice(0, 3)).toEqual([]);
    expect(Math.max(...to("with Webdis", opening).map(({ milliseconds }) => milliseconds))).toBeGreaterThan(TIMEOUT);
    expect(new Set(to("with Webdis", samples).map(({ tier }) => tier))).toEqual(new Set(["service"]));
    // One probe a second is all that Webdis is asked.
    expect(probes).toBeGreaterThan(0);
    expect(probes).toBeLessThanOrEqual(Math.ceil((open.to - open.from) / OPEN));
    const service = latencies(to("service only", samples));
    const withWebdis = latencies(to("with Webdis", samples));
    expect(withWebdis.p50).toBeLessThanOrEqual(limit("p50", service));
    expect(withWebdis.p99).toBeLessThanOrEqual(limit("p99", service));
  });

  it("are answered by Redis again as soon as a probe has found that Webdis is back", async () => {
    const resumed = clock();
    gateway.webdis.resume();
    const samples = to("with Webdis", await note("Webdis is back", await load.goOn(BACK)));
    expect(failures(samples).slice(0, 3)).toEqual([]);
    const first = samples.find(({ tier }) => tier === "webdis")?.at ?? Infinity;
    // One probe may be lost: it went out just before, or the machine was busy.
    expect(first - resumed).toBeLessThanOrEqual(2 * (OPEN + TIMEOUT));
    // The breaker is closed from then on; a single call may still run into the time limit.
    const since = samples.filter(({ at }) => at >= first);
    expect(since.filter(({ tier }) => tier === "webdis").length / since.length).toBeGreaterThan(0.9);
  });
});

describe("cold keys while Redis hiccups for longer than the time limit", () => {
  // Webdis 0.1.9 keeps the file descriptor of a client that has gone and writes the late reply to whoever has it by then.
  it("never get the record of another key", async () => {
    const from = clock();
    for (let hiccup = 0; hiccup < HICCUPS; hiccup++) {
      gateway.redis.pause();
      await load.goOn(TIMEOUT + 10);
      gateway.redis.resume();
      await load.goOn(OPEN / 4);
    }
    const samples = to("with Webdis", await note("Redis hiccups", { from, to: clock() }));
    expect(failures(samples).slice(0, 3)).toEqual([]);
  });
});
