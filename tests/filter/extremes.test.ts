import { describe, expect, it } from "vitest";
import type { HttpCall } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers, webdisSays } from "./support/tiers.ts";

const WEBDIS = { cluster: "webdis" };
const FILLING = routeConfig({ service: { cluster: "routing-service", path: "/r", fill: true }, local: false });

function isRead(call: HttpCall): boolean {
  return call.cluster === "webdis" && call.headers.get(":method") === "GET";
}

describe("a Webdis that takes reads and no writes", () => {
  it.each<[string, number, (call: HttpCall) => void]>([
    ["because its access list says so", 20, (call) => call.reply({ status: 403, body: "Forbidden" })],
    ["because they hang", 0, (call) => call.timeOut()],
  ])("is still asked for records: %s", async (_, atLeast, refuse) => {
    const { proxy, plugin } = await filterWith({ ...FILLING, webdis: WEBDIS });
    const reads: number[] = [];
    const answerAll = (): void => {
      for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) {
        if (call.cluster === "routing-service") call.reply({ body: '{"path": "/svc"}' });
        else if (isRead(call)) webdisSays(call, null);
        else refuse(call);
      }
    };
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 20; i++) ask(plugin, `/api/t${second}-${i}/orders`);
      reads.push(proxy.calls.filter(isRead).length);
      answerAll();
      // The breaker may open for what hangs; a read then tries, once it may.
      for (let tick = 0; tick < 11; tick++) proxy.clock.advance(100);
      ask(plugin, `/api/try-${second}/orders`);
      expect(proxy.calls.filter(isRead)).toHaveLength(1);
      answerAll();
    }
    expect(Math.min(...reads)).toBeGreaterThanOrEqual(atLeast);
  });
});

describe("in shadow mode", () => {
  it("a record that sets thousands of headers makes one line of a few KiB", async () => {
    const { proxy, plugin } = await filterWith({ ...routeConfig(), shadow: true }, { logLevel: "info" });
    const tiers = new Tiers();
    const headers = Object.fromEntries(Array.from({ length: 4500 }, (_, i) => [`x${i}`, ""]));
    tiers.redis.set(keyOf(HOST, "acme"), JSON.stringify({ headers }));
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    const lines = proxy.logs.map((entry) => entry.message).filter((message) => message.startsWith("shadow: "));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(5000);
    expect(lines[0]).toContain('x0 (none) -> ""');
  });
});

describe("a header that two lookups own", () => {
  it("is removed by one call to the host", async () => {
    const first = { name: "first", match: { paths: ["/a/*"] }, key: "t:{path[1]}", owns: ["x-cell"] };
    const second = { ...first, name: "second", match: { paths: ["/b/*"] } };
    const { proxy, plugin } = await filterWith({ webdis: WEBDIS, lookups: [first, second] });
    const tiers = new Tiers();
    tiers.redis.set("t:acme", '{"path": "/svc"}');
    ask(plugin, "/a/acme");
    tiers.answerAll(proxy);
    proxy.takeJournal();
    ask(plugin, "/a/acme");
    const removals = proxy.takeHostCalls().filter((call) => call.name === "proxy_remove_header_map_value");
    expect(removals).toHaveLength(1);
  });
});
