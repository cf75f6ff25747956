import { describe, expect, it } from "vitest";
import { ask } from "./support/filter.ts";
import { bodyOf, cacheWith, get } from "./support/review-cache.ts";
import { HOST } from "../fixtures/route/fixture.ts";
import { Tiers } from "./support/tiers.ts";

const LOOKUPS = {
  webdis: { cluster: "webdis" },
  lookups: [
    { name: "cell", key: "cell:{host}", local: false, apply: { headers: [{ name: "x-cell", value: "{record:/is}" }] } },
  ],
};

describe("a request that changes something", () => {
  it("makes what is stored invalid, also when its lookup has no answer", async () => {
    const { proxy, plugin } = await cacheWith({ shared: false }, LOOKUPS);
    const tiers = new Tiers();
    tiers.redis.set(`cell:${HOST}`, '{"is": "1"}');
    const first = get(plugin, "/page");
    tiers.answerAll(proxy);
    first.respond({ headers: [["cache-control", "max-age=60"]], body: "old" });
    const hit = get(plugin, "/page");
    tiers.answerAll(proxy);
    expect(bodyOf(hit)).toBe("old");
    const changing = ask(plugin, { method: "POST", path: "/page" });
    proxy.calls[0]?.timeOut();
    proxy.clock.advance(10);
    changing.respond({ status: 200 });
    const next = get(plugin, "/page");
    tiers.answerAll(proxy);
    expect(next.request.state).toBe("forwarded");
  });
});
