import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith, letWaitersGoOn, proxyWith } from "./support/filter.ts";
import { Tiers, webdisSays } from "./support/tiers.ts";

const MIB = 1024 * 1024;

/** Asks for as many different tenants. */
function askMany(plugin: Plugin, count: number): Stream[] {
  return Array.from({ length: count }, (_, index) => ask(plugin, `/api/t${index}/orders`));
}

function reportOf(stream: Stream | undefined): string | undefined {
  if (stream?.request.state === "forwarded") stream.respond({ status: 200 });
  return stream?.response?.headers.get("x-signpost");
}

function answerAll(proxy: ProxyHost): void {
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) webdisSays(call, null);
}

describe("calls in flight", () => {
  it("are 256 to Webdis at most; the next question goes to the service", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    askMany(plugin, 300);
    const clusters = proxy.calls.map((call) => call.cluster);
    expect(clusters.filter((cluster) => cluster === "webdis")).toHaveLength(256);
    expect(clusters.filter((cluster) => cluster === "routing-service")).toHaveLength(44);
  });

  it("are as many as configured; above that a request fails at once as overload", async () => {
    const config = routeConfig({ webdis: false, service: { cluster: "routing-service", path: "/r", maxInFlight: 2 } });
    const { proxy, plugin } = await filterWith(config);
    const streams = askMany(plugin, 3);
    expect(proxy.calls).toHaveLength(2);
    expect(reportOf(streams[2])).toBe("lookup=route; tier=none; reason=overload: too many calls");
  });

  it("make room when they end, however they end", async () => {
    const { proxy, plugin } = await filterWith(routeConfig({ service: undefined }));
    for (let round = 0; round < 5; round++) {
      askMany(plugin, 256);
      expect(proxy.calls).toHaveLength(256);
      proxy.calls.forEach((call, index) => {
        if (index % 4 === 0) call.reset();
        else if (index % 4 === 1) call.timeOut();
        else if (index % 4 === 2) call.refuse();
        else call.reply({ body: "garbage" });
      });
    }
    expect(proxy.calls).toEqual([]);
  });
});

describe("what a client can make the filter send", () => {
  it("has a bound: a service path that grows over it by encoding is invalid", async () => {
    const service = { cluster: "routing-service", path: "/routes?q={query}", timeout: "1s" };
    const { proxy, plugin } = await filterWith(routeConfig({ service }));
    const stream = ask(plugin, `/api/acme/orders?${"/".repeat(6000)}`);
    expect(reportOf(stream)).toBe("lookup=route; tier=none; reason=invalid: service path too long");
    expect(proxy.calls).toEqual([]);
  });

  it("cannot climb out of the service's path", async () => {
    const service = { cluster: "routing-service", path: "/routes/{path[1]}", timeout: "1s" };
    const { proxy, plugin } = await filterWith(routeConfig({ service }));
    for (const tenant of ["..", "%2e%2e", "."]) {
      expect(reportOf(ask(plugin, `/api/${tenant}/orders`))).toContain("reason=invalid: dot segment in the path");
    }
    expect(proxy.calls).toEqual([]);
  });
});

describe("memory", () => {
  it("is not kept by streams that stay open after their request was routed by a large record", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    const tiers = new Tiers();
    tiers.redis.set(keyOf(HOST, "acme"), JSON.stringify({ headers: { "x-large": "x".repeat(60_000) } }));
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    proxy.recording = false;
    const streams = Array.from({ length: 1000 }, () => ask(plugin, "/api/acme/orders"));
    expect(proxy.vm(0).memoryBytes).toBeLessThan(8 * MIB);
    for (const stream of streams) stream.disconnect();
  });

  it("is not kept by a reply that lets many waiters go on at once", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    proxy.recording = false;
    const query = "q".repeat(50_000);
    const streams = Array.from({ length: 1000 }, () => ask(plugin, `/api/acme/orders?${query}`));
    const before = proxy.vm(0).memoryBytes;
    webdisSays(proxy.calls[0], '{"path": "/svc"}');
    letWaitersGoOn(proxy);
    expect(new Set(streams.map((stream) => stream.request.headers.get(":path")))).toEqual(new Set([`/svc?${query}`]));
    expect(proxy.vm(0).memoryBytes).toBeLessThan(before + 2 * MIB);
    for (const stream of streams) stream.disconnect();
  });

  it("is given back by configurations that are gone, also when requests have used them", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    proxy.recording = false;
    const record = JSON.stringify({ path: "/svc", values: Array.from({ length: 10_000 }, (_, i) => i) });
    const update = (i: number): void => {
      plugin.update(JSON.stringify(routeConfig({ key: `route:${i}:{path[1]}` })));
      const stream = ask(plugin, "/api/acme/orders");
      webdisSays(proxy.calls[0], record);
      stream.respond({ status: 200 });
    };
    // Memory doubles when the collector is late by one large record: by then it has been so at its worst.
    for (let i = 0; i < 900; i++) update(i);
    const before = proxy.vm(0).memoryBytes;
    for (let i = 900; i < 1800; i++) update(i);
    expect(proxy.vm(0).memoryBytes).toBe(before);
  });

  it("is given back by configurations that were refused for want of a password", async () => {
    const proxy = await proxyWith();
    const webdis = { cluster: "webdis", username: "signpost", passwordEnv: "NOT_THERE" };
    const configuration = JSON.stringify({
      ...routeConfig({ onMiss: { status: 404, body: "x".repeat(4000) } }),
      webdis,
    });
    const refuse = (times: number): void => {
      for (let i = 0; i < times; i++)
        expect(proxy.addPlugin({ rootId: "signpost", configuration }).configured).toBe(false);
    };
    refuse(200);
    const before = proxy.vm(0).memoryBytes;
    refuse(1000);
    expect(proxy.vm(0).memoryBytes).toBe(before);
  });
});

