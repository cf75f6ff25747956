import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { answer, cacheWith, counted, get, hitOf, SECOND } from "./support/cache.ts";
import { CACHE_WEBDIS, respOf } from "./support/redis.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const ONLY_IF_CACHED = { "cache-control": "only-if-cached" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS }));
});

/** Redis has nothing under the key that was asked for first. */
function miss(): void {
  proxy.calls[0]?.reply({ body: respOf(null) });
}

describe("the lead, given up by a request that goes no further", () => {
  it("passes to the next but one when the next one leaves before its turn", () => {
    get(plugin, "/a", ONLY_IF_CACHED);
    const [next, last] = [get(plugin, "/a"), get(plugin, "/a")];
    miss();
    next.disconnect();
    letWaitersGoOn(proxy);
    expect(hitOf(last)).toBe("forwarded");
    last.respond(answer(FRESH));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    expect(counted(proxy)["fetches"]).toBeUndefined();
  });

  it("passes on as long as those who are next leave", () => {
    get(plugin, "/a", ONLY_IF_CACHED);
    const others = Array.from({ length: 20 }, () => get(plugin, "/a"));
    miss();
    for (const stream of others.slice(0, 19)) stream.disconnect();
    letWaitersGoOn(proxy);
    expect(others[19] && hitOf(others[19])).toBe("forwarded");
  });

  it("leads no other request on that the object of one that has left serves by then", () => {
    get(plugin, "/a", ONLY_IF_CACHED);
    const next = get(plugin, "/a");
    miss();
    next.disconnect();
    // Redis is asked for this one, and has not answered yet.
    const other = get(plugin, "/b");
    proxy.clock.advance(10);
    expect(hitOf(other)).toBe("paused");
    miss();
    expect(hitOf(other)).toBe("forwarded");
  });
});

describe("a question to Redis whose reply never comes", () => {
  it("holds its request up for a second longer than it may take, and nobody else for longer than they wait", () => {
    const leader = get(plugin, "/a");
    const waiter = get(plugin, "/a");
    proxy.calls[0]?.lose();
    proxy.clock.advance(1.2 * SECOND);
    expect([leader, waiter].map(hitOf)).toEqual(["forwarded", "paused"]);
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(hitOf(waiter)).toBe("hello");
  });

  it("holds up one that has waited, and leads since, no longer than it waits", () => {
    const first = get(plugin, "/a");
    const next = get(plugin, "/a");
    proxy.calls[0]?.lose();
    first.disconnect();
    proxy.clock.advance(2.2 * SECOND);
    expect(hitOf(next)).toBe("forwarded");
  });

  it("ends in a 504 for one that wants nothing but what is stored", () => {
    const stream = get(plugin, "/a", ONLY_IF_CACHED);
    proxy.calls[0]?.lose();
    proxy.clock.advance(1.2 * SECOND);
    expect(stream.response?.status).toBe(504);
  });
});
