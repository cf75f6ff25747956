import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { HOST, keyOf } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const MIB = 1024 * 1024;
/** What proxies let a VM have. */
const LIMIT = 1024 * MIB;
const BIG = "x".repeat(60_000);

/** The first lookup copies a client's header four times; requests wait for the second one with that. */
function copying(): object {
  const headers = [1, 2, 3, 4].map((copy) => ({ name: `x-copy-${copy}`, value: "{header[x-big]}" }));
  return {
    webdis: { cluster: "webdis", timeout: "10s" },
    lookups: [
      { name: "first", key: "first:{host}", apply: { headers } },
      { name: "route", key: "route:{host}:{path[1]}" },
    ],
    debugHeader: "x-signpost",
  };
}

async function start(): Promise<{ proxy: ProxyHost; plugin: Plugin; tiers: Tiers }> {
  const { proxy, plugin } = await filterWith(JSON.stringify(copying()));
  proxy.recording = false;
  const tiers = new Tiers();
  tiers.redis.set(`first:${HOST}`, "{}");
  ask(plugin, "/api/warm/orders").disconnect();
  tiers.answerAll(proxy);
  return { proxy, plugin, tiers };
}

describe("what waiting requests keep", () => {
  it("stays within the VM's memory, however many there are and whatever their lookups apply", async () => {
    const { proxy, plugin } = await start();
    for (let i = 0; i < 5000; i++) ask(plugin, { path: "/api/acme/orders", headers: [["x-big", BIG]] });
    expect(proxy.vm(0).memoryBytes).toBeLessThanOrEqual(LIMIT);
    expect(proxy.vm(0).trapped).toBeUndefined();
  }, 120_000);

  it("is there for others when they are gone: the local store takes records again after a peak", async () => {
    const { proxy, plugin, tiers } = await start();
    const streams = Array.from({ length: 5000 }, () =>
      ask(plugin, { path: "/api/acme/orders", headers: [["x-big", BIG]] }),
    );
    expect(proxy.vm(0).memoryBytes).toBe(LIMIT);
    for (const stream of streams) stream.disconnect();
    tiers.answerAll(proxy);
    proxy.clock.advance(1000);
    const reports = Array.from({ length: 400 }, (_, index) => {
      const tenant = `t${Math.floor(index / 2)}`;
      tiers.redis.set(keyOf(HOST, tenant), '{"path": "/svc"}');
      const stream = ask(plugin, `/api/${tenant}/orders`);
      tiers.answerAll(proxy);
      stream.respond({ status: 200 });
      return stream.response?.headers.get("x-signpost");
    });
    expect(reports.at(-1)).toContain("lookup=route; tier=local");
  }, 120_000);
});
