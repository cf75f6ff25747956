import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { CACHE_WEBDIS, Redis } from "./support/redis.ts";
import {
  answer,
  cacheConfig,
  cacheStatus,
  cacheWith,
  counted,
  fill,
  get,
  header,
  hitOf,
  send,
  SECOND,
} from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

function update(plugin: Plugin, cache: Record<string, unknown>, sections: Record<string, unknown> = {}): boolean {
  return plugin.update(JSON.stringify(cacheConfig(cache, sections)));
}

function gauge(proxy: ProxyHost, name: string): number | undefined {
  proxy.clock.advance(1.1 * SECOND);
  return proxy.metrics.value(`signpost.responses.${name}`);
}

describe("a new configuration", () => {
  it("finds what is stored where the key and the bounds are the same", async () => {
    const { proxy, plugin } = await cacheWith();
    fill(plugin, "/a", answer(FRESH));
    expect(update(plugin, { staleIfError: "1m", maxBodyBytes: "2MiB" })).toBe(true);
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    expect(gauge(proxy, "local.entries")).toBe(1);
  });

  it.each([
    [{ key: { headers: ["x-tenant"] } }, {}],
    [{ tagsHeader: "x-tags" }, {}],
    [{}, { webdis: { cluster: "webdis", database: 1 } }],
  ])("does not where they are not: %j %j", async (cache, sections) => {
    const { proxy, plugin } = await cacheWith();
    fill(plugin, "/a", answer(FRESH));
    expect(update(plugin, cache, sections)).toBe(true);
    expect(hitOf(get(plugin, "/a"))).not.toBe("hello");
    proxy.clock.advance(SECOND);
  });

  it("leaves requests on their way to the old one, which frees itself after them", async () => {
    const { proxy, plugin } = await cacheWith();
    const leader = get(plugin, "/a");
    const follower = get(plugin, "/a");
    update(plugin, { key: { headers: [] } });
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(hitOf(follower)).toBe("hello");
    expect(proxy.vm(0).liveContexts).toBe(1);
    expect(gauge(proxy, "local.entries")).toBe(0);
    expect(proxy.violations).toEqual([]);
  });

  it("ends the question to Redis of the old one when nobody waits for it any more", async () => {
    const { proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS });
    const stream = get(plugin, "/a");
    update(plugin, { key: { headers: [] } }, { webdis: CACHE_WEBDIS });
    stream.disconnect();
    proxy.clock.advance(SECOND);
    expect(proxy.calls).toEqual([]);
    expect(proxy.vm(0).trapped).toBeUndefined();
  });

  it(
    "every time, a thousand times with requests in all states, leaves memory as it was",
    { timeout: 120_000 },
    async () => {
      const redis = new Redis();
      const { proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS });
      proxy.recording = false;
      const round = (i: number): void => {
        const waiting = [get(plugin, `/${i}`), get(plugin, `/${i}`), get(plugin, "/x")];
        update(plugin, { key: { headers: [`x-${i % 5}`] } }, { webdis: CACHE_WEBDIS });
        redis.answerAll(proxy);
        letWaitersGoOn(proxy);
        waiting[0]?.respond(answer(FRESH, "x".repeat(10_000)));
        letWaitersGoOn(proxy);
        for (const stream of waiting) stream.disconnect();
        redis.answerAll(proxy);
        redis.values.clear();
      };
      for (let i = 0; i < 300; i++) round(i);
      const before = proxy.vm(0).memoryBytes;
      for (let i = 0; i < 700; i++) round(i);
      expect(proxy.vm(0).memoryBytes).toBe(before);
      expect(proxy.violations).toEqual([]);
    },
  );

  it("that removes the cache gives everything back", async () => {
    const { proxy, plugin } = await cacheWith();
    fill(plugin, "/a", answer(FRESH));
    expect(gauge(proxy, "local.entries")).toBe(1);
    plugin.update("{}");
    expect([gauge(proxy, "local.entries"), gauge(proxy, "local.bytes")]).toEqual([0, 0]);
    const stream = get(plugin, "/a").respond(answer({ ...FRESH, "surrogate-key": "a" }));
    expect([cacheStatus(stream), header(stream, "surrogate-key")]).toEqual([undefined, "a"]);
  });
});

