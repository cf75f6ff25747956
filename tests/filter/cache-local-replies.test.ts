import { describe, expect, it } from "vitest";
import type { Plugin, Stream } from "proxy-wasm-host";
import { answer, cacheStatus, cacheWith, get, hitOf, SECOND, type Fields } from "./support/cache.ts";
import { HOST } from "../fixtures/route/fixture.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const DATE = "Wed, 01 Jan 2025 00:00:00 GMT";

/** A GET that Envoy answers itself, as `response.code_details` tells of it, behind this filter. */
function answeredByEnvoy(plugin: Plugin, details: string, status: number, fields: Fields, path = "/a"): Stream {
  return plugin
    .openStream({ properties: { response: { code_details: details } } })
    .sendRequestHeaders([
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", HOST],
      [":path", path],
    ]) // prettier-ignore
    .respond(answer(fields, "of the proxy", status));
}

/** What Envoy says of a response that no upstream made; seen on 1.36, 1.38 and 1.40. */
const OWN: readonly [string, number][] = [
  ["direct_response", 200],
  ["direct_response", 301],
  ["route_not_found", 404],
  ["no_healthy_upstream", 503],
  ["cluster_not_found", 503],
  ["upstream_reset_before_response_started{connection_termination}", 503],
  ["response_timeout", 504],
  ["ext_authz_denied", 403],
  ["lua_response", 200],
];

describe("an answer that Envoy gives itself", () => {
  it.each(OWN)("is not stored: %s, %i", async (details, status) => {
    const { plugin } = await cacheWith({ defaultTtl: "1m" });
    const dated = { ...FRESH, date: DATE };
    const undated: Fields[] = [{}, FRESH, { "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT" }];
    (status === 200 ? undated : [...undated, dated]).forEach((fields, i) => {
      const stream = answeredByEnvoy(plugin, details, status, fields, `/${i}`);
      expect(stream.response?.text).toBe("of the proxy");
      expect(cacheStatus(stream)).not.toContain("stored");
      expect(hitOf(get(plugin, `/${i}`))).toBe("forwarded");
    });
  });

  it("says why", async () => {
    const { plugin } = await cacheWith({ defaultTtl: "1m" });
    const stream = answeredByEnvoy(plugin, "direct_response", 200, {});
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; detail=local-reply");
  });

  it.each(["route_not_found", "direct_response"])("leaves a stale response as it is: %s", async (details) => {
    const { proxy, plugin } = await cacheWith({ staleIfError: "10m" });
    get(plugin, "/a").respond(answer(FRESH, "good"));
    proxy.clock.advance(61 * SECOND);
    for (const fields of [{}, FRESH, { "cache-control": "no-store" }]) {
      expect(answeredByEnvoy(plugin, details, 404, fields).response?.text).toBe("of the proxy");
    }
    const stream = get(plugin, "/a");
    expect(hitOf(stream)).toBe("forwarded");
    expect(stream.respond(answer({}, "down", 503)).response?.text).toBe("good");
  });

  it("holds nobody up: the next request for it may be shared again", async () => {
    const { plugin } = await cacheWith();
    answeredByEnvoy(plugin, "direct_response", 200, FRESH);
    const [first, second] = [get(plugin, "/a"), get(plugin, "/a")];
    expect([hitOf(first), hitOf(second)]).toEqual(["forwarded", "paused"]);
  });
});

describe("an answer of an upstream's", () => {
  it.each(["via_upstream", "signpost_cache", "cache.response_from_cache_filter", "cache.insert_via_upstream"])(
    "is stored, also where a cache behind this one has it: %s",
    async (details) => {
      const { plugin } = await cacheWith({ defaultTtl: "1m" });
      for (const [path, status] of [
        ["/a", 200],
        ["/b", 404],
      ] as const) {
        answeredByEnvoy(plugin, details, status, {}, path);
        expect(hitOf(get(plugin, path))).toBe("of the proxy");
      }
    },
  );

  it("is asked about only where the headers leave a doubt", async () => {
    const { proxy, plugin } = await cacheWith();
    const asked = (): number => proxy.hostCalls.filter(({ arguments: { path } }) => String(path).includes("code_details")).length; // prettier-ignore
    get(plugin, "/a").respond(answer({ ...FRESH, date: DATE }));
    expect(asked()).toBe(0);
    get(plugin, "/b").respond(answer(FRESH));
    get(plugin, "/c").respond(answer({ ...FRESH, date: DATE }, "gone", 410));
    expect(asked()).toBe(2);
    get(plugin, "/d").respond(answer({ "cache-control": "private", date: DATE }));
    expect(asked()).toBe(2);
  });
});
