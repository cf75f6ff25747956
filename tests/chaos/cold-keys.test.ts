import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Gateway } from "../envoy/support/gateway.ts";
import { stat } from "../envoy/support/stats.ts";
import { HOST, type PluginConfig } from "../fixtures/route/fixture.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { Counters } from "./support/counters.ts";
import { clock, Load, type Sample } from "./support/load.ts";

const TENANTS = 150;
const RATE = 200;
const MOST_OUT = 64;
const HICCUPS = 8;

/** How long a breaker stays open by default, in milliseconds. */
const OPEN = 1_000;
/** While the breaker is open, so many probes are waited for. */
const PROBES = 3;
const PATIENCE = 120_000;

/** Without a local store every request asks: all keys are cold. */
const CONFIG: PluginConfig = {
  // The default time limit, breaker and `maxInFlight`.
  webdis: { cluster: "webdis", ...WEBDIS_CREDENTIALS },
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "cold:{path[1]}",
      local: false,
      // The service is healthy: on a busy machine it may just be slow.
      service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}", timeout: "1m" },
      owns: ["x-cell"],
      onMiss: { status: 404, body: "no such tenant" },
      onError: { status: 503, body: "routing is unavailable" },
    },
  ],
  debugHeader: "x-signpost",
};
const BREAKER = "lookup.route.webdis.breakers_open";

const gateway = new Gateway([CONFIG]);
const counters = new Counters(gateway.envoy);
let load: Load;

beforeAll(async () => {
  await gateway.start();
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    await gateway.addTenant(HOST, `t${tenant}`, { cell: "1", path: `/service/t${tenant}`, headers: {} });
    await gateway.put(`cold:t${tenant}`, `{"path": "/redis/t${tenant}"}`);
  }
  const targets = { cold: { port: gateway.port(0), prefix: "/api" } };
  load = new Load({ rate: RATE, mostOut: MOST_OUT, targets, host: HOST, tenants: TENANTS });
  await answersFrom("webdis", 2 * TENANTS);
});

afterAll(async () => {
  await load.stop();
  await gateway.stop();
});

/** Requests that did not get their own record from the tier that the response names. */
function failures(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ tier, path, tenant }) => path !== `/${tier === "webdis" ? "redis" : "service"}/t${tenant}`);
}

/** Settles when so many of the requests sent from now on have been answered with what that tier said. */
async function answersFrom(tier: "webdis" | "service", count = 1): Promise<void> {
  const enough = (samples: readonly Sample[]): boolean =>
    samples.filter((sample) => sample.tier === tier).length >= count;
  await load.until(`${count} answers come from ${tier}`, clock(), enough);
}

function callsToWebdis(): Promise<number> {
  return stat(gateway.envoy, "cluster.webdis.upstream_rq_total");
}

describe("cold keys while Webdis accepts and never answers", () => {
  it("run into its time limit until the breaker opens, and ask the service alone from then on", async () => {
    const paused = clock();
    gateway.webdis.pause();
    await counters.reaches(BREAKER, 1);
    // One probe in each time that the breaker is open is all that Webdis is asked, whatever the requests are meanwhile.
    const from = clock();
    const calls = await callsToWebdis();
    const seen = async (): Promise<true | undefined> => (await callsToWebdis()) >= calls + PROBES || undefined;
    await until(AbortSignal.timeout(PATIENCE), seen);
    const probes = (await callsToWebdis()) - calls;
    const to = clock();

    expect(failures(await load.during({ from: paused, to })).slice(0, 3)).toEqual([]);
    const open = await load.during({ from, to });
    expect(new Set(open.map(({ tier }) => tier))).toEqual(new Set(["service"]));
    expect(probes).toBeLessThanOrEqual((to - from) / OPEN + 1);
  });

  it("are answered by Redis again when a probe has found that Webdis is back", async () => {
    const resumed = clock();
    gateway.webdis.resume();
    await counters.reaches(BREAKER, 0);
    await answersFrom("webdis", TENANTS);
    expect(failures(await load.during({ from: resumed, to: clock() })).slice(0, 3)).toEqual([]);
  });
});

describe("cold keys while Redis hiccups for longer than the time limit", () => {
  // Webdis 0.1.9 keeps the file descriptor of a client that has gone and writes the late reply to whoever has it by then.
  it("never get the record of another key", async () => {
    const from = clock();
    for (let hiccup = 0; hiccup < HICCUPS; hiccup++) {
      gateway.redis.pause();
      await answersFrom("service");
      gateway.redis.resume();
      await answersFrom("webdis");
    }
    expect(failures(await load.during({ from, to: clock() })).slice(0, 3)).toEqual([]);
  });
});
