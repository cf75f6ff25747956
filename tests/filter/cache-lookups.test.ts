import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import type { PluginConfig } from "../fixtures/route/fixture.ts";
import { filterWith, logText, proxyWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";
import { answer, cacheStatus, cacheWith, fill, get, getThrough, header, hitOf } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const WEBDIS = { cluster: "webdis" };
const BY_HEADER = { name: "route", key: "route:{header[x-tenant]}", owns: ["x-cell"] };
const CACHE = { shared: false };

/** What Redis has for a tenant: its cell in a header, which neither path nor host tells. */
const cellOf = (tenant: string): string => JSON.stringify({ headers: { "x-cell": `cell-${tenant}` } });

let proxy: ProxyHost;

/** Sends a request through the gateway under test. */
let ask: (path: string, tenant: string, fields?: Record<string, string>) => Stream;

function settle(answers: (key: string) => string | null): void {
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) {
    webdisSays(call, answers(decodeURIComponent(/route%3A([^.]*)\.json/.exec(call.path)?.[1] ?? "")));
  }
}

async function plugins(configurations: readonly PluginConfig[]): Promise<Plugin[]> {
  proxy = await proxyWith();
  return configurations.map((configuration, i) => {
    const plugin = proxy.addPlugin({ rootId: `plugin-${i}`, configuration: JSON.stringify(configuration) });
    if (!plugin.configured) throw new Error(logText(proxy));
    return plugin;
  });
}

const GATEWAYS: Record<string, readonly PluginConfig[]> = {
  "one instance with both roles": [{ webdis: WEBDIS, lookups: [BY_HEADER], responseCache: CACHE }],
  "a routing plugin and then a cache plugin": [{ webdis: WEBDIS, lookups: [BY_HEADER] }, { responseCache: CACHE }],
  "a routing plugin and then one with both roles": [
    { webdis: WEBDIS, lookups: [BY_HEADER] },
    {
      webdis: WEBDIS,
      lookups: [{ name: "other", match: { paths: ["/other"] }, key: "other:{path}" }],
      responseCache: CACHE,
    },
  ],
  "an instance with both roles that caches other paths, and then a cache plugin": [
    { webdis: WEBDIS, lookups: [BY_HEADER], responseCache: { ...CACHE, match: { paths: ["/elsewhere"] } } },
    { responseCache: CACHE },
  ],
  "a routing plugin, one with both roles that caches other paths, and then one with both": [
    { webdis: WEBDIS, lookups: [BY_HEADER] },
    {
      webdis: WEBDIS,
      lookups: [{ name: "other", match: { paths: ["/other"] }, key: "other:{path}" }],
      responseCache: { ...CACHE, match: { paths: ["/elsewhere"] } },
    },
    {
      webdis: WEBDIS,
      lookups: [{ name: "another", match: { paths: ["/another"] }, key: "another:{path}" }],
      responseCache: CACHE,
    },
  ],
};

describe.each(Object.entries(GATEWAYS))("with %s", (_, configurations) => {
  beforeEach(async () => {
    const through = await plugins(configurations);
    ask = (path, tenant, fields = {}) => getThrough(proxy, through, path, { "x-tenant": tenant, ...fields });
  });

  it("tenants that are routed by a header never share a response", () => {
    for (const tenant of ["acme", "bolt"]) {
      const stream = ask("/a", tenant);
      settle(cellOf);
      expect(stream.request.headers.get("x-cell")).toBe(`cell-${tenant}`);
      stream.respond(answer(FRESH, `for ${tenant}`));
    }
    for (const tenant of ["acme", "bolt"]) expect(hitOf(ask("/a", tenant))).toBe(`for ${tenant}`);
  });

  it("tenants that are routed alike share it", () => {
    for (const tenant of ["acme", "bolt"]) {
      const stream = ask("/a", tenant);
      settle(() => '{"headers": {"x-cell": "shared"}}');
      if (tenant === "acme") stream.respond(answer(FRESH, "for both"));
      else expect(hitOf(stream)).toBe("for both");
    }
  });

  it("a client that asks for a cell itself gets what its route says", () => {
    const acme = ask("/a", "acme");
    settle(cellOf);
    acme.respond(answer(FRESH, "for acme"));
    const stream = ask("/a", "nobody", { "x-cell": "cell-acme" });
    settle(() => null);
    expect(hitOf(stream)).toBe("forwarded");
    expect(stream.request.headers.get("x-cell")).toBeUndefined();
  });

  it("a request whose lookup failed is neither served nor stored", () => {
    const first = ask("/a", "acme");
    settle(() => null);
    first.respond(answer(FRESH, "without a route"));
    const failed = ask("/a", "bolt");
    proxy.calls[0]?.timeOut();
    expect(hitOf(failed)).toBe("forwarded");
    failed.respond(answer(FRESH, "of a failure"));
    expect(cacheStatus(failed)).toBe("signpost; fwd=bypass");
    expect(hitOf(ask("/a", "acme"))).toBe("without a route");
  });

  it("a record of many headers tells tenants apart, too, however long it is", () => {
    const long = (tenant: string): string => JSON.stringify({ headers: { "x-a": "x".repeat(5000), "x-b": tenant } });
    for (const tenant of ["acme", "bolt"]) {
      const stream = ask("/a", tenant);
      settle(long);
      stream.respond(answer(FRESH, `for ${tenant}`));
    }
    for (const tenant of ["acme", "bolt"]) expect(hitOf(ask("/a", tenant))).toBe(`for ${tenant}`);
  });

  it("a record that removes a header tells those apart that have none", () => {
    const remove = ask("/a", "acme");
    settle(() => '{"removeHeaders": ["x-debug"]}');
    remove.respond(answer(FRESH, "without"));
    const other = ask("/a", "bolt");
    settle(() => "{}");
    expect(hitOf(other)).toBe("forwarded");
  });

  it("a record's path and host are those of the key", () => {
    const stream = ask("/a", "acme");
    settle(() => '{"path": "/cells/1", "host": "one.internal"}');
    stream.respond(answer(FRESH, "one"));
    const same = ask("/b", "bolt");
    settle(() => '{"path": "/cells/1", "host": "one.internal"}');
    expect(hitOf(same)).toBe("one");
    const other = ask("/a", "corp");
    settle(() => '{"path": "/cells/1", "host": "two.internal"}');
    expect(hitOf(other)).toBe("forwarded");
  });

  it("nothing of it is a header that anyone could send", () => {
    const stream = ask("/a", "acme", { "signpost.lookups": "c", "x-signpost": "c" });
    settle(cellOf);
    const sent = [...stream.request.headers].map(([name]) => name).filter((name) => name.includes("signpost"));
    expect(sent.sort()).toEqual(["signpost.lookups", "x-signpost"]);
  });
});

