import { describe, expect, it } from "vitest";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith, logText, proxyWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const PASSWORD = "correct horse battery staple";

async function refusal(configuration: string): Promise<string> {
  const proxy = await proxyWith();
  const plugin = proxy.addPlugin({ rootId: "any", configuration });
  expect(plugin.configured).toBe(false);
  return logText(proxy);
}

describe("a configuration with mistakes", () => {
  it("is refused with all of them in the log, each with its path", async () => {
    const log = await refusal(
      JSON.stringify({
        webdis: { cluster: "" },
        lookups: [{ name: "Route", key: "{host}", local: { ttl: "soon" }, onmiss: "continue" }],
      }),
    );
    for (const path of [
      "webdis.cluster",
      "lookups[0].name",
      "lookups[0].key",
      "lookups[0].local.ttl",
      "lookups[0].onmiss",
    ]) {
      expect(log).toContain(`configuration refused: ${path}: `);
    }
  });

  it("that is not JSON is refused with line and column", async () => {
    expect(await refusal('{"webdis":\n nonsense}')).toMatch(/not JSON: .*line 2, column 2/);
  });

  it.each(["tracing", "invalidation"])("names what is not built yet as not supported: %s", async (section) => {
    const values: Record<string, unknown> = { tracing: { cluster: "otel" } };
    const log = await refusal(JSON.stringify({ ...routeConfig(), [section]: values[section] ?? {} }));
    expect(log).toMatch(new RegExp(`configuration refused: ${section}: .*not supported yet`));
  });

  it("leaves the one before at work", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    expect(plugin.update('{"lookups": 5}')).toBe(false);
    ask(plugin, "/api/acme/orders");
    expect(proxy.calls).toHaveLength(1);
  });
});

describe("no configuration at all", () => {
  it.each(["", "{}"])("(%j) is accepted and changes nothing", async (configuration) => {
    const { proxy, plugin } = await filterWith(configuration);
    const stream = ask(plugin, "/api/acme/orders?x=1").respond({ status: 200 });
    expect(stream.request.headers.get(":path")).toBe("/api/acme/orders?x=1");
    expect(proxy.calls).toEqual([]);
  });
});

describe("a new configuration", () => {
  it("finds what the one before has stored, where it asks the same tiers for the same keys", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    const tiers = new Tiers();
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/svc"}');
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    expect(plugin.update(JSON.stringify(routeConfig({ onMiss: { status: 404 } })))).toBe(true);
    const stream = ask(plugin, "/api/acme/orders");
    expect(stream.request.headers.get(":path")).toBe("/svc");
    expect(proxy.calls).toEqual([]);
  });

  it("does not, where the key is another", async () => {
    const { proxy, plugin } = await filterWith(routeConfig({ key: "route:{path[1]}" }));
    const tiers = new Tiers();
    tiers.redis.set("route:acme", '{"path": "/svc"}');
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    plugin.update(JSON.stringify(routeConfig({ key: "route:{path[1]|x}" })));
    ask(plugin, "/api/acme/orders");
    expect(proxy.calls).toHaveLength(1);
  });

  it("leaves requests that wait under the old one to it", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    const stream = ask(plugin, "/api/acme/orders");
    plugin.update(JSON.stringify(routeConfig({ match: { paths: ["/other/*"] } })));
    const tiers = new Tiers();
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/svc"}');
    tiers.answerAll(proxy);
    expect(stream.request.headers.get(":path")).toBe("/svc");
    stream.respond({ status: 200 });
    expect(proxy.vm(0).liveContexts).toBe(1);
  });

  it("every time, a thousand times, leaves memory as it was", async () => {
    const { proxy, plugin } = await filterWith(routeConfig());
    proxy.recording = false;
    const update = (i: number): void => {
      expect(plugin.update(JSON.stringify(routeConfig({ onMiss: { status: 404, body: `body ${i % 7}` } })))).toBe(true);
    };
    for (let i = 0; i < 200; i++) update(i);
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < 1000; i++) update(i);
    expect(proxy.vm(0).memoryBytes).toBe(before);
  });
});

describe("Webdis' password", () => {
  function withEnvironment(): Record<string, unknown> {
    const config = routeConfig();
    return { ...config, webdis: { cluster: "webdis", username: "signpost", passwordEnv: "WEBDIS_PASSWORD" } };
  }

  it("comes from the VM's environment and goes out as basic authentication", async () => {
    const { proxy, plugin } = await filterWith(withEnvironment(), { environment: { WEBDIS_PASSWORD: PASSWORD } });
    ask(plugin, "/api/acme/orders");
    const [call] = proxy.calls;
    expect(call?.headers.get("authorization")).toBe(`Basic ${Buffer.from(`signpost:${PASSWORD}`).toString("base64")}`);
  });

  it("is missed with the name of the variable where the VM does not have it", async () => {
    expect(await refusal(JSON.stringify(withEnvironment()))).toContain(
      "webdis.passwordEnv: the VM has no environment variable WEBDIS_PASSWORD",
    );
  });

  it("is never logged, not even with a mistake beside it or at the lowest level", async () => {
    const proxy = await proxyWith({ logLevel: "trace" });
    const webdis = { cluster: "webdis", username: "a:b", password: PASSWORD, timeout: "x" };
    proxy.addPlugin({ rootId: "any", configuration: JSON.stringify({ ...routeConfig(), webdis }) });
    expect(logText(proxy)).toContain("webdis.timeout");
    expect(logText(proxy)).not.toContain(PASSWORD);
  });
});

