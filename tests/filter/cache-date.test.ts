import { describe, expect, it } from "vitest";
import { answer, cacheWith, fill, get, header, SECOND } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

describe("a response without Date, or with one that is none", () => {
  it.each([[{}], [{ date: "yesterday" }], [{ date: ["Wed, 01 Jan 2025 00:00:00 GMT", "x"] }]])(
    "has the time of its receipt with every hit: %j",
    async (fields) => {
      const { proxy, plugin } = await cacheWith();
      const receivedAt = new Date(proxy.clock.now).toUTCString();
      fill(plugin, "/a", answer({ ...FRESH, ...fields }));
      for (const seconds of [5, 10]) {
        proxy.clock.advance(5 * SECOND);
        const { response } = get(plugin, "/a");
        expect(response?.headers.getAll("date")).toEqual([receivedAt]);
        expect(response?.headers.get("age")).toBe(String(seconds));
      }
    },
  );

  it("has the time of the 304 that confirms it, where that has none either", async () => {
    const { proxy, plugin } = await cacheWith();
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"', date: new Date(proxy.clock.now).toUTCString() }));
    proxy.clock.advance(61 * SECOND);
    const confirmedAt = new Date(proxy.clock.now).toUTCString();
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"' }, "", 304));
    proxy.clock.advance(5 * SECOND);
    const { response } = get(plugin, "/a");
    expect([response?.headers.getAll("date"), response?.headers.get("age")]).toEqual([[confirmedAt], "5"]);
  });

  it("with one keeps it", async () => {
    const { plugin } = await cacheWith();
    const date = "Wed, 01 Jan 2025 00:00:00 GMT";
    fill(plugin, "/a", answer({ ...FRESH, date }));
    expect(header(get(plugin, "/a"), "date")).toBe(date);
  });
});
