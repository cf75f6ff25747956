import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import type { Envoy } from "../../envoy-local/lib/envoy.ts";
import { nodeProgram } from "../../envoy-local/lib/node-program.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { CELL, type Json, ROUTING, WEBDIS, type SetUp, ask, configuration, examine, plugin } from "./support/doctor.ts";
import { statsReach } from "./support/stats.ts";

const scratch = scratchDirectory();
const upstream = nodeProgram({ name: "upstream", directory: scratch, script: "envoy-local/origin/echo.ts" });
/** Nobody will ever listen on a socket in the test's own directory. */
const NOBODY = `${scratch}/nobody.socket`;

/** Somebody listens there, and says nothing. */
const SILENT = `${scratch}/silent.socket`;
const silent = createServer();
const connections = new Set<Socket>();
silent.on("connection", (socket) => connections.add(socket.on("error", () => undefined)));

beforeAll(async () => {
  await upstream.start();
  await new Promise<void>((resolve) => silent.listen(SILENT, resolve));
});

afterAll(async () => {
  await upstream.stop();
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  removeDirectory(scratch);
});

/** A cluster of this name gets these fields. */
function changing(name: string, fields: Json): NonNullable<SetUp["cluster"]> {
  return (cluster) => (cluster["name"] === name ? { ...cluster, ...fields } : cluster);
}

function endpoints(...healths: string[]): Json {
  const address = { socket_address: { address: "127.0.0.1", port_value: upstream.port } };
  const all = healths.map((health) => ({ endpoint: { address }, health_status: health }));
  return { load_assignment: { cluster_name: WEBDIS, endpoints: [{ lb_endpoints: all }] } };
}

/** Asks so often, and waits until the filter has told the proxy how often Webdis could not be asked. */
async function failing(envoy: Envoy, times: number, errors = times): Promise<void> {
  await ask(envoy, times);
  await statsReach(envoy, { "wasmcustom.signpost.lookup.route.webdis.errors.unavailable": errors });
}

interface Case {
  name: string;
  /** Clusters in the place of those that are as they should be. */
  where?: SetUp["clusters"];
  cluster?: () => NonNullable<SetUp["cluster"]>;
  config?: Json;
  before?: (envoy: Envoy) => Promise<void>;
  finds: FindingId[];
  seen: string;
}

const onlyWebdis = configuration({}, { service: undefined });

const CASES: Case[] = [
  {
    name: "there is no such cluster",
    config: configuration({ webdis: { cluster: "webdis" } }),
    finds: ["cluster-missing"],
    seen: `there is no cluster webdis; there is ${WEBDIS}, ${ROUTING}, ${CELL}`,
  },
  {
    name: "the port is another one",
    config: configuration({ webdis: { cluster: WEBDIS.replace("7379", "7380") } }),
    finds: ["cluster-missing"],
    seen: `there is no cluster ${WEBDIS.replace("7379", "7380")}; of this host there is ${WEBDIS}`,
  },
  {
    name: "istiod hides it, as no route refers to it",
    where: { [WEBDIS]: undefined, [ROUTING]: undefined },
    finds: ["cluster-hidden", "cluster-hidden"],
    seen: `there is no cluster ${WEBDIS}; others there are, such as ${CELL}`,
  },
  {
    name: "it has no endpoint",
    cluster: () => changing(WEBDIS, endpoints()),
    finds: ["cluster-empty"],
    seen: `${WEBDIS} has no endpoints`,
  },
  {
    name: "none of its endpoints is healthy",
    cluster: () => changing(WEBDIS, endpoints("UNHEALTHY")),
    finds: ["cluster-unhealthy"],
    seen: "UNHEALTHY by discovery",
  },
  {
    name: "one of its endpoints is not healthy",
    cluster: () => changing(WEBDIS, endpoints("HEALTHY", "DRAINING")),
    finds: ["endpoints-unhealthy"],
    seen: "DRAINING by discovery",
  },
  {
    name: "nobody listens there, until the filter leaves it alone",
    where: { [WEBDIS]: NOBODY },
    config: { ...onlyWebdis, webdis: { cluster: WEBDIS, breaker: { failures: 5, open: "10m" } } },
    before: async (envoy) => {
      await failing(envoy, 6);
      await statsReach(envoy, { "wasmcustom.signpost.lookup.route.webdis.breakers_open": 1 });
    },
    finds: ["breaker-open", "cluster-failing", "tier-failing"],
    seen: `${WEBDIS}: ${NOBODY} has failed 5 of 5 calls`,
  },
  {
    name: "outlier detection has ejected it",
    where: { [WEBDIS]: NOBODY },
    config: onlyWebdis,
    cluster: () =>
      changing(WEBDIS, {
        outlier_detection: { consecutive_5xx: 2, base_ejection_time: "600s", max_ejection_percent: 100 },
      }),
    before: (envoy) => failing(envoy, 3),
    finds: ["cluster-failing", "cluster-unhealthy", "endpoints-ejected", "tier-failing"],
    seen: "ejected by outlier detection",
  },
  {
    name: "Envoy's circuit breaker lets no call through",
    config: onlyWebdis,
    cluster: () => changing(WEBDIS, { circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] } }),
    before: (envoy) => failing(envoy, 3),
    finds: ["circuit-breaker-tripped", "tier-failing"],
    seen: `${WEBDIS}: upstream_rq_pending_overflow 3 since Envoy started`,
  },
  {
    name: "Envoy's circuit breaker is open just now",
    where: { [WEBDIS]: SILENT },
    config: { ...onlyWebdis, webdis: { cluster: WEBDIS, timeout: "1m" } },
    cluster: () => changing(WEBDIS, { circuit_breakers: { thresholds: [{ max_connections: 1 }] } }),
    before: async (envoy) => {
      // Its answer never comes.
      ask(envoy, 1).catch(() => undefined);
      await statsReach(envoy, { [`cluster.${WEBDIS}.circuit_breakers.default.cx_open`]: 1 });
    },
    finds: ["circuit-breaker-open"],
    seen: `${WEBDIS}: cx_open`,
  },
];

describe("a cluster that the configuration names:", () => {
  it.each(CASES)("$name", async ({ where = {}, cluster, config = configuration(), before, finds, seen }) => {
    const examined = await examine({
      filters: () => [{ name: "signpost", typed_config: plugin(config) }],
      clusters: { [WEBDIS]: upstream.port, [ROUTING]: upstream.port, [CELL]: upstream.port, ...where },
      ...(cluster === undefined ? {} : { cluster: cluster() }),
      ...(before === undefined ? {} : { before }),
    });
    expect(examined.ids).toEqual([...finds].sort());
    expect(examined.findings.map((each) => each.seen)).toContainEqual(expect.stringContaining(seen));
  });

  it("is looked for in istiod's own setting where it hides clusters", async () => {
    const { findings } = await examine({
      filters: () => [{ name: "signpost", typed_config: plugin(configuration()) }],
      clusters: { [ROUTING]: upstream.port, [CELL]: upstream.port },
    });
    expect(findings.map(({ id }) => id)).toEqual(["cluster-hidden"]);
    expect(findings[0]?.where).toBe("webdis.cluster of listener 0.0.0.0_8080, filter signpost");
    expect(findings[0]?.remedy).toContain("PILOT_FILTER_GATEWAY_CLUSTER_CONFIG=false");
  });
});
