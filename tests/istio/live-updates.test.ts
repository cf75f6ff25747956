import { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { meshForTests } from "./support/for-tests.ts";
import { wasmPlugin } from "./support/manifests.ts";
import type { PushedImage } from "./support/registry.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

const UPDATES = 20;
const CLIENTS = 8;
const TENANTS = 20;

const route = new RouteMesh(1);
let image: PushedImage;

/** The `version`-th configuration: told apart by the debug header's name, and with a lookup that changes, too. */
function configuration(version: number): PluginConfig {
  const config = routeConfig({ local: { ttl: `${1 + (version % 3)}s` } });
  return inMesh({ ...config, debugHeader: `x-version-${version}` });
}

beforeAll(async () => {
  await route.start();
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    await route.put(keyOf(HOST, `t${tenant}`), `{"path": "/svc/${tenant}", "headers": {"x-cell": "${tenant}"}}`);
  }
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests(
  () => ({ workers: 2 }),
  async (mesh) => {
    image = await mesh.pushImage();
    await route.open(mesh, [plugin(configuration(0))]);
  },
);

function plugin(pluginConfig: PluginConfig) {
  return wasmPlugin("signpost", { url: image.url, sha256: image.digest, pluginConfig });
}

async function ask(tenant: number, agent?: Agent): Promise<HttpReply> {
  const request = { port: route.port(0), path: `/api/t${tenant}/x`, headers: { host: HOST } };
  return send(agent === undefined ? request : { ...request, agent });
}

/** What is wrong with a reply; undefined when nothing is. */
function fault(tenant: number, reply: HttpReply): string | undefined {
  if (reply.status !== 200) return `status ${reply.status}: ${reply.body.toString()}`;
  const { path } = json(reply) as { path: string };
  return path === `/svc/${tenant}` ? undefined : `tenant ${tenant} went to ${path}`;
}

/** Whether the gateway works by the `version`-th configuration. */
async function worksBy(version: number): Promise<boolean> {
  return (await ask(0)).headers[`x-version-${version}`] !== undefined;
}

/** Keeps asking over one connection until told to stop; gives the number of requests and what was wrong with them. */
async function client(first: number, stopped: () => boolean): Promise<{ requests: number; faults: string[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const faults: string[] = [];
  let requests = 0;
  for (let i = first; !stopped(); i++) {
    const tenant = i % TENANTS;
    const wrong = await ask(tenant, agent).then(
      (reply) => fault(tenant, reply),
      (error: unknown) => String(error),
    );
    requests++;
    if (wrong !== undefined) faults.push(wrong);
  }
  agent.destroy();
  return { requests, faults };
}

describe(`${UPDATES} edits of a WasmPlugin's pluginConfig under load`, () => {
  it("lose no request and misroute none, and each of them takes effect", { timeout: 300_000 }, async () => {
    let stopped = false;
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(index, () => stopped));
    try {
      for (let version = 1; version <= UPDATES; version++) {
        await mesh().apply([plugin(configuration(version))]);
        await mesh().eventually(`the gateway works by configuration ${version}`, () => worksBy(version));
      }
    } finally {
      stopped = true;
    }
    const ends = await Promise.all(clients);
    expect(ends.flatMap(({ faults }) => faults)).toEqual([]);
    expect(ends.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(UPDATES * CLIENTS);
  });

  it("and one that is wrong is refused, and the one before stays at work", async () => {
    await mesh().apply([plugin({ ...configuration(0), nonsense: 1 })]);
    await mesh().eventually("the filter has refused it", () =>
      Promise.resolve(mesh().gateway.log.all().includes("configuration refused: nonsense: unknown field")),
    );
    const reply = await ask(1);
    expect(fault(1, reply)).toBeUndefined();
    expect(Object.keys(reply.headers)).toContain(`x-version-${UPDATES}`);
  });

  it("and taking the plugin away leaves the client's request as it is", async () => {
    await mesh().remove([plugin({})]);
    await mesh().eventually("the gateway has no plugin", async () => {
      const { path } = json(await ask(1)) as { path: string };
      return path === "/api/t1/x";
    });
  });
});
