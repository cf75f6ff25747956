import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { proxyWith } from "./support/filter.ts";
import { bodyOf, cacheWith, get, store, type Fields } from "./support/review-cache.ts";
import { Tiers } from "./support/tiers.ts";

const FRESH: Fields = [["cache-control", "max-age=60"]];

/** An instance of its own. */
function add(proxy: ProxyHost, rootId: string, configuration: object): Plugin {
  return proxy.addPlugin({ rootId, configuration: JSON.stringify(configuration) });
}

/** A lookup that sets a header by the tenant that the client names. */
function lookupBy(header: string, sets: string): object {
  return {
    webdis: { cluster: "webdis" },
    lookups: [
      {
        name: sets,
        key: `${sets}:{header[${header}]}`,
        apply: { headers: [{ name: `x-${sets}`, value: "{record:/is}" }] },
      },
    ],
  };
}

function request(plugins: readonly Plugin[], proxy: ProxyHost, tiers: Tiers, headers: Fields): Stream {
  const pseudo: Fields = [[":method", "GET"], [":scheme", "http"], [":authority", "example.com"], [":path", "/page"]]; // prettier-ignore
  const stream = proxy.openStream(plugins).sendRequestHeaders([...pseudo, ...headers]);
  tiers.answerAll(proxy);
  return stream;
}

describe("what the lookups of several instances did", () => {
  async function chain(): Promise<{ proxy: ProxyHost; plugins: Plugin[]; tiers: Tiers }> {
    const proxy = await proxyWith();
    const cell = add(proxy, "routing", lookupBy("x-tenant", "cell"));
    const tone = add(proxy, "tone", { ...lookupBy("x-plan", "tone"), responseCache: { shared: false } });
    const tiers = new Tiers();
    tiers.redis.set("cell:a", '{"is": "1"}');
    tiers.redis.set("cell:b", '{"is": "2"}');
    tiers.redis.set("tone:gold", '{"is": "loud"}');
    return { proxy, plugins: [cell, tone], tiers };
  }

  it("is in the key of the one that caches, whether that has lookups of its own or not", async () => {
    const { proxy, plugins, tiers } = await chain();
    request(plugins, proxy, tiers, [["x-tenant", "a"], ["x-plan", "gold"]]).respond({ headers: [...FRESH], body: "a's" }); // prettier-ignore
    const other = request(plugins, proxy, tiers, [["x-tenant", "b"], ["x-plan", "gold"]]); // prettier-ignore
    expect(bodyOf(other)).toBeUndefined();
    expect(other.request.state).toBe("forwarded");
    expect(bodyOf(request(plugins, proxy, tiers, [["x-tenant", "a"], ["x-plan", "gold"]]))).toBe("a's"); // prettier-ignore
  });

  it("keeps a request from the cache where the first one of them had no answer", async () => {
    const { proxy, plugins, tiers } = await chain();
    const pseudo: Fields = [[":method", "GET"], [":scheme", "http"], [":authority", "example.com"], [":path", "/page"]]; // prettier-ignore
    const stream = proxy.openStream(plugins).sendRequestHeaders([...pseudo, ["x-tenant", "a"], ["x-plan", "gold"]]);
    proxy.calls[0]?.timeOut();
    tiers.answerAll(proxy);
    stream.respond({ headers: [...FRESH], body: "nobody's" });
    expect(stream.response?.headers.get("cache-status")).toContain("fwd=bypass");
  });
});

describe("an ignored parameter of a query", () => {
  it("is none where an upstream may see two in it", async () => {
    const { plugin } = await cacheWith({ key: { query: { ignore: ["utm_*"] } } });
    store(plugin, "/page?utm_source=x;callback=evil", FRESH, "evil");
    expect(get(plugin, "/page").request.state).toBe("forwarded");
    store(plugin, "/page?a=1", FRESH, "good");
    expect(get(plugin, "/page?a=1&utm_source=x;a=2").request.state).toBe("forwarded");
    expect(bodyOf(get(plugin, "/page?a=1&utm_source=x"))).toBe("good");
  });
});