describe("two routing plugins and then a cache plugin", () => {
  it("keep tenants apart that the first one routes, whatever the second one does", async () => {
    const mark = {
      name: "mark",
      key: "route:{host}",
      apply: { headers: [{ name: "x-mark", value: "{record:/mark}" }] },
    };
    const through = await plugins([
      { webdis: WEBDIS, lookups: [BY_HEADER] },
      { webdis: WEBDIS, lookups: [mark] },
      { responseCache: CACHE },
    ]);
    ask = (path, tenant) => getThrough(proxy, through, path, { "x-tenant": tenant });
    const tell = (key: string): string => (key.includes("example") ? '{"mark": "m"}' : cellOf(key));
    for (const tenant of ["acme", "bolt"]) {
      const stream = ask("/a", tenant);
      settle(tell);
      expect(hitOf(stream)).toBe("forwarded");
      stream.respond(answer(FRESH, `for ${tenant}`));
    }
    for (const tenant of ["acme", "bolt"]) expect(hitOf(ask("/a", tenant))).toBe(`for ${tenant}`);
  });

  it("keep a request whose first lookup failed out of the cache, though the second one's did not", async () => {
    const mark = {
      name: "mark",
      key: "route:{host}",
      apply: { headers: [{ name: "x-mark", value: "{record:/mark}" }] },
    };
    const through = await plugins([
      { webdis: WEBDIS, lookups: [BY_HEADER] },
      { webdis: WEBDIS, lookups: [mark] },
      { responseCache: CACHE },
    ]);
    const stream = getThrough(proxy, through, "/a", { "x-tenant": "acme" });
    proxy.calls[0]?.timeOut();
    settle(() => '{"mark": "m"}');
    stream.respond(answer(FRESH));
    expect(cacheStatus(stream)).toBe("signpost; fwd=bypass");
  });
});

describe("an instance with both roles", () => {
  it("answers a hit with the debug header of its lookups, and lookups that answer themselves are none of the cache's", async () => {
    const sections = { webdis: WEBDIS, lookups: [{ ...BY_HEADER, onMiss: { status: 404, body: "nobody" } }] };
    const { proxy: host, plugin } = await cacheWith(CACHE, { ...sections, debugHeader: "x-signpost" });
    proxy = host;
    const first = get(plugin, "/a", { "x-tenant": "acme" });
    settle(cellOf);
    first.respond(answer(FRESH));
    const hit = get(plugin, "/a", { "x-tenant": "acme" });
    expect(hitOf(hit)).toBe("hello");
    expect(header(hit, "x-signpost")).toBe("lookup=route; tier=local; age=0");
    const missing = get(plugin, "/a", { "x-tenant": "nobody" });
    settle(() => null);
    expect([missing.response?.status, cacheStatus(missing)]).toEqual([404, undefined]);
    expect(proxy.violations).toEqual([]);
  });
});

describe("requests that wait for a lookup", () => {
  it("and are then answered from the store, thousands of them, are so without a trap", async () => {
    const { proxy: host, plugin } = await filterWith({ webdis: WEBDIS, lookups: [BY_HEADER], responseCache: CACHE });
    proxy = host;
    fill(plugin, "/b", answer(FRESH), {});
    const warm = get(plugin, "/a", { "x-tenant": "acme" });
    settle(() => "{}");
    warm.respond(answer(FRESH));
    proxy.recording = false;
    const streams = Array.from({ length: 2000 }, () => get(plugin, "/a", { "x-tenant": "bolt" }));
    settle(() => "{}");
    proxy.clock.advance(200);
    expect(new Set(streams.map(hitOf))).toEqual(new Set(["hello"]));
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(proxy.violations).toEqual([]);
  });
});
