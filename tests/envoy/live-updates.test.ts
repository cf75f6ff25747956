import { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { Gateway } from "./support/gateway.ts";

const UPDATES = 50;
const CLIENTS = 8;

/** The `version`-th configuration: told apart by the debug header's name, and with a lookup that changes, too. */
function configuration(version: number): PluginConfig {
  return { ...routeConfig({ local: { ttl: `${1 + (version % 3)}s` } }), debugHeader: `x-version-${version}` };
}

const gateway = new Gateway([configuration(0)], { workers: 2 });

beforeAll(async () => {
  await gateway.start();
  for (let tenant = 0; tenant < 20; tenant++) {
    await gateway.put(keyOf(HOST, `t${tenant}`), `{"path": "/svc/${tenant}", "headers": {"x-cell": "${tenant}"}}`);
  }
});

afterAll(async () => {
  await gateway.stop();
});

async function ask(tenant: number, agent: Agent): Promise<HttpReply> {
  return send({ port: gateway.port(0), path: `/api/t${tenant}/x`, headers: { host: HOST }, agent });
}

/** What is wrong with a reply; undefined when nothing is. */
function fault(tenant: number, reply: HttpReply): string | undefined {
  if (reply.status !== 200) return `status ${reply.status}: ${reply.body.toString()}`;
  const { path } = json(reply) as { path: string };
  return path === `/svc/${tenant}` ? undefined : `tenant ${tenant} went to ${path}`;
}

describe("50 configuration updates under load", () => {
  it("lose no request and misroute none, and each of them takes effect", { timeout: 300_000 }, async () => {
    const faults: string[] = [];
    let requests = 0;
    let stopped = false;
    const seen = new Set<string>();
    let arrival: (() => void) | undefined;

    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = client; !stopped; i++) {
        const tenant = i % 20;
        const reply = await ask(tenant, agent);
        requests++;
        const wrong = fault(tenant, reply);
        if (wrong !== undefined) faults.push(wrong);
        for (const name of Object.keys(reply.headers).filter((header) => header.startsWith("x-version-"))) {
          if (seen.has(name)) continue;
          seen.add(name);
          arrival?.();
        }
      }
      agent.destroy();
    });

    for (let version = 1; version <= UPDATES; version++) {
      gateway.update(0, configuration(version));
      while (!seen.has(`x-version-${version}`)) {
        await new Promise<void>((resolve) => {
          arrival = resolve;
        });
      }
    }
    stopped = true;
    await Promise.all(clients);

    expect(faults).toEqual([]);
    expect(requests).toBeGreaterThan(UPDATES * CLIENTS);
    const stats = await gateway.envoy.stats("^http\\.0\\.downstream_rq_5xx$");
    expect(stats.get("http.0.downstream_rq_5xx")).toBe(0);
  });
});

describe("a configuration that is wrong", () => {
  it("is refused, and the one before stays at work", async () => {
    const agent = new Agent({ keepAlive: true });
    const marker = "refused-configuration";
    gateway.update(0, { ...configuration(0), [marker]: 1 });
    await gateway.logged(`configuration refused: ${marker}: unknown field`);
    const reply = await ask(1, agent);
    agent.destroy();
    expect(fault(1, reply)).toBeUndefined();
    expect(Object.keys(reply.headers)).toContain(`x-version-${UPDATES}`);
  });
});
