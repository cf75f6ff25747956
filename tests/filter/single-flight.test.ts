import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith, letWaitersGoOn } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

const RECORD = '{"path": "/svc"}';

let proxy: ProxyHost;
let plugin: Plugin;

/** The only call that is out. */
function theCall(): ProxyHost["calls"][number] {
  const [call, ...others] = proxy.calls;
  if (call === undefined || others.length > 0) throw new Error(`${proxy.calls.length} calls are out`);
  return call;
}

function askAcme(count: number): Stream[] {
  return Array.from({ length: count }, () => ask(plugin, "/api/acme/orders"));
}

function states(streams: readonly Stream[]): Set<string> {
  return new Set(streams.map((stream) => stream.request.state));
}

/** The ids of the streams that were let go on since the last look, in order. */
function resumed(): number[] {
  return proxy
    .takeHostCalls()
    .filter((call) => call.name === "proxy_continue_stream")
    .map((call) => call.contextId);
}

beforeEach(async () => {
  ({ proxy, plugin } = await filterWith(routeConfig(), { workers: 2 }));
});

describe("requests for one cold key", () => {
  it("share one call to each tier and are all routed", () => {
    const streams = askAcme(1000);
    expect(states(streams)).toEqual(new Set(["paused"]));
    webdisSays(theCall(), null);
    expect(theCall().cluster).toBe("routing-service");
    theCall().reply({ body: RECORD });
    letWaitersGoOn(proxy);
    expect(states(streams)).toEqual(new Set(["forwarded"]));
    expect(new Set(streams.map((stream) => stream.request.headers.get(":path")))).toEqual(new Set(["/svc"]));
    expect(proxy.violations).toEqual([]);
  });

  it("go on in the order in which they came", () => {
    askAcme(100);
    proxy.takeJournal();
    webdisSays(theCall(), RECORD);
    letWaitersGoOn(proxy);
    const order = resumed();
    expect(order).toHaveLength(100);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it("go on in small groups, and soon: what one callback asks for nests in the proxy, and its stack has an end", () => {
    askAcme(100);
    proxy.takeJournal();
    webdisSays(theCall(), RECORD);
    const groups = [resumed().length];
    for (let i = 0; i < 4; i++) {
      proxy.clock.advance(1);
      groups.push(resumed().length);
    }
    expect(groups).toEqual([32, 32, 32, 4, 0]);
    proxy.clock.advance(1000);
    const ticks = proxy.takeCallbacks().filter(({ name, vm }) => name === "proxy_on_tick" && vm === 0);
    expect(ticks).toHaveLength(10);
  });

  it("are answered, thousands of them, by a configuration that answers for a missing record", async () => {
    ({ proxy, plugin } = await filterWith(routeConfig({ onMiss: { status: 404, body: "no such tenant" } })));
    const streams = askAcme(3000);
    webdisSays(theCall(), null);
    theCall().reply({ status: 404 });
    letWaitersGoOn(proxy);
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(new Set(streams.map((stream) => stream.response?.status))).toEqual(new Set([404]));
    expect(proxy.violations).toEqual([]);
  });

  it("are routed although the one that asked first is gone", () => {
    const [leader, ...others] = askAcme(5);
    leader?.disconnect();
    webdisSays(theCall(), null);
    theCall().reply({ body: RECORD });
    expect(states(others)).toEqual(new Set(["forwarded"]));
    expect(proxy.violations).toEqual([]);
  });

  it("cost nothing more when all have gone, and the answer is kept for the next", () => {
    for (const stream of askAcme(5)) stream.disconnect();
    proxy.takeJournal();
    webdisSays(theCall(), RECORD);
    expect(resumed()).toEqual([]);
    const [next] = askAcme(1);
    expect(next?.request.state).toBe("forwarded");
    expect(proxy.calls).toEqual([]);
  });

  it("make one call per worker", () => {
    for (const worker of [0, 1]) for (let i = 0; i < 3; i++) ask(plugin, "/api/acme/orders", { worker });
    expect(proxy.calls.map((call) => call.worker)).toEqual([0, 1]);
  });

  it("wait no longer than the calls' own limits: a late one only for the rest of it", async () => {
    const config = routeConfig({ service: { cluster: "routing-service", path: "/routes", timeout: "1s" } });
    ({ proxy, plugin } = await filterWith(config));
    const [early] = askAcme(1);
    proxy.clock.advance(1999);
    const [late] = askAcme(1);
    proxy.clock.advance(1);
    expect(theCall().cluster).toBe("routing-service");
    proxy.clock.advance(1000);
    expect([early?.request.state, late?.request.state]).toEqual(["forwarded", "forwarded"]);
  });
});

describe("requests for different keys", () => {
  it("make a call each", () => {
    for (const tenant of ["a", "b", "a%2Fb", "A"]) ask(plugin, `/api/${tenant}/orders`);
    expect(new Set(proxy.calls.map((call) => call.path)).size).toBe(4);
  });
});
