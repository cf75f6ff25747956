import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const SECOND = 1000;
const LOCAL = {
  ttl: "20s",
  jitter: "0%",
  negativeTtl: "5s",
  refreshAhead: "3s",
  staleWhileRevalidate: "10s",
  staleIfError: "30s",
};

let proxy: ProxyHost;
let plugin: Plugin;
let tiers: Tiers;

/** Asks for tenant acme; the tiers answer at once. */
function askAcme(): Stream {
  const stream = ask(plugin, "/api/acme/orders");
  tiers.answerAll(proxy);
  return stream;
}

function pathOf(stream: Stream): string | undefined {
  return stream.request.state === "forwarded" ? stream.request.headers.get(":path") : undefined;
}

function record(path: string): void {
  tiers.redis.set(keyOf(HOST, "acme"), JSON.stringify({ path }));
}

/** Lets every call that is out fail, and those that follow. */
function failAll(): void {
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) call.refuse();
}

beforeEach(async () => {
  ({ proxy, plugin } = await filterWith(routeConfig({ local: LOCAL })));
  tiers = new Tiers();
  record("/v1");
  expect(pathOf(askAcme())).toBe("/v1");
  record("/v2");
});

describe("a local copy", () => {
  it("answers while it is fresh", () => {
    proxy.clock.advance(16 * SECOND);
    expect(pathOf(askAcme())).toBe("/v1");
    expect(tiers.asked.webdis).toBe(1);
  });

  it("is refreshed in the background when it is used shortly before it expires", () => {
    proxy.clock.advance(17 * SECOND + 500);
    const stream = ask(plugin, "/api/acme/orders");
    expect(pathOf(stream)).toBe("/v1");
    expect(proxy.calls).toHaveLength(1);
    tiers.answerAll(proxy);
    expect(pathOf(askAcme())).toBe("/v2");
  });

  it("is refreshed by one call however many requests come", () => {
    proxy.clock.advance(17 * SECOND + 500);
    for (let i = 0; i < 10; i++) expect(pathOf(ask(plugin, "/api/acme/orders"))).toBe("/v1");
    expect(proxy.calls).toHaveLength(1);
  });

  it("is served at once and refreshed for staleWhileRevalidate after it expired", () => {
    proxy.clock.advance(29 * SECOND);
    const stream = ask(plugin, "/api/acme/orders");
    expect(pathOf(stream)).toBe("/v1");
    tiers.answerAll(proxy);
    expect(pathOf(askAcme())).toBe("/v2");
  });

  it("is not served after that where the tiers can answer", () => {
    proxy.clock.advance(31 * SECOND);
    expect(pathOf(askAcme())).toBe("/v2");
  });

  it("is served for staleIfError when the tiers fail", () => {
    proxy.clock.advance(49 * SECOND);
    const stream = ask(plugin, "/api/acme/orders");
    expect(stream.request.state).toBe("paused");
    failAll();
    expect(pathOf(stream)).toBe("/v1");
  });

  it("is not served beyond staleIfError", () => {
    proxy.clock.advance(51 * SECOND);
    const stream = ask(plugin, "/api/acme/orders");
    failAll();
    expect(pathOf(stream)).toBe("/api/acme/orders");
  });

  it("is refreshed at most once a second while refreshing fails", () => {
    proxy.clock.advance(25 * SECOND);
    for (let i = 0; i < 3; i++) {
      expect(pathOf(ask(plugin, "/api/acme/orders"))).toBe("/v1");
      expect(proxy.calls).toHaveLength(i === 0 ? 1 : 0);
      failAll();
    }
    proxy.clock.advance(SECOND);
    ask(plugin, "/api/acme/orders");
    expect(proxy.calls).toHaveLength(1);
  });

  it("gives way to the news that there is no record", () => {
    tiers.redis.set(keyOf(HOST, "acme"), '{"status": 404}');
    proxy.clock.advance(31 * SECOND);
    expect(pathOf(askAcme())).toBe("/api/acme/orders");
  });
});

