import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

const SECOND = 1000;
const RECORD = '{"path": "/svc"}';
const LOCAL = {
  ttl: "10s",
  jitter: "0%",
  negativeTtl: "5s",
  refreshAhead: "1s",
  staleWhileRevalidate: "5s",
  staleIfError: "1m",
};

let proxy: ProxyHost;
let plugin: Plugin;

function theCall(): HttpCall {
  const [call, ...others] = proxy.calls;
  if (call === undefined || others.length > 0) throw new Error(`${proxy.calls.length} calls are out`);
  return call;
}

function askAcme(): void {
  ask(plugin, "/api/acme/orders");
}

/** What the lookup has counted, without what is 0, once it has been sent. */
function counted(): Record<string, number> {
  proxy.clock.advance(SECOND);
  const prefix = "signpost.lookup.route.";
  const all = Object.entries(proxy.metrics.toObject()).filter(
    ([name, value]) => name.startsWith(prefix) && value !== 0,
  );
  return Object.fromEntries(all.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Only counters: no gauges of the store. */
function counts(): Record<string, number> {
  return Object.fromEntries(Object.entries(counted()).filter(([name]) => !/^local\.(entries|bytes)$/.test(name)));
}

beforeEach(async () => {
  ({ proxy, plugin } = await filterWith(routeConfig({ local: LOCAL }), { workers: 2 }));
});

describe("a lookup counts", () => {
  it("what each tier says", () => {
    askAcme();
    webdisSays(theCall(), null);
    theCall().reply({ body: RECORD });
    ask(plugin, "/api/other/orders");
    webdisSays(theCall(), RECORD);
    ask(plugin, "/api/nobody/orders");
    webdisSays(theCall(), null);
    theCall().reply({ status: 404 });
    expect(counts()).toEqual({
      "local.misses": 3,
      "webdis.misses": 2,
      "webdis.hits": 1,
      "service.hits": 1,
      "service.misses": 1,
    });
  });

  it("what the local store serves: records, known misses, and what is past its time", () => {
    askAcme();
    webdisSays(theCall(), RECORD);
    ask(plugin, "/api/nobody/orders");
    webdisSays(theCall(), null);
    theCall().reply({ status: 404 });
    for (let i = 0; i < 3; i++) askAcme();
    ask(plugin, "/api/nobody/orders");
    proxy.clock.advance(11 * SECOND);
    askAcme();
    expect(counts()).toMatchObject({ "local.hits": 3, "local.negative": 1, "local.stale": 1, refreshes: 1 });
  });

  it("failures by tier and class", () => {
    const failures: ((call: HttpCall) => void)[] = [
      (call) => call.timeOut(),
      (call) => call.reset(),
      (call) => call.reply({ body: "garbage" }),
    ];
    for (const [index, fail] of failures.entries()) {
      ask(plugin, `/api/t${index}/orders`);
      fail(theCall());
      fail(theCall());
    }
    expect(counts()).toEqual({
      "local.misses": 3,
      "webdis.errors.timeout": 1,
      "webdis.errors.unavailable": 1,
      "webdis.errors.invalid": 1,
      "service.errors.timeout": 1,
      "service.errors.unavailable": 1,
      "service.errors.invalid": 1,
    });
  });

  it("requests that wait for another one's question", () => {
    for (let i = 0; i < 10; i++) askAcme();
    expect(counts()).toMatchObject({ coalesced: 9, flights: 1 });
    webdisSays(theCall(), RECORD);
    expect(counted()).not.toHaveProperty("flights");
  });

  it("its answers, and requests that make no question", async () => {
    ({ proxy, plugin } = await filterWith(routeConfig({ onError: { status: 400 } })));
    ask(plugin, `/api/${"x".repeat(1100)}/orders`);
    expect(counts()).toEqual({ answers: 1, invalid_requests: 1 });
  });

  it("how long each tier takes, in microseconds", () => {
    askAcme();
    proxy.clock.advance(3);
    webdisSays(theCall(), null);
    proxy.clock.advance(20);
    theCall().reply({ body: RECORD });
    expect(proxy.metrics.recorded("signpost.lookup.route.webdis.latency_us")).toEqual([3000]);
    expect(proxy.metrics.recorded("signpost.lookup.route.service.latency_us")).toEqual([20_000]);
  });

  it("what all workers hold together, and nothing of a plugin that is gone", () => {
    for (const worker of [0, 1]) {
      const stream = ask(plugin, "/api/acme/orders", { worker });
      webdisSays(theCall(), RECORD);
      stream.respond({ status: 200 });
    }
    expect(counted()["local.entries"]).toBe(2);
    expect(counted()["local.bytes"]).toBeGreaterThan(0);
    plugin.remove();
    expect(counted()).not.toHaveProperty("local.entries");
    expect(counted()).not.toHaveProperty("local.bytes");
  });
});

describe("counting", () => {
  it("calls the proxy on the tick only, and then for what has changed", () => {
    askAcme();
    webdisSays(theCall(), RECORD);
    proxy.clock.advance(SECOND);
    proxy.takeJournal();
    for (let i = 0; i < 100; i++) askAcme();
    const names = proxy.takeHostCalls().map((call) => call.name);
    expect(names.filter((name) => name.includes("metric"))).toEqual([]);
    proxy.clock.advance(SECOND);
    const sent = proxy.takeHostCalls().filter((call) => call.name.includes("metric"));
    expect(sent.map((call) => call.name)).toEqual(["proxy_increment_metric"]);
  });
});