describe("shadow mode", () => {
  async function shadow(): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
    return cacheWith({}, { webdis: CACHE_WEBDIS, shadow: true });
  }

  it("changes nothing: no answer, no wait, no header, no call", async () => {
    const { proxy, plugin } = await shadow();
    for (let i = 0; i < 3; i++) {
      const stream = get(plugin, "/a", { "if-none-match": '"mine"' });
      expect(hitOf(stream)).toBe("forwarded");
      expect(stream.request.headers.get("if-none-match")).toBe('"mine"');
      expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
      stream.respond(answer({ ...FRESH, etag: '"v1"', "surrogate-key": "a" }, `answer ${i}`));
      expect(stream.response?.text).toBe(`answer ${i}`);
      expect([cacheStatus(stream), header(stream, "surrogate-key")]).toEqual([undefined, "a"]);
    }
    send(plugin, "POST", "/a").respond({ status: 200 });
    proxy.clock.advance(5 * SECOND);
    expect(proxy.calls).toEqual([]);
    expect(proxy.violations).toEqual([]);
  });

  it("counts what it would have done", async () => {
    const { proxy, plugin } = await shadow();
    fill(plugin, "/a", answer(FRESH));
    for (let i = 0; i < 3; i++) fill(plugin, "/a", answer(FRESH));
    fill(plugin, "/b", answer({ "cache-control": "private" }));
    get(plugin, "/c", { upgrade: "websocket" }).respond({ status: 400 });
    expect(counted(proxy)).toMatchObject({ hits: 3, misses: 2, stored: 1, refused: 1, passes: 1 });
  });

  it("does not stand in for errors or confirm anything", async () => {
    const { proxy, plugin } = await shadow();
    fill(plugin, "/a", answer({ "cache-control": "max-age=1, stale-if-error=60", etag: '"v1"' }));
    proxy.clock.advance(2 * SECOND);
    expect(fill(plugin, "/a", answer({}, "oops", 503)).response?.text).toBe("oops");
    const confirmed = get(plugin, "/a", { "if-none-match": '"v1"' }).respond(answer({ etag: '"v1"' }, "", 304));
    expect(confirmed.response?.status).toBe(304);
  });
});

describe("the metrics", () => {
  it("tell what is on its way", async () => {
    const { proxy, plugin } = await cacheWith();
    const streams = ["/a", "/b", "/b"].map((path) => get(plugin, path));
    streams[0]?.respondHeaders({ ":status": "200", ...FRESH }).respondBody("x".repeat(1000));
    expect(gauge(proxy, "fetches")).toBe(2);
    expect(gauge(proxy, "recorded_bytes")).toBeGreaterThan(1000);
    for (const stream of streams) stream.disconnect();
    expect([gauge(proxy, "fetches"), gauge(proxy, "recorded_bytes")]).toEqual([0, 0]);
  });

  it("tell how long Redis takes", async () => {
    const { proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS });
    get(plugin, "/a");
    proxy.clock.advance(7);
    new Redis().answerAll(proxy);
    expect(proxy.metrics.recorded("signpost.responses.redis.latency_us")).toEqual([7000]);
  });

  it("are of one set, whatever is asked for", async () => {
    const { proxy, plugin } = await cacheWith();
    const before = proxy.metrics.names.length;
    for (const path of ["/a", "/b?c=d", "/%ff"]) fill(plugin, path, answer(FRESH));
    proxy.clock.advance(2 * SECOND);
    expect(proxy.metrics.names).toHaveLength(before);
    expect(proxy.metrics.names.filter((name) => name.startsWith("signpost.responses.")).sort()).toMatchInlineSnapshot(`
      [
        "signpost.responses.collapsed",
        "signpost.responses.dropped",
        "signpost.responses.fetches",
        "signpost.responses.hits",
        "signpost.responses.invalidations",
        "signpost.responses.local.bytes",
        "signpost.responses.local.entries",
        "signpost.responses.local.evictions",
        "signpost.responses.misses",
        "signpost.responses.passes",
        "signpost.responses.recorded_bytes",
        "signpost.responses.redis.damaged",
        "signpost.responses.redis.errors.invalid",
        "signpost.responses.redis.errors.overload",
        "signpost.responses.redis.errors.timeout",
        "signpost.responses.redis.errors.unavailable",
        "signpost.responses.redis.hits",
        "signpost.responses.redis.latency_us",
        "signpost.responses.redis.misses",
        "signpost.responses.redis.other_versions",
        "signpost.responses.redis_hits",
        "signpost.responses.refused",
        "signpost.responses.stale",
        "signpost.responses.stored",
        "signpost.responses.too_large",
        "signpost.responses.unsatisfied",
        "signpost.responses.validated",
      ]
    `);
  });

  it("tell of the store, and of what has had to leave it", async () => {
    const { proxy, plugin } = await cacheWith({ local: { maxEntries: 2, maxBytes: "64KiB" } });
    for (const path of ["/a", "/b", "/c"]) fill(plugin, path, answer(FRESH));
    expect(gauge(proxy, "local.entries")).toBe(2);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expect(hitOf(get(plugin, "/c"))).toBe("hello");
  });
});
