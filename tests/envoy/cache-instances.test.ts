import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmFilter, type HttpFilter } from "../../envoy-local/lib/envoy-config.ts";
import { FILTER_WASM, requireFilter } from "../../envoy-local/lib/project.ts";
import type { PluginConfig } from "../fixtures/route/fixture.ts";
import { HOST, Http1Client } from "./support/cache-client.ts";
import { CacheGateway, SHARED } from "./support/cache-gateway.ts";
import type { Script } from "./support/scripted-upstream.ts";

const TENANTS = ["red", "blue"];
const ELSEWHERE = { match: { paths: ["/elsewhere"] }, shared: false };
const LOCAL = { shared: false };

/** An instance of the filter in a VM of its own, unless it is given another one's. */
function instance(name: string, configuration: PluginConfig, vmId = name): HttpFilter {
  return wasmFilter({ module: requireFilter(FILTER_WASM), name, vmId, configuration });
}

/** A header tells tenants apart, and the lookup's own removal of it leaves nothing else that does. */
const TENANT = {
  ...SHARED,
  lookups: [{ name: "tenant", key: "tenant:{header[x-tenant]}", owns: ["x-cell"] }],
};
const MARK = {
  ...SHARED,
  lookups: [{ name: "mark", key: "mark:all", apply: { headers: [{ name: "x-mark", value: "{record:/mark}" }] } }],
};

const CHAINS: Readonly<Record<string, readonly HttpFilter[]>> = {
  "both-then-cache": [
    instance("both", { ...TENANT, responseCache: ELSEWHERE }),
    instance("cache", { responseCache: LOCAL }),
  ],
  "routing-then-both": [instance("routing", TENANT), instance("both", { ...MARK, responseCache: LOCAL })],
  "three-in-three-vms": [
    instance("tenants", TENANT),
    instance("marks", MARK),
    instance("cache", { responseCache: LOCAL }),
  ],
  "three-in-one-vm": [
    instance("tenants", TENANT, "one"),
    instance("marks", { ...MARK, responseCache: ELSEWHERE }, "one"),
    instance("cache", { responseCache: LOCAL }, "one"),
  ],
};

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", { listeners: CHAINS });

beforeAll(async () => {
  await gateway.start(envoy);
  await gateway.admin.set("signpost:mark:all", JSON.stringify({ mark: "marked" }));
  for (const tenant of TENANTS) {
    await gateway.admin.set(`signpost:tenant:${tenant}`, JSON.stringify({ headers: { "x-cell": `cell-${tenant}` } }));
  }
});

afterAll(async () => {
  await gateway.stop();
});

/** What a tenant's cell answers; anybody may have it again who is routed alike. */
const ofCell: Script = (request, response) => {
  response.writeHead(200, ["cache-control", "public, max-age=600"]);
  response.end(`for ${String(request.headers["x-cell"])}`);
};

describe.each(Object.keys(CHAINS))("instances in a row (%s)", (chain) => {
  it("hand on what their lookups did, so that each tenant has its own response and has it from the store", async () => {
    const path = `/${chain}`;
    upstream.on(path, ofCell);
    const client = new Http1Client(envoy.at(chain));
    const bodies: string[] = [];
    for (let round = 0; round < 2; round++) {
      for (const tenant of TENANTS) {
        const reply = await client.send(path, { headers: [["x-tenant", tenant]], host: HOST });
        bodies.push(reply.body.toString());
      }
    }
    client.close();
    expect(bodies).toEqual(["for cell-red", "for cell-blue", "for cell-red", "for cell-blue"]);
    expect(upstream.count(path)).toBe(TENANTS.length);
  });
});
