import { describe, expect, it } from "vitest";
import type { ProxyHost } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const PASSWORD = "not to be seen";

/** What is logged about a request that Redis cannot answer and the service can, and about the next one. */
async function traceOf(level: "trace" | "debug"): Promise<{ proxy: ProxyHost; lines: string[] }> {
  const webdis = { cluster: "webdis", username: "signpost", password: PASSWORD };
  const config = { ...routeConfig(), webdis, debugHeader: undefined };
  const { proxy, plugin } = await filterWith(config, { logLevel: level });
  const tiers = new Tiers();
  tiers.redis.set(keyOf(HOST, "acme"), '{"path": 5}');
  tiers.tenants.set(keyOf(HOST, "acme"), { cell: "7", path: "/svc", headers: {} });
  for (let i = 0; i < 2; i++) {
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
  }
  ask(plugin, "/health");
  // What is warned of is not a trace; tests/filter/warnings.test.ts is about that.
  return { proxy, lines: proxy.logs.filter((entry) => entry.level === "trace").map((entry) => entry.message) };
}

describe("at the log level trace", () => {
  it("each key, each tier's answer and each decision is logged", async () => {
    const { lines } = await traceOf("trace");
    expect(lines).toEqual([
      "lookup=route; key=route:shop.example.com:acme",
      "lookup=route; tier=webdis; answer=invalid; reason=path: not a string",
      "lookup=route; tier=service; answer=found",
      "request: lookup=route; tier=service; age=0",
      "lookup=route; key=route:shop.example.com:acme",
      "request: lookup=route; tier=local; age=0",
      "request: lookup=route; tier=none; reason=no match",
    ]);
  });

  it("nothing of it is a response header that nobody asked for, or a credential", async () => {
    const { proxy } = await traceOf("trace");
    const logged = proxy.logs.map((entry) => entry.message).join("\n");
    expect(logged).not.toContain(PASSWORD);
    expect(logged).not.toContain(Buffer.from(`signpost:${PASSWORD}`).toString("base64"));
    expect(proxy.violations).toEqual([]);
  });
});

describe("at any other level", () => {
  it("nothing is traced about requests", async () => {
    expect((await traceOf("debug")).lines).toEqual([]);
  });
});
