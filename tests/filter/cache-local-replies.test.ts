import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { answer, cacheStatus, cacheWith, get, hitOf, SECOND, type Fields } from "./support/cache.ts";
import { HOST } from "../fixtures/route/fixture.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const DATE = "Wed, 01 Jan 2025 00:00:00 GMT";

type SetUp = () => ReturnType<typeof cacheWith>;

/** The headers of a GET. */
function headersOf(path: string): [string, string][] {
  return [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", HOST],
    [":path", path],
  ];
}

/** A GET that Envoy answers itself, as `response.code_details` tells of it, behind this filter. */
function answeredByEnvoy(plugin: Plugin, details: string, status: number, fields: Fields, path = "/a"): Stream {
  return plugin
    .openStream({ properties: { response: { code_details: details } } })
    .sendRequestHeaders(headersOf(path))
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

describe("an answer that is not stored", () => {
  const NO_STORE = { "cache-control": "no-store" };

  /** Host calls from here on, without what they say. */
  function callsOf(proxy: ProxyHost): string[] {
    return proxy.hostCalls.map(({ name, arguments: { map, name: field, path } }) =>
      [name, map, field, path].filter((word) => word !== undefined).join(" "),
    );
  }

  async function callsOfAnswer(setUp: SetUp, fields: Fields): Promise<string[]> {
    const { proxy, plugin } = await setUp();
    const stream = get(plugin, "/a");
    expect(hitOf(stream)).toBe("forwarded");
    proxy.takeJournal();
    stream.respond(answer(fields));
    return callsOf(proxy);
  }

  const ASKED = "proxy_get_property response.code_details";

  it("costs a read of its headers and of its status, where there is nothing that it could outdate", async () => {
    const nothing: SetUp = () => cacheWith();
    for (const fields of [NO_STORE, { "cache-control": "private" }, { ...FRESH, "set-cookie": "a=b" }]) {
      expect(await callsOfAnswer(nothing, fields)).toEqual([
        "proxy_get_header_map_pairs ResponseHeaders",
        "proxy_get_header_map_value ResponseHeaders :status",
        "clock_time_get",
        "proxy_replace_header_map_value ResponseHeaders cache-status",
      ]);
    }
  });

  it("costs no more from one to the next, where there are others like it on their way", async () => {
    const hitForMiss: SetUp = async () => {
      const made = await cacheWith();
      get(made.plugin, "/a").respond(answer(NO_STORE));
      get(made.plugin, "/a");
      return made;
    };
    expect(await callsOfAnswer(hitForMiss, NO_STORE)).not.toContain(ASKED);
  });

  it("is asked about where a stale response is stored", async () => {
    const stale: SetUp = async () => {
      const made = await cacheWith();
      get(made.plugin, "/a").respond(answer(FRESH));
      made.proxy.clock.advance(61 * SECOND);
      return made;
    };
    expect(await callsOfAnswer(stale, NO_STORE)).toContain(ASKED);
  });

  it("of Envoy's own, while another one's is waited for, leaves that one to be stored", async () => {
    const { proxy, plugin } = await cacheWith({ collapse: { wait: "1s" } });
    const leader = get(plugin, "/a");
    const impatient = plugin
      .openStream({ properties: { response: { code_details: "direct_response" } } })
      .sendRequestHeaders(headersOf("/a"));
    expect(hitOf(impatient)).toBe("paused");
    proxy.clock.advance(2 * SECOND);
    expect(hitOf(impatient)).toBe("forwarded");
    impatient.respond(answer(NO_STORE, "of the proxy"));
    leader.respond(answer(FRESH, "good"));
    expect(hitOf(get(plugin, "/a"))).toBe("good");
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
