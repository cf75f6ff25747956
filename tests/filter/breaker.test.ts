import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisErrs, webdisSays } from "./support/tiers.ts";

const SECOND = 1000;

let proxy: ProxyHost;
let plugin: Plugin;
let tenants = 0;

async function start(webdis: object = {}, lookup: Record<string, unknown> = {}): Promise<void> {
  const config = routeConfig({ service: { cluster: "routing-service", path: "/r" }, ...lookup });
  ({ proxy, plugin } = await filterWith({ ...config, webdis: { cluster: "webdis", ...webdis } }));
}

/** Asks for a tenant that nobody has asked for; the cluster that is asked first. */
function firstAsked(): string | undefined {
  ask(plugin, `/api/t${++tenants}/orders`);
  return proxy.calls[proxy.calls.length - 1]?.cluster;
}

/** A cold request whose Webdis call ends so; the service then knows nothing. */
function cold(play: (call: HttpCall) => void): void {
  firstAsked();
  for (const call of [...proxy.calls]) if (call.cluster === "webdis") play(call);
  for (const call of [...proxy.calls]) call.reply({ status: 404 });
}

/** Its headers come in time, its body does not. */
function stalls(call: HttpCall): void {
  call.begin();
  proxy.clock.advance(call.timeoutMs);
}

const REFUSED = (call: HttpCall): void => call.refuse();

beforeEach(async () => {
  await start();
});

describe("the breaker of Webdis", () => {
  it.each<[string, (call: HttpCall) => void]>([
    ["time limits that pass", (call) => call.timeOut()],
    ["refused connections", REFUSED],
    ["resets", (call) => call.reset()],
    ["a Redis that is gone", (call) => call.reply({ status: 503 })],
    ["replies to something else", (call) => call.reply({ body: "<html>" })],
    ["another server's status", (call) => call.reply({ status: 404, body: "no such page" })],
    ["bodies that are late", stalls],
    ["a password that Webdis does not take", (call) => call.reply({ status: 403, body: "Forbidden" })],
    ["a Redis that is loading", (call) => webdisErrs(call, "LOADING Redis is loading the dataset in memory")],
    ["a Redis that wants a password", (call) => webdisErrs(call, "NOAUTH Authentication required.")],
    ["a Redis that is full of clients", (call) => webdisErrs(call, "ERR max number of clients reached")],
  ])("opens after five of these in a row: %s", (_, play) => {
    for (let i = 0; i < 5; i++) {
      expect(firstAsked()).toBe("webdis");
      for (const call of [...proxy.calls]) {
        if (call.cluster === "webdis") play(call);
      }
      for (const call of [...proxy.calls]) call.reply({ status: 404 });
    }
    expect(firstAsked()).toBe("routing-service");
  });

  it.each<[string, (call: HttpCall) => void]>([
    ["errors about one key", (call) => webdisErrs(call, "WRONGTYPE no string")],
    ["keys that Redis' ACL does not open", (call) => webdisErrs(call, "NOPERM No permissions to access a key")],
    ["bad records", (call) => webdisSays(call, "garbage")],
    ["keys that are not there", (call) => webdisSays(call, null)],
    ["records that are too large", (call) => webdisSays(call, "x".repeat(70_000))],
  ])("does not open for %s", (_, play) => {
    for (let i = 0; i < 20; i++) cold(play);
    expect(firstAsked()).toBe("webdis");
  });

  it("does not open for calls that were not made because too many are out", async () => {
    await start({ maxInFlight: 1 });
    firstAsked();
    for (let i = 0; i < 20; i++) firstAsked();
    webdisSays(proxy.calls[0], null);
    expect(firstAsked()).toBe("webdis");
  });

  it("does not open because Webdis refuses writes", async () => {
    await start({}, { local: false, service: { cluster: "routing-service", path: "/r", fill: true } });
    for (let i = 0; i < 20; i++) {
      expect(firstAsked()).toBe("webdis");
      webdisSays(proxy.calls[0], null);
      proxy.calls[0]?.reply({ body: '{"path": "/svc"}' });
      proxy.calls[0]?.reply({ status: 403, body: "no writing" });
    }
  });

  it.each(["OOM command not allowed", "READONLY You can't write against a read only replica."])(
    "does not open because Redis refuses writes: %s",
    async (error) => {
      await start({}, { local: false, service: { cluster: "routing-service", path: "/r", fill: true } });
      for (let i = 0; i < 20; i++) {
        expect(firstAsked()).toBe("webdis");
        webdisSays(proxy.calls[0], null);
        proxy.calls[0]?.reply({ body: '{"path": "/svc"}' });
        proxy.calls[0]?.reply({ body: `-${error}\r\n` });
      }
    },
  );

  it("lets one request try after a second, and closes when that is answered", () => {
    for (let i = 0; i < 5; i++) cold(REFUSED);
    proxy.clock.advance(900);
    expect(firstAsked()).toBe("routing-service");
    proxy.clock.advance(200);
    expect([firstAsked(), firstAsked(), firstAsked()]).toEqual(["webdis", "routing-service", "routing-service"]);
    webdisSays(
      proxy.calls.find((call) => call.cluster === "webdis"),
      null,
    );
    expect([firstAsked(), firstAsked()]).toEqual(["webdis", "webdis"]);
  });

  it("stays open for another second when the try fails", () => {
    for (let i = 0; i < 5; i++) cold(REFUSED);
    proxy.clock.advance(1100);
    cold(REFUSED);
    proxy.clock.advance(900);
    expect(firstAsked()).toBe("routing-service");
    proxy.clock.advance(200);
    expect(firstAsked()).toBe("webdis");
  });

  it("opens when and for as long as configured", async () => {
    await start({ breaker: { failures: 2, open: "5s" } });
    for (let i = 0; i < 2; i++) cold(REFUSED);
    proxy.clock.advance(4900);
    expect(firstAsked()).toBe("routing-service");
    proxy.clock.advance(200);
    expect(firstAsked()).toBe("webdis");
  });

  it("is open for all lookups, and starts anew with a new configuration", async () => {
    const base = routeConfig({ service: { cluster: "routing-service", path: "/r" } });
    const [route] = base["lookups"] as object[];
    const second = { ...route, name: "other", match: { paths: ["/other/*"] }, key: "other:{path[1]}" };
    const config = { ...base, webdis: { cluster: "webdis" }, lookups: [route, second] };
    ({ proxy, plugin } = await filterWith(config));
    for (let i = 0; i < 5; i++) cold(REFUSED);
    ask(plugin, "/other/acme");
    expect(proxy.calls[0]?.cluster).toBe("routing-service");
    plugin.update(JSON.stringify({ ...config, debugHeader: "x-other" }));
    expect(firstAsked()).toBe("webdis");
  });
});