describe("a configuration that is valid and likely a mistake", () => {
  async function warnings(lookup: Record<string, unknown>): Promise<string[]> {
    const { proxy } = await filterWith(routeConfig(lookup), { logLevel: "warn" });
    return proxy.logs.map((entry) => entry.message);
  }

  it("is one that asks the service with what the key does not have", async () => {
    const path = "/routes?host={host}&path={path}&a={query[a]|x}&tenant={path[1]}";
    expect(await warnings({ service: { cluster: "routing-service", path } })).toEqual(
      ["{path}", "{query[a]|x}"].map(
        (value) =>
          `configuration warning: lookups[0].service.path: ${value} is not in the key: the answer to one request is kept ` +
          "for others that differ in it (ask with the key's own values)",
      ),
    );
  });

  it.each([
    ["route:{host}:{path[1]}", "/{path[1]}?{host}"],
    ["route:{header[x-a]}:{cookie[b]}:{query[c]}", "/{query[c]}/{cookie[b]}/{header[x-a]|none}"],
    ["route:{path}", "/?path={path}"],
  ])("is none that asks with the key's own values: %s, %s", async (key, path) => {
    expect(await warnings({ key, service: { cluster: "routing-service", path } })).toEqual([]);
  });

  it.each([
    ["/api/:id", "/api/*"],
    ["/api/:id/x/*", "/api/*"],
    ["/:tenant/:id", "/*"],
  ])("is a path pattern with names as other routers have them: %s", async (pattern, right) => {
    const { proxy } = await filterWith(
      { ...routeConfig({ match: { paths: ["/ok:x/*", pattern] } }), responseCache: { match: { paths: [pattern] } } },
      { logLevel: "warn" },
    );
    expect(proxy.logs.map((entry) => entry.message)).toEqual(
      ["lookups[0].match", "responseCache.match"].map(
        (path) =>
          `configuration warning: ${path}.paths: "${pattern.replace(/\*$/, "")}" has no names: what follows a / is ` +
          `compared as it stands, with its colon (use ${right} for any segment)`,
      ),
    );
  });

  it("is one that says so in a header of the question", async () => {
    const headers = { "x-tenant": "{header[x-tenant]}", "x-host": "{host}", "x-plan": "{query[plan]|free}" };
    const service = { cluster: "routing-service", path: "/r", headers };
    expect(await warnings({ key: "route:{host}", service })).toEqual(
      ["x-tenant: {header[x-tenant]}", "x-plan: {query[plan]|free}"].map(
        (value) =>
          `configuration warning: lookups[0].service.headers.${value} is not in the key: the answer to one request is ` +
          "kept for others that differ in it (ask with the key's own values)",
      ),
    );
  });

  it("is none that hands on which request it is", async () => {
    const names = ["x-request-id", "Traceparent", "tracestate", "x-b3-traceid"];
    const headers = Object.fromEntries(names.map((name) => [name, `{header[${name}]}`]));
    expect(await warnings({ service: { cluster: "routing-service", path: "/r", headers } })).toEqual([]);
  });

  it.each([
    ["route:{path}", "/{path[1]}/{path[2..]}/{rest}"],
    ["route:{path[1..]}", "/{path[1]}/{path[3]}/{path[2..]}"],
    ["route:{query}", "/?q={query[a]}"],
  ])("is none whose key has all of which it asks a part: %s, %s", async (key, path) => {
    expect(await warnings({ key, service: { cluster: "routing-service", path } })).toEqual([]);
  });

  it.each([
    ["route:{path[1..]}", "/{path[0]}"],
    ["route:{path[1]}", "/{path[1..]}"],
    ["route:{rest}", "/{path}"],
    ["route:{query[a]}", "/?{query}"],
    ["route:{header[x-a]}", "/{header[x-b]}"],
    ["route:{path[1]}", "/{path[2]}"],
    ["route:{query[a]}", "/{cookie[a]}"],
  ])("is one whose key has another value of that kind: %s, %s", async (key, path) => {
    expect(await warnings({ key, service: { cluster: "routing-service", path } })).toHaveLength(1);
  });
});
