import { describe, expect, it } from "vitest";
import type { Plugin, Stream } from "proxy-wasm-host";
import { bodyOf, cacheWith, get, told, type Fields } from "./support/review-cache.ts";

const FRESH: Fields = [["cache-control", "max-age=60"], ["content-type", "text/plain"]]; // prettier-ignore

function states(streams: readonly Stream[]): string[] {
  return streams.map((stream) => stream.request.state);
}

/** Requests are led on by ticks that follow soon. */
const SOON = 5;

function askThree(plugin: Plugin, headers: Fields = []): Stream[] {
  return [1, 2, 3].map(() => get(plugin, "/page", headers));
}

describe("requests that wait for another one's response", () => {
  it.each([
    ["says nothing of caches", []],
    ["is stale at once", [["cache-control", "max-age=0"], ["etag", '"1"']]], // prettier-ignore
    ["must be validated each time", [["cache-control", "no-cache"], ["etag", '"1"']]], // prettier-ignore
    ["is older than it is fresh", [["cache-control", "max-age=10"], ["age", "20"]]], // prettier-ignore
  ] satisfies [string, Fields][])(
    "go on with headers, and not with an end, where a response %s",
    async (_, headers) => {
      const { proxy, plugin } = await cacheWith();
      const [leader, ...waiters] = askThree(plugin);
      expect(states(waiters)).toEqual(["paused", "paused"]);
      leader?.respondHeaders([[":status", "200"], ...headers]);
      proxy.clock.advance(SOON);
      // The next one's may be for all.
      expect(states(waiters)).toEqual(["forwarded", "paused"]);
      waiters[0]?.respondHeaders([[":status", "200"], ...headers]);
      proxy.clock.advance(SOON);
      expect(states(waiters)).toEqual(["forwarded", "forwarded"]);
      // A stream without an end: nobody waits for the next one either.
      expect(get(plugin, "/page").request.state).toBe("forwarded");
    },
  );

  it("do not wait for one that the next request cannot use, also after its end", async () => {
    const { plugin } = await cacheWith();
    get(plugin, "/page").respond({ body: "one" });
    get(plugin, "/page").respondHeaders([[":status", "200"]]);
    expect(get(plugin, "/page").request.state).toBe("forwarded");
  });

  it("get what may be served while it is validated", async () => {
    const { proxy, plugin } = await cacheWith();
    const [leader, ...waiters] = askThree(plugin);
    leader?.respond({ headers: [["cache-control", "max-age=0, stale-while-revalidate=60"]], body: "one" });
    proxy.clock.advance(SOON);
    expect(waiters.map(bodyOf)).toEqual(["one", "one"]);
  });

  it("do not wait for those whose credentials make their responses their own, once that is known of a URL", async () => {
    const { plugin } = await cacheWith();
    const mine: Fields = [["authorization", "Bearer mine"]];
    get(plugin, "/page", mine).respond({ headers: [["cache-control", "max-age=60"]], body: "mine" });
    expect(states(askThree(plugin, mine))).toEqual(["forwarded", "forwarded", "forwarded"]);
  });

  it("wait for those without credentials all the same", async () => {
    const { proxy, plugin } = await cacheWith();
    get(plugin, "/page", [["authorization", "Bearer mine"]]).respond({ headers: [["cache-control", "max-age=60"]] });
    const [leader, ...waiters] = askThree(plugin);
    leader?.respond({ headers: [...FRESH], body: "everybody's" });
    proxy.clock.advance(SOON);
    expect(waiters.map(bodyOf)).toEqual(["everybody's", "everybody's"]);
  });

  it("do not wait for those that let nothing be stored", async () => {
    const { plugin } = await cacheWith();
    expect(states(askThree(plugin, [["cache-control", "no-store"]]))).toEqual(["forwarded", "forwarded", "forwarded"]);
  });

  it("wait no longer than configured when the clock is set back", async () => {
    const { proxy, plugin } = await cacheWith({ collapse: { wait: "2s" } });
    const [, ...waiters] = askThree(plugin);
    proxy.clock.stepWallTime(-3_600_000);
    proxy.clock.advance(2200);
    expect(states(waiters)).toEqual(["forwarded", "forwarded"]);
  });
});

describe("a response that answers no other request", () => {
  it.each([
    ["says nothing of caches", []],
    ["must be validated and cannot be", [["cache-control", "no-cache"]]],
  ] satisfies [string, Fields][])(
    // prettier-ignore
    "is not stored: one that %s",
    async (_, headers) => {
      const { plugin } = await cacheWith();
      const stream = get(plugin, "/page");
      stream.respond({ headers: [...headers], body: "one" });
      expect(told(stream)).toBe("signpost; fwd=uri-miss; detail=no-use");
      const next = get(plugin, "/page");
      next.respond({});
      expect(told(next)).toContain("fwd=uri-miss");
    },
  );
});

describe("a request for nothing but what is stored", () => {
  it("goes nowhere, also where nobody waits for others", async () => {
    const webdis = { cluster: "webdis" };
    const { proxy, plugin } = await cacheWith({}, { webdis });
    const first = get(plugin, "/page");
    proxy.calls[0]?.reply({ status: 200, body: "$-1\r\n" });
    first.respond({ headers: [["cache-control", "private"]], body: "mine" });
    const stream = get(plugin, "/page", [["cache-control", "only-if-cached"]]);
    proxy.calls[0]?.reply({ status: 200, body: "$-1\r\n" });
    expect(stream.request.state).toBe("answered");
    expect(stream.response?.status).toBe(504);
  });
});