describe("the breaker of the service", () => {
  it("makes a request fail at once as unavailable", async () => {
    await start({}, { webdis: false, onError: { unavailable: { status: 502 }, otherwise: { status: 500 } } });
    for (let i = 0; i < 5; i++) {
      firstAsked();
      proxy.calls[0]?.timeOut();
    }
    const stream = ask(plugin, "/api/acme/orders");
    expect(proxy.calls).toEqual([]);
    expect(stream.response?.headers.get(":status")).toBe("502");
    expect(stream.response?.headers.get("x-signpost")).toBe(
      "lookup=route; tier=none; reason=unavailable: breaker open",
    );
  });

  it("lets a stale record be served", async () => {
    await start(
      {},
      { webdis: false, local: { ttl: "1s", jitter: "0%", staleWhileRevalidate: "0s", staleIfError: "1m" } },
    );
    ask(plugin, "/api/acme/orders");
    proxy.calls[0]?.reply({ body: '{"path": "/svc"}' });
    for (let i = 0; i < 5; i++) {
      firstAsked();
      proxy.calls[0]?.timeOut();
    }
    proxy.clock.advance(900);
    proxy.clock.advance(150);
    firstAsked();
    const stream = ask(plugin, "/api/acme/orders");
    expect(proxy.calls).toHaveLength(1);
    expect(stream.request.headers.get(":path")).toBe("/svc");
  });

  it("shows in the metrics while it is open", async () => {
    await start({}, { webdis: false });
    const open = (): number | undefined => proxy.metrics.value("signpost.lookup.route.service.breakers_open");
    for (let i = 0; i < 5; i++) {
      firstAsked();
      proxy.calls[0]?.timeOut();
    }
    proxy.clock.advance(SECOND);
    expect(open()).toBe(1);
    firstAsked();
    proxy.calls[0]?.reply({ status: 404 });
    proxy.clock.advance(SECOND);
    expect(open()).toBe(0);
  });
});
