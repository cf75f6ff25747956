import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "../../envoy-local/lib/http-client.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { Gateway } from "./support/gateway.ts";

/** How long a metric may take to get from the filter to Envoy's page, in milliseconds: it is sent once a second. */
const LIMIT = 120_000;

const config = routeConfig({ service: { cluster: "nowhere", path: "/r", fill: true } });
const gateway = new Gateway([config], { workers: 2 });

/** Settles when Envoy's page for Prometheus has this line. */
async function shows(line: string): Promise<void> {
  let page = "";
  try {
    await until(AbortSignal.timeout(LIMIT), async () => {
      page = (await gateway.envoy.admin("/stats/prometheus")).body.toString();
      return page.split("\n").includes(line) || undefined;
    });
  } catch {
    expect(page.split("\n").filter((each) => each.includes("signpost"))).toContain(line);
  }
}

beforeAll(async () => {
  await gateway.start();
  await gateway.put(keyOf(HOST, "acme"), '{"path": "/svc"}');
  // On one connection, and so on one worker.
  for (const tenant of ["acme", "nobody"]) {
    await send({ port: gateway.port(0), path: `/api/${tenant}/orders`, headers: { host: HOST } });
  }
});

afterAll(async () => {
  await gateway.stop();
});

describe("Envoy's page for Prometheus shows the filter's metrics", () => {
  it.each([
    'signpost_lookup_hits{signpost_lookup="route",signpost_tier="webdis"} 1',
    'signpost_lookup_misses{signpost_lookup="route",signpost_tier="webdis"} 1',
    'signpost_lookup_errors{signpost_lookup="route",signpost_tier="service",signpost_class="unavailable"} 1',
    'signpost_lookup_misses{signpost_lookup="route",signpost_tier="local"} 2',
    'signpost_lookup_entries{signpost_lookup="route",signpost_tier="local"} 1',
    'signpost_lookup_flights{signpost_lookup="route"} 0',
    'signpost_lookup_breakers_open{signpost_lookup="route",signpost_tier="webdis"} 0',
    'signpost_lookup_latency_us_count{signpost_lookup="route",signpost_tier="webdis"} 2',
    'signpost_redis_errors{signpost_word="loading"} 0',
    'signpost_writes_dropped{signpost_reason="failed"} 0',
  ])("with labels: %s", async (line) => {
    await shows(line);
  });
});
