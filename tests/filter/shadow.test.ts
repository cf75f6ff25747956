import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const SECOND = 1000;
const LOOKUP = { owns: ["x-cell"], onMiss: { status: 404 }, onError: { status: 503 } };

let proxy: ProxyHost;
let plugin: Plugin;
let tiers: Tiers;

async function shadow(config: PluginConfig = routeConfig(LOOKUP)): Promise<void> {
  ({ proxy, plugin } = await filterWith({ ...config, shadow: true }, { logLevel: "info" }));
  tiers = new Tiers();
}

/** What shadow mode has logged. */
function told(): string[] {
  return proxy.logs.map((entry) => entry.message).filter((message) => message.startsWith("shadow: "));
}

function metric(name: string): number | undefined {
  proxy.clock.advance(SECOND);
  return proxy.metrics.value(`signpost.shadow.${name}`);
}

function askAcme(headers: [string, string][] = [["x-cell", "9"]]): Stream {
  return ask(plugin, { path: "/api/acme/orders?x=1", headers });
}

beforeEach(async () => {
  await shadow();
});

describe("in shadow mode", () => {
  it("a request goes on at once and as it came, while its lookup is on its way", () => {
    const stream = askAcme();
    expect(stream.request.state).toBe("forwarded");
    expect(proxy.calls).toHaveLength(1);
    expect(Object.fromEntries(stream.request.headers)).toMatchObject({
      ":path": "/api/acme/orders?x=1",
      "x-cell": "9",
    });
  });

  it("what would have been different is logged and counted", () => {
    tiers.redis.set(
      keyOf(HOST, "acme"),
      '{"path": "/svc", "host": "in.example", "headers": {"x-cell": "7", "x-a": "b"}}',
    );
    askAcme();
    tiers.answerAll(proxy);
    expect(told()).toEqual([
      'shadow: :path "/api/acme/orders?x=1" -> "/svc?x=1"; :authority "shop.example.com" -> "in.example"; ' +
        'x-cell "9" -> "7"; x-a (none) -> "b" (lookup=route; tier=webdis; age=0)',
    ]);
    expect([metric("different"), metric("same")]).toEqual([1, 0]);
  });

  it("what would have been the same is counted and not logged", () => {
    tiers.redis.set(
      keyOf(HOST, "acme"),
      '{"path": "/api/acme/orders", "headers": {"x-cell": "9"}, "removeHeaders": ["x-a"]}',
    );
    askAcme();
    tiers.answerAll(proxy);
    askAcme();
    expect(told()).toEqual([]);
    expect([metric("different"), metric("same")]).toEqual([0, 2]);
  });

  it("a header that would have been removed is a difference, whatever the outcome", () => {
    ask(plugin, { path: "/health", headers: [["x-cell", "9"]] });
    expect(told()).toEqual(['shadow: x-cell "9" -> (none) (lookup=route; tier=none; reason=no match)']);
  });

  it("an answer is only told", () => {
    const stream = askAcme([]);
    tiers.answerAll(proxy);
    expect(stream.response).toBeUndefined();
    expect(told()).toEqual(["shadow: answer 404 (lookup=route; tier=service; age=0; reason=miss)"]);
  });

  it("of several changes of one header the last one is told", async () => {
    const record = (value: string): string => JSON.stringify({ headers: { "x-a": value } });
    const base = routeConfig(LOOKUP);
    const [first] = base["lookups"] as PluginConfig[];
    await shadow({ ...base, lookups: [first, { ...first, name: "second", key: "second:{path[1]}" }] });
    tiers.redis.set(keyOf(HOST, "acme"), record("1")).set("second:acme", record("2"));
    askAcme([]);
    tiers.answerAll(proxy);
    expect(told()).toEqual([
      'shadow: x-a (none) -> "2" (lookup=route; tier=webdis; age=0, lookup=second; tier=webdis; age=0)',
    ]);
  });

  it("values of credentials are not told, long ones are cut, and lines stay lines", () => {
    const headers = { authorization: "Bearer secret", "x-long": "x".repeat(1000) };
    tiers.redis.set(keyOf(HOST, "acme"), JSON.stringify({ headers }));
    askAcme([["x-cell", "9"]]);
    tiers.answerAll(proxy);
    expect(told()[0]).toContain("authorization (hidden)");
    expect(told()[0]).not.toContain("secret");
    expect(told()[0]?.length).toBeLessThan(500);
  });

  it("a request that is over before all is decided is decided all the same, by all its lookups", async () => {
    const base = routeConfig(LOOKUP);
    const [first] = base["lookups"] as PluginConfig[];
    await shadow({ ...base, lookups: [first, { ...first, name: "second", key: "second:{path[1]}" }] });
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/svc"}').set("second:acme", '{"headers": {"x-a": "2"}}');
    askAcme([]).respond({ status: 200 });
    askAcme([]).disconnect();
    tiers.answerAll(proxy);
    expect(told()).toEqual(
      Array<string>(2).fill(
        'shadow: :path "/api/acme/orders?x=1" -> "/svc?x=1"; x-a (none) -> "2" ' +
          "(lookup=route; tier=webdis; age=0, lookup=second; tier=webdis; age=0)",
      ),
    );
    expect(metric("different")).toBe(2);
    expect(proxy.violations).toEqual([]);
  });

  it("a log that everybody differs from is cut to twenty lines a second, and says so", () => {
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/svc"}');
    for (let i = 0; i < 30; i++) askAcme();
    tiers.answerAll(proxy);
    expect(told()).toHaveLength(20);
    expect(metric("different")).toBe(30);
    askAcme();
    expect(told()[20]).toContain("not logged before: 10");
  });

  it("Redis is not written either", async () => {
    await shadow(
      routeConfig({
        service: { cluster: "routing-service", path: "/routes?host={host}&tenant={path[1]}", fill: true },
      }),
    );
    tiers.tenants.set(keyOf(HOST, "acme"), { cell: "7", path: "/svc", headers: {} });
    askAcme();
    tiers.answerAll(proxy);
    expect(tiers.asked).toEqual({ webdis: 1, service: 1 });
    expect(proxy.calls).toEqual([]);
  });
});
