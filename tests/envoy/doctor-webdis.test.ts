import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import { Envoy } from "../../envoy-local/lib/envoy.ts";
import { envoyConfig, everythingTo, listener } from "../../envoy-local/lib/envoy-config.ts";
import { Part } from "../../envoy-local/lib/part.ts";
import { LOOPBACK, freePort } from "../../envoy-local/lib/ports.ts";
import { requireEnvoy } from "../../envoy-local/lib/project.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { connectAsAdmin } from "../../envoy-local/lib/redis.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import {
  CELL,
  ROUTING,
  WEBDIS,
  type Examination,
  type Json,
  configuration,
  examination,
  plugin,
} from "./support/doctor.ts";
import { RealTiers } from "./support/real-tiers.ts";

const { username, password } = WEBDIS_CREDENTIALS;
const NEEDED = ["GET", "MGET", "PSETEX", "DEL", "ZRANGEBYSCORE"];

const tiers = new RealTiers();
const scratch = scratchDirectory();

/** A Webdis with settings of its own, in front of the Redis of the tiers unless they say otherwise. */
function otherWebdis(name: string, settings: () => Json): Part {
  return new Part({
    name: `webdis-${name}`,
    directory: scratch,
    findsPort: false,
    program: (port) => {
      const file = `${scratch}/webdis-${name}.json`;
      const common = { redis_host: LOOPBACK, http_host: LOOPBACK, http_port: port, daemonize: false, verbosity: 3 };
      const config = { redis_port: tiers.redis.port, redis_auth: "local-webdis-redis", threads: 1, pool_size: 1 };
      writeFileSync(file, JSON.stringify({ ...config, ...common, logfile: "/dev/stderr", ...settings() }));
      return { command: "webdis", args: [file] };
    },
    ready: ({ log, port, signal }) =>
      until(signal, () => Promise.resolve(log.sinceStart().includes("up and running") ? port : undefined)),
  });
}

const closed = (enabled: readonly string[]): Json => ({
  acl: [{ disabled: ["*"] }, { http_basic_auth: `${username}:${password}`, enabled }],
});

/** Set-ups of Webdis that are wrong, each in a way of its own. */
const WRONG: { name: string; settings: () => Json; finds: FindingId[]; seen: string }[] = [
  {
    name: "has no ACL at all",
    settings: () => ({}),
    finds: ["webdis-open", "webdis-command-allowed"],
    seen: "GET without credentials is answered with 200",
  },
  {
    name: "lets EVAL and KEYS through",
    settings: () => closed([...NEEDED, "EVAL", "KEYS"]),
    finds: ["webdis-command-allowed"],
    seen: "Webdis passes on EVAL, KEYS",
  },
  {
    name: "lets CONFIG and FLUSHALL through",
    settings: () => closed([...NEEDED, "CONFIG", "FLUSHALL"]),
    finds: ["webdis-command-allowed"],
    seen: "Webdis passes on CONFIG, FLUSHALL",
  },
  {
    name: "wants other credentials",
    settings: () => ({ acl: [{ disabled: ["*"] }, { http_basic_auth: "signpost:another", enabled: NEEDED }] }),
    finds: ["webdis-get-refused", "webdis-set-refused"],
    seen: "GET as signpost is answered with 403",
  },
  {
    name: "does not let PSETEX through",
    settings: () => closed(["GET"]),
    finds: ["webdis-set-refused"],
    seen: "PSETEX is answered with 403",
  },
  {
    name: "has no Redis",
    settings: () => ({ ...closed(NEEDED), redis_port: nobody }),
    finds: ["webdis-redis-down"],
    seen: "GET as signpost is answered with 503",
  },
  {
    name: "is no one's user in Redis",
    settings: () => ({ ...closed(NEEDED), redis_auth: "wrong" }),
    finds: ["webdis-redis-refuses"],
    seen: "GET of a key under signpost:: NOAUTH Authentication required.",
  },
];

