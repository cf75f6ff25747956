import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Part } from "../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { ROOT } from "./support/cli.ts";
import { type Fields } from "./support/manifests.ts";
import { FULL_VALUES, at, changed, find, render } from "./support/render.ts";

const PASSWORDS = {
  ADMIN_PASSWORD: 'adm in$`"\\pw',
  WEBDIS_PASSWORD: "webdis-pw",
  ROUTING_SERVICE_PASSWORD: "writer-pw",
};

const directory = scratchDirectory();
const usersFile = join(directory, "users.acl");
// Every character that patterns or the shell would make something of.
const KEY_PREFIX = "e*[?]\\$`:";
let manifests: Fields[] = [];
let redis: Part | undefined;

/** The rendered Redis: its first container has written the users, its second is started with its own arguments. */
beforeAll(async () => {
  manifests = (await render(changed(FULL_VALUES, { "config.webdis.keyPrefix": KEY_PREFIX }))).documents;
  const pod = at(find(manifests, "StatefulSet", "redis"), "spec.template.spec");
  const [shell = "", ...args] = at(pod, "initContainers.0.command") as string[];
  await promisify(execFile)(shell, args, { env: { ...process.env, ...PASSWORDS, USERS_FILE: usersFile } });
  const rendered = at(pod, "containers.0.args") as string[];
  const local = rendered.map((arg) => ({ "/etc/redis/users.acl": usersFile, "/data": directory })[arg] ?? arg);
  redis = new Part({
    name: "redis",
    directory,
    findsPort: false,
    program: (port) => ({
      command: "redis-server",
      args: ["--bind", LOOPBACK, "--port", String(port), ...local],
    }),
    ready: ({ log, port, signal }) =>
      until(signal, () => Promise.resolve(log.sinceStart().includes("Ready to accept connections") ? port : undefined)),
  });
  await redis.start();
});

afterAll(async () => {
  await redis?.stop();
  removeDirectory(directory);
});

