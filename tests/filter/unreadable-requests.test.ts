import { describe, expect, it } from "vitest";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

describe("a request that the host hands over later, and not now", () => {
  it("does not wait for the record of what could be read of it", async () => {
    const key = "route:{path[1]}:{header[x-tenant]|none}";
    const { proxy, plugin } = await filterWith(routeConfig({ key, onError: { status: 503 }, service: undefined }));
    proxy.faults.failHostFunction("proxy_get_header_map_pairs", 6, 1);
    const stream = ask(plugin, { path: "/api/acme/orders", headers: [["x-tenant", "acme"]] });
    for (const call of [...proxy.calls]) webdisSays(call, '{"path": "/for-none"}');
    expect(stream.response?.headers.get(":status")).toBe("503");
  });
});
