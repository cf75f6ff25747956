import { describe, expect, it } from "vitest";
import { bodyOf, cacheWith, get, store, told, type Fields } from "./support/review-cache.ts";

const VALIDATED: Fields = [["etag", '"1"'], ["date", "Wed, 01 Jan 2025 00:00:00 GMT"], ["content-type", "text/plain"]]; // prettier-ignore

describe("a stale response that may be served while it is validated", () => {
  it.each([
    ["with a validator", VALIDATED],
    ["without one", []],
  ] satisfies [string, Fields][])(
    // prettier-ignore
    "stands in when the upstream fails, for the request that asked it, too: %s",
    async (_, validators) => {
      const { proxy, plugin } = await cacheWith();
      store(plugin, "/page", [["cache-control", "max-age=1, stale-while-revalidate=60"], ...validators]);
      proxy.clock.advance(5000);
      const validating = get(plugin, "/page");
      validating.respond({ status: 503, body: "down" });
      expect([validating.response?.status, bodyOf(validating)]).toEqual([200, "stored"]);
      // And nobody asks again at once.
      expect(bodyOf(get(plugin, "/page"))).toBe("stored");
    },
  );

  it("does not stand in when that time is over", async () => {
    const { proxy, plugin } = await cacheWith();
    store(plugin, "/page", [["cache-control", "max-age=1, stale-while-revalidate=60"], ...VALIDATED]);
    proxy.clock.advance(62_000);
    const stream = get(plugin, "/page");
    stream.respond({ status: 503, body: "down" });
    expect(stream.response?.status).toBe(503);
  });
});

describe("a 304 without Date", () => {
  it("makes the stored response fresh from now on", async () => {
    const { proxy, plugin } = await cacheWith();
    store(plugin, "/page", [["cache-control", "max-age=10"], ...VALIDATED]);
    proxy.clock.advance(60_000);
    get(plugin, "/page").respond({ status: 304, headers: [["etag", '"1"']] });
    const stream = get(plugin, "/page");
    expect(bodyOf(stream)).toBe("stored");
    expect(told(stream)).toBe("signpost; hit; ttl=10");
  });
});

describe("a failed validation", () => {
  it.each([400, 401, 403, 429, 501])("leaves what is stored: %i is said to one client", async (status) => {
    const { plugin } = await cacheWith();
    store(plugin, "/page", [["cache-control", "max-age=60"], ...VALIDATED]);
    get(plugin, "/page", [["cache-control", "no-cache"]]).respond({ status, body: "no" });
    expect(bodyOf(get(plugin, "/page"))).toBe("stored");
  });

  it.each([404, 410])("takes what is gone with it: %i", async (status) => {
    const { plugin } = await cacheWith();
    store(plugin, "/page", [["cache-control", "max-age=60"], ...VALIDATED]);
    const gone = get(plugin, "/page", [["cache-control", "no-cache"]]);
    gone.respond({ status, headers: [["cache-control", "no-store"]], body: "gone" });
    expect(get(plugin, "/page").request.state).toBe("forwarded");
  });
});

describe("a response that takes the place of a stored one and cannot be stored itself", () => {
  it.each([
    ["of too large a body, as it says", { headers: [["content-length", "2000"]] as Fields, body: "x".repeat(2000) }],
    ["of too large a body, as it turns out", { headers: [] as Fields, body: "x".repeat(2000) }],
    ["with trailers", { headers: [] as Fields, chunks: ["new"], trailers: [["x-sum", "1"]] as Fields }],
  ])("leaves nothing stored: %s", async (_, { headers, ...rest }) => {
    const { plugin } = await cacheWith({ maxBodyBytes: "1KiB" });
    store(plugin, "/page", [["cache-control", "max-age=60"], ...VALIDATED]);
    const newer = get(plugin, "/page", [["cache-control", "no-cache"]]);
    newer.respond({ ...rest, headers: [["cache-control", "max-age=60"], ...headers] });
    expect(get(plugin, "/page").request.state).toBe("forwarded");
  });
});