describe("a record's own ttl", () => {
  it("goes before the configured one", () => {
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/short", "ttl": 2}');
    proxy.clock.advance(31 * SECOND);
    expect(pathOf(askAcme())).toBe("/short");
    proxy.clock.advance(13 * SECOND);
    record("/v3");
    expect(pathOf(askAcme())).toBe("/v3");
  });

  it("of 0 keeps the record out of the local store", () => {
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/never", "ttl": 0}');
    proxy.clock.advance(31 * SECOND);
    expect(pathOf(askAcme())).toBe("/never");
    record("/v3");
    expect(pathOf(askAcme())).toBe("/v3");
  });
});

describe("a miss", () => {
  it("is remembered for negativeTtl and then asked again", () => {
    const misses = (): number => tiers.asked.service;
    ask(plugin, "/api/nobody/orders");
    tiers.answerAll(proxy);
    ask(plugin, "/api/nobody/orders");
    tiers.answerAll(proxy);
    expect(misses()).toBe(1);
    proxy.clock.advance(5 * SECOND);
    ask(plugin, "/api/nobody/orders");
    tiers.answerAll(proxy);
    expect(misses()).toBe(2);
  });
});

describe("jitter", () => {
  it("lets copies stored together expire at different times, none after its ttl", async () => {
    const local = { ...LOCAL, jitter: "50%", refreshAhead: "0s", staleWhileRevalidate: "0s", staleIfError: "0s" };
    ({ proxy, plugin } = await filterWith(routeConfig({ local })));
    const tenants = Array.from({ length: 200 }, (_, index) => `t${index}`);
    const askAll = (): void => {
      for (const tenant of tenants) ask(plugin, `/api/${tenant}/orders`);
    };
    for (const tenant of tenants) tiers.redis.set(keyOf(HOST, tenant), '{"path": "/x"}');
    askAll();
    tiers.answerAll(proxy);
    proxy.clock.advance(9 * SECOND);
    askAll();
    expect(proxy.calls).toHaveLength(0);
    proxy.clock.advance(6 * SECOND);
    askAll();
    const expired = proxy.calls.length;
    expect(expired).toBeGreaterThan(50);
    expect(expired).toBeLessThan(150);
    proxy.clock.advance(5 * SECOND);
    askAll();
    expect(proxy.calls).toHaveLength(200);
  });
});

describe("a live update with shorter limits", () => {
  /** As before, with other limits. */
  function update(local: Partial<typeof LOCAL>): void {
    expect(plugin.update(JSON.stringify(routeConfig({ local: { ...LOCAL, ...local } })))).toBe(true);
  }

  it("holds for what is stored: a record past the new ttl is refreshed at once", () => {
    proxy.clock.advance(5 * SECOND);
    update({ ttl: "4s" });
    expect(pathOf(askAcme())).toBe("/v1");
    expect(pathOf(askAcme())).toBe("/v2");
  });

  it("holds for what is stored: a record past all new limits is not served", () => {
    proxy.clock.advance(5 * SECOND);
    update({ ttl: "4s", staleWhileRevalidate: "500ms" });
    expect(pathOf(askAcme())).toBe("/v2");
  });

  it("holds for known misses, too", () => {
    const ask404 = (): number => {
      ask(plugin, "/api/nobody/orders");
      tiers.answerAll(proxy);
      return tiers.asked.webdis;
    };
    const before = ask404();
    proxy.clock.advance(2 * SECOND);
    expect(ask404()).toBe(before);
    update({ negativeTtl: "1s" });
    expect(ask404()).toBe(before + 1);
  });

  it("leaves a record the ttl that it gives itself", () => {
    tiers.redis.set(keyOf(HOST, "own"), '{"path": "/own", "ttl": 20}');
    ask(plugin, "/api/own/orders");
    tiers.answerAll(proxy);
    const { webdis } = tiers.asked;
    update({ ttl: "1s", staleWhileRevalidate: "0s" });
    proxy.clock.advance(10 * SECOND);
    expect(pathOf(ask(plugin, "/api/own/orders"))).toBe("/own");
    expect(tiers.asked.webdis).toBe(webdis);
  });
});