const others = WRONG.map(({ settings }, index) => otherWebdis(String(index), settings));
/** A port that nobody listens on. */
let nobody = 0;
let envoy: Envoy;

beforeAll(async () => {
  nobody = await freePort();
  await tiers.start();
  for (const part of others) await part.start();
  const webdis = { cluster: WEBDIS, username, passwordEnv: "WEBDIS_PASSWORD" };
  const fill = { service: { cluster: ROUTING, path: "/routes?host={host}", fill: true } };
  const vm = { environment_variables: { key_values: { WEBDIS_PASSWORD: password } } };
  const filter = { name: "signpost", typed_config: plugin(configuration({ webdis }, fill), {}, vm) };
  const ports = {
    [WEBDIS]: tiers.webdis.port,
    [ROUTING]: tiers.routingService.port,
    [CELL]: tiers.routingService.port,
  };
  envoy = new Envoy({
    directory: scratch,
    binary: requireEnvoy(),
    configuration: () =>
      envoyConfig([listener("http", 0, [filter], everythingTo({ route: { cluster: CELL } }))], ports),
  });
  await envoy.start();
});

afterAll(async () => {
  await envoy.stop();
  for (const part of others) await part.stop();
  await tiers.stop();
  removeDirectory(scratch);
});

async function examineWebdis(port: number, args: readonly string[] = []): Promise<Examination> {
  const admin = `http://${LOOPBACK}:${envoy.adminPort}`;
  return examination(["--admin", admin, "--webdis", `http://${LOOPBACK}:${port}`, ...args]);
}

describe("a Webdis that", () => {
  it("is set up as shipped is well, and its password is nowhere in the report", async () => {
    await tiers.put("other", "value");
    const { findings, code, stdout } = await examineWebdis(tiers.webdis.port);
    expect(findings).toEqual([]);
    expect(code).toBe(0);
    expect(stdout).not.toContain(password);
    // What Redis holds is what it held.
    expect(await tiers.get("other")).toBe("value");
  });

  it.each(WRONG.map((wrong, index) => ({ ...wrong, index })))("$name is found out", async ({ finds, seen, index }) => {
    const { findings, ids, code, stdout } = await examineWebdis(others[index]?.port ?? 0);
    expect(ids).toEqual([...finds].sort());
    expect(findings.map((finding) => finding.seen)).toContain(seen);
    expect(code).toBe(1);
    expect(stdout).not.toContain(password);
  });

  it("passes everything on to a Redis that does everything is found out, and nothing is done", async () => {
    const client = await connectAsAdmin(tiers.redis.port);
    try {
      await client.sendCommand(["ACL", "SETUSER", "default", "~*", "+@all"]);
      await client.set("precious", "value");
      const { ids } = await examineWebdis(others[0]?.port ?? 0);
      expect(ids).toEqual(["webdis-command-allowed", "webdis-keys-unconfined", "webdis-open"]);
      expect(await client.get("precious")).toBe("value");
    } finally {
      const confined = ["-@all", ...NEEDED.map((command) => `+${command.toLowerCase()}`), "+select"];
      await client.sendCommand(["ACL", "SETUSER", "default", "resetkeys", "~signpost:*", ...confined]);
      client.destroy();
    }
  });

  it("is not there is found out", async () => {
    const { ids, findings } = await examineWebdis(nobody);
    expect(ids).toEqual(["webdis-unreachable"]);
    expect(findings[0]?.seen).toContain("ECONNREFUSED");
  });

  it("is something else is found out", async () => {
    const { ids, findings } = await examineWebdis(tiers.routingService.port);
    expect(ids).toEqual(["webdis-unreachable"]);
    expect(findings[0]?.seen).toBe("GET is answered with 404, not by Redis");
  });

  it("gets another password, where one is given", async () => {
    const { ids } = await examineWebdis(tiers.webdis.port, ["--env", "WEBDIS_PASSWORD=wrong"]);
    expect(ids).toEqual(["webdis-get-refused", "webdis-set-refused"]);
  });
});
