import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { answer, cacheWith, fill } from "./support/cache.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const FAILURES = 5;
const SERVICE = { cluster: "routing-service", path: "/routes?tenant={path[1]}", fill: true, fillTtl: "5m" };

let proxy: ProxyHost;
let plugin: Plugin;

const writes = (): HttpCall[] => proxy.calls.filter((call) => call.headers.get(":method") === "PUT");
const gauge = (name: string): number | undefined => {
  proxy.clock.advance(SECOND);
  return proxy.metrics.value(`signpost.${name}`);
};

/** Redis is gone, and what the service answers meanwhile waits to be written. */
function outage(): void {
  for (let i = 0; i < FAILURES; i++) {
    ask(plugin, `/api/t${i}/orders`);
    for (const call of [...proxy.calls]) {
      if (call.cluster === "webdis") call.refuse();
    }
    for (const call of [...proxy.calls]) {
      if (call.cluster !== "webdis") call.reply({ body: '{"path": "/svc"}' });
    }
    for (const call of writes()) call.refuse();
  }
}

beforeEach(async () => {
  const config = routeConfig({ service: SERVICE });
  ({ proxy, plugin } = await filterWith({ ...config, webdis: { cluster: "webdis", breaker: { open: "2s" } } }));
});

describe("a gateway that is idle after an outage", () => {
  it("says that the breaker is open only while calls are refused", () => {
    outage();
    expect(gauge("lookup.route.webdis.breakers_open")).toBe(1);
    proxy.clock.advance(SECOND);
    // A write tries; nothing was heard of it yet.
    expect(writes()).toHaveLength(1);
    expect(gauge("lookup.route.webdis.breakers_open")).toBe(0);
  });

  it("sends what waits to be written: one write tries, and when that is taken the others follow", () => {
    outage();
    proxy.clock.advance(3 * SECOND);
    expect(writes()).toHaveLength(1);
    writes()[0]?.reply({ body: "+OK\r\n" });
    proxy.clock.advance(SECOND);
    for (let call = writes()[0]; call !== undefined; call = writes()[0]) call.reply({ body: "+OK\r\n" });
    expect(gauge("writes.stored")).toBeGreaterThan(0);
    expect(gauge("writes.queued")).toBe(0);
    ask(plugin, "/api/new/orders");
    expect(proxy.calls[0]?.cluster).toBe("webdis");
    webdisSays(proxy.calls[0], null);
  });

  it("tries once in the breaker's time while Redis is still gone", () => {
    outage();
    let tried = 0;
    for (let i = 0; i < 100; i++) {
      proxy.clock.advance(100);
      tried += writes().length;
      expect(writes().length).toBeLessThanOrEqual(1);
      for (const call of writes()) call.refuse();
    }
    expect(tried).toBeGreaterThanOrEqual(2);
    expect(tried).toBeLessThanOrEqual(5);
  });

  it("lets requests try, too, while a write does", () => {
    outage();
    proxy.clock.advance(3 * SECOND);
    expect(writes()).toHaveLength(1);
    ask(plugin, "/api/other/orders");
    expect(proxy.calls.map(({ cluster }) => cluster)).toEqual(["webdis", "webdis"]);
  });
});

describe("the response cache's Redis", () => {
  it("has a gauge of its breaker", async () => {
    ({ proxy, plugin } = await cacheWith({}, { webdis: { cluster: "webdis" } }));
    for (let i = 0; i < FAILURES; i++) {
      ask(plugin, `/p${i}`);
      for (const call of [...proxy.calls]) call.refuse();
    }
    expect(gauge("responses.redis.breakers_open")).toBe(1);
    proxy.clock.advance(MINUTE);
    expect(gauge("responses.redis.breakers_open")).toBe(0);
    plugin.remove();
    expect(gauge("responses.redis.breakers_open")).toBe(0);
  });

  it("is sent what waits when it is back, though nobody asks it", async () => {
    ({ proxy, plugin } = await cacheWith({}, { webdis: { cluster: "webdis" } }));
    for (let i = 0; i < FAILURES; i++) {
      ask(plugin, `/p${i}`);
      for (const call of [...proxy.calls]) call.refuse();
    }
    fill(plugin, "/stored", answer({ "cache-control": "max-age=600" }));
    expect(proxy.calls).toEqual([]);
    proxy.clock.advance(2 * SECOND);
    expect(writes()).toHaveLength(1);
    writes()[0]?.reply({ body: "+OK\r\n" });
    expect(gauge("writes.stored")).toBe(1);
  });
});
