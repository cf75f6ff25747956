import { describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import {
  CLUSTERS,
  doctor,
  doctorJson,
  deliveredPlugin,
  FILTER,
  discovered,
  gatewayDump,
  gatewayListener,
  pluginConfig,
  statsOf,
} from "./support/dumps.ts";

const TIER = "wasmcustom.signpost.lookup.route.webdis.";
const CACHE = "wasmcustom.signpost.responses.redis.";
const HTTP = "http.outbound_0.0.0.0_8080.downstream_rq_";

type Counts = Readonly<Record<string, number>>;

async function found(
  now: Counts,
  before?: Counts,
  config = pluginConfig(),
): Promise<{ ids: FindingId[]; seen: string }> {
  const dump = gatewayDump({
    listeners: [gatewayListener("0.0.0.0_8080", [discovered()])],
    extensions: { [FILTER]: { typed: deliveredPlugin(config) } },
  });
  const saved = { dump, stats: statsOf(now), ...(before === undefined ? {} : { "stats-before": statsOf(before) }) };
  const { ids, findings } = await doctorJson(saved);
  return { ids, seen: findings[0]?.seen ?? "" };
}

describe("what is counted since Envoy started", () => {
  it.each<[string, Counts, FindingId[], string]>([
    [
      "a tier that answers nothing is an error",
      { [`${TIER}errors.unavailable`]: 5 },
      ["tier-failing"],
      "route.webdis: 5 of 5 questions failed (unavailable 5) since Envoy started",
    ],
    [
      "a tier that answers some is a warning",
      { [`${TIER}errors.timeout`]: 5, [`${TIER}misses`]: 1 },
      ["tier-errors"],
      "route.webdis: 5 of 6 questions failed (timeout 5) since Envoy started",
    ],
    ["a tier that nearly always answers is well", { [`${TIER}errors.timeout`]: 1, [`${TIER}hits`]: 1000 }, [], ""],
    [
      "requests that all end in 5xx are an error",
      { [`${HTTP}5xx`]: 7, [`${HTTP}completed`]: 7 },
      ["all-requests-failing"],
      "7 of 7 requests were answered with 5xx since Envoy started",
    ],
    [
      "requests of which some end in 5xx are a warning",
      { [`${HTTP}5xx`]: 7, [`${HTTP}completed`]: 70 },
      ["requests-failing"],
      "7 of 70 requests were answered with 5xx since Envoy started",
    ],
    [
      "an open breaker is an error",
      { [`${TIER}breakers_open`]: 2 },
      ["breaker-open"],
      "route.webdis: breakers_open is 2",
    ],
  ])("%s", async (_, counts, ids, seen) => {
    expect(await found(counts)).toEqual({ ids, seen });
  });

  it("shows what the tier's cluster has answered, as where Webdis refuses the filter's password", async () => {
    const cluster = `cluster.${CLUSTERS.webdis.replaceAll(":", "_")}.`;
    const answers = {
      [`${cluster}upstream_rq_200`]: 5,
      [`${cluster}upstream_rq_403`]: 40,
      [`${cluster}upstream_rq_404`]: 2,
      [`${cluster}upstream_rq_4xx`]: 42,
    };
    const { ids, seen } = await found({
      [`${TIER}breakers_open`]: 1,
      [`${TIER}errors.unavailable`]: 40,
      [`${TIER}misses`]: 5,
      ...answers,
    });
    expect(ids).toEqual(["breaker-open", "tier-errors"]);
    expect(seen).toMatch(/^route\.webdis: breakers_open is 1; cluster \S+ answered: 403 40$/);
  });

  it("is looked at for the response cache's Redis, too", async () => {
    const config = { responseCache: {}, webdis: pluginConfig()["webdis"] };
    const { ids, seen } = await found({ [`${CACHE}errors.unavailable`]: 3 }, undefined, config);
    expect(ids).toEqual(["tier-failing"]);
    expect(seen).toBe("responses.redis: 3 of 3 questions failed (unavailable 3) since Envoy started");
  });
});

describe("what is counted between two readings", () => {
  it("leaves out what is over", async () => {
    const before = {
      "server.uptime": 100,
      [`${TIER}errors.timeout`]: 50,
      [`${TIER}hits`]: 50,
      [`${HTTP}5xx`]: 9,
      [`${HTTP}completed`]: 9,
    };
    const now = { ...before, "server.uptime": 110, [`${TIER}hits`]: 80, [`${HTTP}completed`]: 39 };
    expect(await found(now, before)).toEqual({ ids: [], seen: "" });
  });

  it("shows what has begun, however much went well before, with its rate", async () => {
    const before = { "server.uptime": 100, [`${TIER}errors.timeout`]: 0, [`${TIER}hits`]: 1_000_000 };
    const now = { ...before, "server.uptime": 110, [`${TIER}errors.timeout`]: 25 };
    expect(await found(now, before)).toEqual({
      ids: ["tier-failing"],
      seen: "route.webdis: 25 of 25 questions failed (timeout 25) in 10 s (2.5 a second)",
    });
  });

  it("does without a rate where the time is not known", async () => {
    const { seen } = await found({ [`${TIER}errors.timeout`]: 3 }, { [`${TIER}errors.timeout`]: 1 });
    expect(seen).toBe("route.webdis: 2 of 2 questions failed (timeout 2) between the two readings");
  });

  it("is since the start where Envoy has started anew in between", async () => {
    const before = { "server.uptime": 5000, [`${TIER}errors.timeout`]: 2 };
    const { seen } = await found({ "server.uptime": 3, [`${TIER}errors.timeout`]: 4 }, before);
    expect(seen).toBe("route.webdis: 4 of 4 questions failed (timeout 4) since Envoy started");
  });
});

describe("the options for two readings", () => {
  it.each([
    [["--watch", "1s"], "--watch needs --admin; of files, --stats-before is the earlier one"],
    [["--stats-before", "dump.json"], "--stats-before needs --stats"],
    [["--admin", "http://127.0.0.1:1"], "--admin cannot be combined with files"],
  ])("%s", async (args, message) => {
    const { code, stderr } = await doctor({ dump: gatewayDump() }, args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