/** What Redis says to a command of a user's: its reply, or the beginning of its refusal. */
async function reply(username: string, password: string, command: readonly string[]): Promise<unknown> {
  const client = createClient({
    socket: { host: LOOPBACK, port: redis?.port ?? 0, reconnectStrategy: false },
    username,
    password,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await client.sendCommand([...command]);
  } catch (error) {
    return (error as Error).message.split(" ")[0];
  } finally {
    client.destroy();
  }
}

describe("the rendered Redis", () => {
  it("keeps no password, only digests", () => {
    const users = readFileSync(usersFile, "utf8");
    for (const password of Object.values(PASSWORDS)) expect(users).not.toContain(password);
    expect(users.match(/#[0-9a-f]{64} /g)).toHaveLength(3);
  });

  it("fills three quarters of its memory, and drops only keys that expire", async () => {
    const setting = async (name: string): Promise<unknown> =>
      Object.values((await reply("admin", PASSWORDS.ADMIN_PASSWORD, ["CONFIG", "GET", name])) as object).at(-1);
    expect(await setting("maxmemory")).toBe(String(768 * 1024 * 1024));
    expect(await setting("maxmemory-policy")).toBe("volatile-lru");
    expect(await setting("appendonly")).toBe("yes");
  });

  it("is found ready by its own probe", async () => {
    const pod = at(find(manifests, "StatefulSet", "redis"), "spec.template.spec");
    const [command = "", ...args] = at(pod, "containers.0.readinessProbe.exec.command") as string[];
    const port = ["-h", LOOPBACK, "-p", String(redis?.port ?? 0)];
    const { stdout } = await promisify(execFile)(command, [...port, ...args]);
    expect(stdout).toBe("PONG\n");
  });

  it.each<[string, keyof typeof PASSWORDS, string[], unknown]>([
    ["webdis", "WEBDIS_PASSWORD", ["PSETEX", `${KEY_PREFIX}route:a`, "60000", "x"], "OK"],
    ["webdis", "WEBDIS_PASSWORD", ["GET", `${KEY_PREFIX}route:a`], "x"],
    ["webdis", "WEBDIS_PASSWORD", ["MGET", `${KEY_PREFIX}route:a`], ["x"]],
    ["webdis", "WEBDIS_PASSWORD", ["ZRANGEBYSCORE", `${KEY_PREFIX}invalidations`, "0", "+inf"], []],
    ["webdis", "WEBDIS_PASSWORD", ["DEL", `${KEY_PREFIX}route:a`], 1],
    ["webdis", "WEBDIS_PASSWORD", ["GET", "eXaY:route:a"], "NOPERM"],
    ["webdis", "WEBDIS_PASSWORD", ["GET", "other:a"], "NOPERM"],
    ["webdis", "WEBDIS_PASSWORD", ["SET", `${KEY_PREFIX}route:a`, "x"], "NOPERM"],
    ["webdis", "WEBDIS_PASSWORD", ["EVAL", "return 1", "0"], "NOPERM"],
    ["webdis", "WEBDIS_PASSWORD", ["CONFIG", "GET", "*"], "NOPERM"],
    ["routing-service", "ROUTING_SERVICE_PASSWORD", ["PSETEX", `${KEY_PREFIX}route:a`, "60000", "x"], "OK"],
    ["routing-service", "ROUTING_SERVICE_PASSWORD", ["PSETEX", `${KEY_PREFIX}cache:a`, "60000", "x"], "NOPERM"],
    ["routing-service", "ROUTING_SERVICE_PASSWORD", ["GET", `${KEY_PREFIX}route:a`], "NOPERM"],
    ["admin", "ADMIN_PASSWORD", ["FLUSHALL"], "OK"],
    ["default", "WEBDIS_PASSWORD", ["PING"], "WRONGPASS"],
    ["webdis", "ADMIN_PASSWORD", ["GET", `${KEY_PREFIX}route:a`], "WRONGPASS"],
  ])("answers %s with %s: %j → %j", async (user, password, command, expected) => {
    expect(await reply(user, PASSWORDS[password], command)).toEqual(expected);
  });

  it("lets nobody in without a password but for a PING", async () => {
    expect(await reply("probe", "anything", ["GET", `${KEY_PREFIX}route:a`])).toBe("NOPERM");
  });
});

describe("the rendered Webdis", () => {
  it("allows what the local one allows, with credentials from the Secret", () => {
    const config = JSON.parse(
      String(at(find(manifests, "ConfigMap", "webdis"), "data")?.["webdis.json" as never]),
    ) as Fields;
    const local = JSON.parse(readFileSync(join(ROOT, "envoy-local/webdis.json"), "utf8")) as Fields;
    const [closed, open] = local["acl"] as [Fields, Fields];
    expect(config["acl"]).toEqual([closed, { ...open, http_basic_auth: "$HTTP_BASIC_AUTH" }]);
    expect(config).toMatchObject({
      redis_host: "redis.edge-cache.svc.cluster.local",
      redis_auth: ["webdis", "$REDIS_PASSWORD"],
      websockets: false,
    });
    const container = at(find(manifests, "Deployment", "webdis"), "spec.template.spec.containers.0");
    expect(at(container, "env")).toEqual([
      { name: "REDIS_PASSWORD", valueFrom: { secretKeyRef: { name: "edge-secrets", key: "redis-password" } } },
      { name: "HTTP_PASSWORD", valueFrom: { secretKeyRef: { name: "edge-secrets", key: "webdis-password" } } },
      { name: "HTTP_BASIC_AUTH", value: "edge:$(HTTP_PASSWORD)" },
    ]);
  });

  it("is restarted by a change of what it reads at its start, as the address of its Redis, and by nothing else", async () => {
    const checksumWith = async (change: Fields): Promise<unknown> => {
      const { documents } = await render(changed(FULL_VALUES, change));
      return at(find(documents, "Deployment", "webdis"), "spec.template.metadata.annotations")?.[
        "checksum/config" as never
      ];
    };
    const outside = { "webdis.redis": { host: "redis.example.com", port: 6379, username: "webdis" }, redis: undefined };
    const [before, again, moved] = await Promise.all([
      checksumWith({}),
      checksumWith({ "webdis.replicas": 5 }),
      checksumWith(outside),
    ]);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(before);
    expect(moved).not.toBe(before);
  });

  it("is reached by the gateway, and reaches Redis, and nobody and nothing else", () => {
    const policy = at(find(manifests, "NetworkPolicy", "webdis"), "spec");
    expect(at(policy, "ingress")).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress" } },
            podSelector: { matchLabels: { app: "gateway" } },
          },
        ],
        ports: [{ port: 7379, protocol: "TCP" }],
      },
    ]);
    expect((at(policy, "egress") as Fields[]).map(({ ports }) => (ports as Fields[]).map(({ port }) => port))).toEqual([
      [53, 53],
      [15_012],
      [6379],
    ]);
  });
});