describe("what the lookups of one request change together", () => {
  const value = "x".repeat(60 * 1024);
  const names = Array.from({ length: 8 }, (_, index) => `l${index}`);

  it("has a bound: a lookup that would pass it is invalid, and those before and after it hold", async () => {
    const lookups = names.map((name) => ({ name, key: `${name}:{path[1]}`, onError: "continue" }));
    const { proxy, plugin } = await filterWith({ webdis: { cluster: "webdis" }, lookups, debugHeader: "x-signpost" });
    const stream = ask(plugin, "/api/acme/orders");
    for (const name of names) {
      const record = name === "l7" ? { headers: { "x-last": "1" } } : { headers: { [`x-${name}`]: value } };
      webdisSays(proxy.calls[0], JSON.stringify(record));
    }
    expect(reportOf(stream)?.match(/too much to change/g)).toHaveLength(3);
    const present = ["x-l0", "x-l3", "x-l4", "x-l6", "x-last"].filter((name) => stream.request.headers.has(name));
    expect(present).toEqual(["x-l0", "x-l3", "x-last"]);
  });

  it("has that bound also where one value is applied many times", async () => {
    const headers = names.map((name) => ({ name: `x-${name}`, value: "{record:/v}{record:/v}{rest}" }));
    const key = { name: "route", key: "route:{path[1]}", apply: { headers }, onError: { status: 500 } };
    const { proxy, plugin } = await filterWith({
      webdis: { cluster: "webdis" },
      lookups: [key],
      debugHeader: "x-signpost",
    });
    const stream = ask(plugin, "/api/acme/orders");
    webdisSays(proxy.calls[0], JSON.stringify({ v: "x".repeat(20 * 1024) }));
    expect(reportOf(stream)).toBe("lookup=route; tier=none; reason=invalid: too much to change");
    expect(stream.response?.headers.get(":status")).toBe("500");
  });

  it("is the client's fault where it is one of the client's values that is applied many times", async () => {
    const headers = names.map((name) => ({ name: `x-${name}`, value: "{header[x-big]}" }));
    const lookup = { name: "route", key: "route:{path[1]}", apply: { headers }, onError: { status: 500 } };
    const { proxy, plugin } = await filterWith({ webdis: { cluster: "webdis" }, lookups: [lookup] });
    const stream = ask(plugin, { path: "/api/acme/orders", headers: [["x-big", "x".repeat(50 * 1024)]] });
    webdisSays(proxy.calls[0], "{}");
    expect(stream.response?.headers.get(":status")).toBe("400");
  });

  it("has a bound also for what the service is asked with", async () => {
    const headers = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`x-${i}`, "{header[x-big]}"]));
    const service = { cluster: "routing-service", path: "/r", headers };
    const { proxy, plugin } = await filterWith(routeConfig({ webdis: false, service }));
    const before = proxy.vm(0).memoryBytes;
    const stream = ask(plugin, { path: "/api/acme/orders", headers: [["x-big", value]] });
    expect(proxy.vm(0).memoryBytes).toBe(before);
    expect(reportOf(stream)).toBe("lookup=route; tier=none; reason=invalid: service headers too long");
  });

  it("is given back when the clients of waiting requests leave", async () => {
    const lookups = names.map((name) => ({ name, key: `${name}:{path[1]}` }));
    const { proxy, plugin } = await filterWith({ webdis: { cluster: "webdis" }, lookups });
    const round = (): void => {
      const streams = Array.from({ length: 50 }, () => ask(plugin, "/api/acme/orders"));
      webdisSays(proxy.calls[0], JSON.stringify({ ttl: 0, headers: { "x-a": value } }));
      for (const stream of streams) stream.disconnect();
      webdisSays(proxy.calls[0], null);
      proxy.clock.advance(6000);
    };
    proxy.recording = false;
    for (let i = 0; i < 20; i++) round();
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < 60; i++) round();
    expect(proxy.vm(0).memoryBytes).toBe(before);
  });
});

/** As many as a list may have, and an object. */
const MANY = 4096;
const LOOKUPS = 64;

