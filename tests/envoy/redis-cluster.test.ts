import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Envoy } from "../../envoy-local/lib/envoy.ts";
import { Part } from "../../envoy-local/lib/part.ts";
import { LOOPBACK, freePort } from "../../envoy-local/lib/ports.ts";
import { requireEnvoy } from "../../envoy-local/lib/project.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory, stopAll } from "../../envoy-local/lib/scratch.ts";
import { CLUSTER_VALUES, at, changed, find, render } from "../cli/support/render.ts";

const USER = CLUSTER_VALUES.redisCluster.username;
const PASSWORD = "cluster-pw";
/** How long three nodes may take to be a cluster, in milliseconds. */
const LIMIT = 180_000;

const directory = scratchDirectory();
const nodes: Part[] = [];
let envoy: Envoy | undefined;

/** A node of a Redis Cluster whose user is the filter's, with what Envoy asks for itself beside it. */
async function startNode(index: number): Promise<void> {
  const folder = `${directory}/node-${index}`;
  mkdirSync(folder);
  const busPort = await freePort();
  const rules = "~edge:* resetchannels -@all +get +mget +psetex +del +zrangebyscore +cluster|slots";
  const node = new Part({
    name: `redis-${index}`,
    directory: folder,
    findsPort: false,
    program: (port) => ({
      command: "redis-server",
      args: [
        ...["--bind", LOOPBACK, "--port", String(port), "--dir", folder, "--save", "", "--appendonly", "no"],
        ...["--cluster-enabled", "yes", "--cluster-port", String(busPort)],
        ...["--user", USER, "on", `>${PASSWORD}`, ...rules.split(" ")],
      ],
    }),
    ready: ({ log, port, signal }) =>
      until(signal, () => Promise.resolve(log.sinceStart().includes("Ready to accept connections") ? port : undefined)),
  });
  nodes.push(node);
  await node.start();
}

async function redisCli(...args: string[]): Promise<string> {
  return (await promisify(execFile)("redis-cli", args)).stdout;
}

beforeAll(async () => {
  for (let index = 0; index < 3; index++) await startNode(index);
  const addresses = nodes.map(({ port }) => `${LOOPBACK}:${port}`);
  await redisCli("--cluster", "create", ...addresses, "--cluster-yes");
  const [seed] = nodes;
  await until(AbortSignal.timeout(LIMIT), async () => {
    const info = await redisCli("-p", String(seed?.port ?? 0), "cluster", "info");
    return info.includes("cluster_state:ok") || undefined;
  });

  const { documents, stderr } = await render(
    changed(CLUSTER_VALUES, { redis: undefined, "redisCluster.seeds": [{ host: "seed.example.com", port: 6379 }] }),
  );
  const config = String(
    (at(find(documents, "ConfigMap", "redis-proxy"), "data") as Record<string, string>)["envoy.yaml"],
  );
  expect(config, stderr).toContain("seed.example.com");
  // Here the seed is at its address, and the pod's port any free one.
  const local = JSON.parse(
    config
      .replace(
        /"address": "seed\.example\.com",\s+"port_value": 6379/,
        `"address": "${LOOPBACK}", "port_value": ${seed?.port ?? 0}`,
      )
      .replace(/"address": "0\.0\.0\.0",\s+"port_value": 6379/, `"address": "${LOOPBACK}", "port_value": 0`),
  ) as object;
  const admin = { address: { socket_address: { address: LOOPBACK, port_value: 0 } } };
  process.env["REDIS_PASSWORD"] = PASSWORD;
  envoy = new Envoy({ directory, binary: requireEnvoy(), configuration: () => ({ ...local, admin }) });
  await envoy.start();
});

afterAll(async () => {
  Reflect.deleteProperty(process.env, "REDIS_PASSWORD");
  await envoy?.stop();
  await stopAll(nodes);
  removeDirectory(directory);
});

/** A client such as Webdis: with user and password, and no idea of a cluster. */
async function client(password = PASSWORD) {
  const socket = { host: LOOPBACK, port: envoy?.port ?? 0, reconnectStrategy: false } as const;
  // RESP2, and no word about itself: what a plain client sends.
  const connection = createClient({ socket, username: USER, password, RESP: 2, disableClientInfo: true });
  connection.on("error", () => undefined);
  return connection.connect();
}

describe("the rendered proxy before a real Redis Cluster", () => {
  it("has the filter's commands done by the nodes that have the keys", async () => {
    const connection = await client();
    const keys = Array.from({ length: 60 }, (_, index) => `edge:route:${index}`);
    try {
      for (const key of keys) expect(await connection.sendCommand(["PSETEX", key, "60000", key])).toBe("OK");
      for (const key of keys) expect(await connection.sendCommand(["GET", key])).toBe(key);
      expect(await connection.sendCommand(["MGET", ...keys])).toEqual(keys);
      expect(await connection.sendCommand(["ZRANGEBYSCORE", "edge:invalidations", "0", "+inf"])).toEqual([]);
      expect(await connection.sendCommand(["DEL", ...keys])).toBe(keys.length);
    } finally {
      connection.destroy();
    }
  });

  it("spreads them: every node has been asked", async () => {
    for (const { port } of nodes) {
      const stats = await redisCli("-p", String(port), "info", "commandstats");
      expect(stats).toMatch(/cmdstat_psetex:calls=[1-9]/);
    }
  });

  it("lets nobody in with another password", async () => {
    await expect(client("wrong")).rejects.toThrow(/WRONGPASS/);
  });
});
