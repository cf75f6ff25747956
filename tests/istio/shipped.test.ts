import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { keyOf } from "../fixtures/route/fixture.ts";
import { filtersOn } from "./support/config-dump.ts";
import { meshForTests } from "./support/for-tests.ts";
import { GATEWAY_LABELS } from "./support/ingress-gateway.ts";
import { istioctlAnalyze } from "./support/istioctl.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import { manifest } from "./support/manifests.ts";
import { NODE_CACHE_PATH, fillNodeCache } from "./support/node-cache-filter.ts";
import { OVERLAYS, SHIPPED, SHIPPED_VALUES, kustomized, podsOf, renderTree } from "./support/shipped.ts";
import { SHOP, Shop } from "./support/shop.ts";

/** What the node cache keeps, for the gateway's pod: where the shipped manifests have it. */
const nodeCache = scratchDirectory();
const rendered = scratchDirectory();
const shop = new Shop();

beforeAll(async () => {
  await shop.start();
});

afterAll(async () => {
  await shop.stop();
  [nodeCache, rendered].forEach(removeDirectory);
});

/** Refuses requests to routed paths that have a header of its own. @param port of the gateway's pod */
const policy = (port: number): Manifest =>
  manifest("security.istio.io/v1", "AuthorizationPolicy", "deny", {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    action: "DENY",
    rules: [
      {
        to: [{ operation: { ports: [String(port)], paths: ["/stores/*"] } }],
        when: [{ key: "request.headers[x-deny]", values: ["*"] }],
      },
    ],
  });

// What istio/gateway/ has the gateway's pods have.
const pod = {
  env: { WEBDIS_PASSWORD: WEBDIS_CREDENTIALS.password },
  volumes: { [NODE_CACHE_PATH]: nodeCache },
};

const mesh = meshForTests({ pod }, async (started) => {
  const { url, digest } = await started.pushImage();
  const file = fillNodeCache(nodeCache);
  await renderTree(SHIPPED_VALUES, rendered, [
    `module.url=${url}`,
    `module.sha256=${digest}`,
    `nodeCache.sha256=${file}`,
  ]);
  await shop.open(started);
  const objects = await Promise.all([`${rendered}/base`, `${SHIPPED}/sample`].map(kustomized));
  await started.apply([policy(started.gatewayPort), ...podsOf(objects.flat())]);
});

async function get(path: string, headers: Record<string, string> = {}): Promise<HttpReply> {
  return mesh().send({ path, headers: { host: SHOP, ...headers } });
}

/** How often the routing service was asked for a tenant. */
async function timesAsked(tenant: string): Promise<number> {
  const { keys } = json(await send({ port: shop.routingService.port, path: "/stats" })) as {
    keys: Record<string, number>;
  };
  return keys[keyOf(SHOP, tenant)] ?? 0;
}

describe.each(OVERLAYS)("overlays/%s", (overlay) => {
  const tenant = overlay;
  const plugins = ["routing", "caching"].flatMap((role) => ["-f", `${rendered}/overlays/${overlay}/${role}.yaml`]);

  beforeAll(async () => {
    await shop.addTenant(SHOP, tenant, { cell: "cell-2", path: `/stores/${tenant}`, headers: {} });
    await shop.addTenant(SHOP, `${tenant}-probe`, { cell: "cell-1", path: "/stores/probe", headers: {} });
    await mesh().kubectl("apply", "--server-side", "-k", `${rendered}/overlays/${overlay}`);
    await mesh().eventually(`${overlay} is at work`, async () => {
      const { status, headers } = await get(`/api/${tenant}-probe`);
      return status === 200 && headers["cache-status"] !== undefined;
    });
  });

  afterAll(async () => {
    await mesh().kubectl("delete", ...plugins);
    await mesh().eventually(`${overlay} is gone`, async () => (await get("/api/acme")).status === 404);
  });

  it("leaves a mesh that istioctl analyze finds nothing wrong with", async () => {
    expect(await istioctlAnalyze(undefined, mesh().kubernetes.kubeconfig)).toEqual([]);
  });

  it("routes before authorization, and caches behind it", async () => {
    const names = filtersOn(await mesh().configDump(), mesh().gatewayPort);
    const place = (name: string): number => names.findIndex((each) => each.includes(name));
    expect(place("signpost-routing")).toBeGreaterThanOrEqual(0);
    expect(place("signpost-routing")).toBeLessThan(place("envoy.filters.http.rbac"));
    expect(place("signpost-caching")).toBeGreaterThan(place("envoy.filters.http.rbac"));
  });

  it("routes a tenant to its cell, by what the routing service says, and the next request from memory", async () => {
    const ask = async (query: string): Promise<void> => {
      const reply = await get(`/api/${tenant}/orders?${query}`, { "x-cell": "cell-1" });
      expect(reply.status).toBe(200);
      expect(json(reply)).toMatchObject({ name: "cell-2", path: `/stores/${tenant}?${query}` });
    };
    await ask("first");
    await mesh().eventually("Redis has the record", async () => (await shop.get(keyOf(SHOP, tenant))) !== null);
    // From now on it is nowhere but at the service, and in the gateway's memory.
    await shop.remove(keyOf(SHOP, tenant));
    await ask("second");
    expect(await timesAsked(tenant)).toBe(1);
  });

  it("counts what it does, under names that Istio shows", async () => {
    const names = ["lookup.route.local.hits", "responses.misses"].map((name) => `wasmcustom.signpost.${name}`);
    await mesh().eventually("the counters are there", async () => {
      const values = await Promise.all(names.map((name) => mesh().gateway.stat(name)));
      return values.every((value) => value !== undefined && value > 0);
    });
  });

  it("answers as the values say for a tenant that nobody knows", async () => {
    const reply = await get("/api/nobody/orders");
    expect([reply.status, reply.body.toString()]).toEqual([404, "no such tenant"]);
  });

  it("takes from clients what only records may say", async () => {
    expect((await get("/elsewhere", { "x-cell": "cell-1" })).status).toBe(404);
  });

  it("answers a response with Cache-Control from the store the next time", async () => {
    const path = `/api/${tenant}/catalogue?max-age=60`;
    const first = await get(path);
    const second = await get(path);
    expect(first.headers["cache-status"]).toBe("signpost; fwd=uri-miss; stored");
    expect(second.headers["cache-status"]).toMatch(/^signpost; hit; ttl=\d+$/);
    expect(second.headers["x-served-by"]).toBe("cell-2");
    expect(second.body).toEqual(first.body);
  });

  it("gives nobody a stored response whom a policy refuses", async () => {
    const path = `/api/${tenant}/catalogue?max-age=60`;
    expect((await get(path)).headers["cache-status"]).toMatch(/^signpost; hit; /);
    const refused = await get(path, { "x-deny": "yes" });
    expect(refused.status).toBe(403);
    expect(refused.headers["cache-status"]).toBeUndefined();
  });
});