/** The same section in as many lookups as there may be, as large as a configuration of 1 MiB lets it be. */
function inEach(section: (count: number) => object, elementBytes: number): object {
  const count = Math.min(MANY, Math.floor((MIB - 20_000) / LOOKUPS / elementBytes));
  const lookups = Array.from({ length: LOOKUPS }, (_, i) => ({ name: `l${i}`, key: "k:{host}", ...section(count) }));
  return { webdis: { cluster: "c" }, lookups };
}

function times<T>(count: number, element: T): T[] {
  return Array.from({ length: count }, () => element);
}

// Garbage is collected between callbacks only: what reading makes must not be a multiple of what is read.
describe("the memory that a configuration of the largest size takes", () => {
  const names = Array.from({ length: MANY }, (_, i) => `x-${i}`);
  const values = Object.fromEntries(names.map((name) => [name, "{host}"]));
  const route = { name: "route", key: "route:{host}" };
  const headers = names.map((name) => ({ name, value: "" }));

  it.each<[string, object]>([
    ["headers of the service", { lookups: [{ ...route, service: { cluster: "c", path: "/", headers: values } }] }],
    ["headers that are set", { webdis: { cluster: "c" }, lookups: [{ ...route, apply: { headers } }] }],
    [
      "headers that are removed",
      { webdis: { cluster: "c" }, lookups: [{ ...route, apply: { removeHeaders: names } }] },
    ],
    ["owned headers", { webdis: { cluster: "c" }, lookups: [{ ...route, owns: names }] }],
    ["paths to match", { webdis: { cluster: "c" }, lookups: [{ ...route, match: { paths: names.map((name) => `/${name}/*`) } }] }], // prettier-ignore
    ["ignored parameters", { responseCache: { key: { query: { ignore: names } } } }],
    ["headers in the key", { responseCache: { key: { headers: names } } }],
    ["unknown fields", values],
    ["numbers for paths", inEach((count) => ({ match: { paths: times(count, 1) } }), 2)],
    ["nothing for headers", inEach((count) => ({ apply: { headers: times(count, {}) } }), 3)],
    ["something else for headers", inEach((count) => ({ apply: { headers: times(count, { a: 1 }) } }), 8)],
    ["the same path in each lookup", inEach((count) => ({ match: { paths: times(count, "/*") } }), 5)],
    ["headers in each lookup", inEach((count) => ({ apply: { headers: headers.slice(0, count) } }), 32)],
    ["unknown fields in each lookup", inEach((count) => ({ match: Object.fromEntries(names.slice(0, count).map((name) => [name, 1])) }), 11)], // prettier-ignore
    ["a list that is too long", { responseCache: { key: { query: { ignore: times(500_000, 1) } } } }],
    ["an object with too many names", { lookups: [{ ...route, service: { cluster: "c", path: "/", headers: Object.fromEntries(times(50_000, 0).map((_, i) => [`x-${i}`, "v"])) } }] }], // prettier-ignore
    ["lookups", { webdis: { cluster: "c" }, lookups: names.map((name) => ({ ...route, name })) }],
    ["what is nothing at all", { lookups: names }],
  ])("is bounded whatever it is made of: %s", async (_, configuration) => {
    const text = JSON.stringify(configuration);
    expect(text.length).toBeLessThan(MIB);
    const proxy = await proxyWith();
    proxy.addPlugin({ rootId: "signpost", configuration: text });
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(proxy.vm(0).memoryBytes).toBeLessThanOrEqual(160 * MIB);
  });
});

describe("a request that the host cannot hand over", () => {
  it.each(["proxy_get_header_map_value", "proxy_get_header_map_pairs"])(
    "is no request without these headers: %s fails, and onError speaks",
    async (hostFunction) => {
      const key = hostFunction.endsWith("pairs") ? "route:{header[x-tenant]|none}" : "route:{path[1]}";
      const { proxy, plugin } = await filterWith(routeConfig({ key, onError: { status: 503 } }));
      proxy.faults.failHostFunction(hostFunction, 6);
      const stream = ask(plugin, "/api/acme/orders");
      proxy.faults.clear();
      expect(reportOf(stream)).toBe("lookup=route; tier=none; reason=invalid: unreadable request");
      expect(stream.response?.headers.get(":status")).toBe("503");
    },
  );
});

describe("a header that only records may set", () => {
  it.each([
    ["reading one header", {}, "proxy_get_header_map_value"],
    ["reading all headers", { key: "route:{header[x-tenant]|none}" }, "proxy_get_header_map_pairs"],
  ])("is removed although the host fails at %s", async (_, lookup, hostFunction) => {
    const { proxy, plugin } = await filterWith(routeConfig(lookup));
    proxy.faults.failHostFunction(hostFunction, 6);
    const stream = ask(plugin, { path: "/api/acme/orders", headers: [["x-cell", "evil"]] });
    proxy.faults.clear();
    answerAll(proxy);
    expect(stream.request.state).toBe("forwarded");
    expect(stream.request.headers.get("x-cell")).toBeUndefined();
  });
});
