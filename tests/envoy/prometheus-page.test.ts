import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "../../envoy-local/lib/http-client.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { HOST, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { Gateway } from "./support/gateway.ts";
import { parsePrometheusPage, type Sample } from "./support/prometheus-page.ts";

/** How long a metric may take to get from the filter to Envoy's page, in milliseconds: it is sent once a second. */
const LIMIT = 60_000;

/** A lookup may be called as a tier, or as anything else that is in a metric's name. */
const NAMES = ["route", "local", "webdis", "service", "errors", "redis", "lookup", "a-b", "hits"];

const base = routeConfig({ service: { cluster: "nowhere", path: "/r", fill: true } });
const [lookup] = base["lookups"] as [PluginConfig];
const everything: PluginConfig = {
  ...base,
  lookups: NAMES.map((name) => ({ ...lookup, name, key: `${name}:{host}:{path[1]}` })),
  responseCache: {},
};

const gateway = new Gateway([everything], { workers: 2 });
let samples: Sample[] = [];

beforeAll(async () => {
  await gateway.start();
  await send({ port: gateway.port(0), path: "/api/acme/orders", headers: { host: HOST } });
  samples = await until(AbortSignal.timeout(LIMIT), async () => {
    const page = (await gateway.envoy.admin("/stats/prometheus")).body.toString();
    return page.includes("signpost_responses_hits") ? parsePrometheusPage(page) : undefined;
  });
});

afterAll(async () => {
  await gateway.stop();
});

const ours = (): Sample[] => samples.filter(({ name }) => name.startsWith("signpost_"));

describe("Envoy's page for Prometheus, read strictly", () => {
  it("has every series once, under valid names, the lines of a metric together", () => {
    expect(ours().length).toBeGreaterThan(100);
  });

  it("has nothing of a lookup's, a tier's or a class' name in the names of our metrics", () => {
    const names = [...new Set(ours().map(({ name }) => name))];
    expect(names.filter((name) => /^signpost_lookup_(route|webdis|service|local|a_b)_/.test(name))).toEqual([]);
  });

  it.each(NAMES)("has each metric of the lookup %s under its label", (name) => {
    const labelled = ours().filter(({ labels }) => labels.includes(`signpost_lookup="${name}"`));
    const ofRoute = ours().filter(({ labels }) => labels.includes('signpost_lookup="route"'));
    expect(labelled.map((sample) => sample.name)).toEqual(ofRoute.map((sample) => sample.name));
  });

  it("tells what requests were answered with from what Redis was asked", () => {
    const names = ours().map(({ name }) => name);
    for (const name of ["signpost_responses_hits_from_redis", "signpost_responses_redis_hits"]) {
      expect(names.filter((each) => each === name)).toHaveLength(1);
    }
  });
});
