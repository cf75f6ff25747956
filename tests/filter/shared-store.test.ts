import { describe, expect, it } from "vitest";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const SECOND = 1000;

describe("what a store holds", () => {
  it("is counted once while two configurations hold it", async () => {
    const config = routeConfig();
    const { proxy, plugin } = await filterWith(config);
    const tiers = new Tiers();
    tiers.redis.set(keyOf(HOST, "acme"), '{"path": "/svc"}');
    const old = ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    const entries = (): number | undefined => {
      proxy.clock.advance(2 * SECOND);
      return proxy.metrics.value("signpost.lookup.route.local.entries");
    };
    expect(entries()).toBe(1);
    plugin.update(JSON.stringify({ ...config, debugHeader: "x-other" }));
    expect(entries()).toBe(1);
    old.respond({ status: 200 });
    expect(entries()).toBe(1);
    plugin.remove();
    expect(entries()).toBe(0);
  });
});
