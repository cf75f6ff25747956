import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cacheClient, cacheStatus, isHit, type CacheClient } from "./support/cache-client.ts";
import { CacheGateway, TO_UPSTREAM, cacheFilter } from "./support/cache-gateway.ts";
import { ENVOY_VERSIONS } from "./support/envoy-versions.ts";
import { answer } from "./support/scripted-upstream.ts";

/** For a machine with other work to do, in milliseconds. */
const LIMIT = 60_000;

/** A route gives all that it is answered with this freshness, also what Envoy says itself. */
const FRESH = { response_headers_to_add: [{ header: { key: "cache-control", value: "public, max-age=600" } }] };

/** Behind the cache: answers one path, as an operator's own filter may. */
const LUA = {
  name: "lua",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
    default_source_code: {
      inline_string: `
        function envoy_on_request(handle)
          if handle:headers():get(":path") == "/lua" then
            handle:respond({[":status"] = "200", ["cache-control"] = "max-age=600"}, "by Lua")
          end
        end`,
    },
  },
};

const ROUTES = [
  { match: { prefix: "/direct" }, direct_response: { status: 200, body: { inline_string: "x" } }, ...FRESH },
  { match: { prefix: "/redirect" }, redirect: { path_redirect: "/elsewhere" }, ...FRESH },
  { match: { prefix: "/no-host" }, route: { cluster: "without-hosts" }, ...FRESH },
  { match: { prefix: "/refused" }, route: { cluster: "refusing" }, ...FRESH },
  { match: { prefix: "/no-cluster" }, route: { cluster_header: "x-cluster" }, ...FRESH },
  { match: { prefix: "/late" }, route: { cluster: "upstream", timeout: "0.05s" }, ...FRESH },
  { match: { prefix: "/reset" }, ...TO_UPSTREAM, ...FRESH },
  { match: { prefix: "/lua" }, ...TO_UPSTREAM },
  {
    match: { prefix: "/page", headers: [{ name: "x-lost", present_match: true, invert_match: true }] },
    ...TO_UPSTREAM,
  },
];

/** Paths, and what Envoy answers of itself. */
const OWN: readonly [string, number][] = [
  ["/direct", 200],
  ["/redirect", 301],
  ["/no-route", 404],
  ["/no-host", 503],
  ["/refused", 503],
  ["/no-cluster", 503],
  ["/late", 504],
  ["/reset", 503],
  ["/lua", 200],
];

describe.each(ENVOY_VERSIONS)("Envoy %s", (version) => {
  const gateway = new CacheGateway();
  const { upstream } = gateway;
  const envoy = gateway.envoy("envoy", {
    version,
    listeners: { cached: [cacheFilter({ defaultTtl: "10m", staleIfError: "10m" }), LUA] },
    // A client's X-Forwarded-Port is replaced by the port that it came to.
    settings: { use_remote_address: true, append_x_forwarded_port: true },
    routes: ROUTES,
    clusters: () => ({
      upstream: upstream.port,
      refusing: 1,
      "without-hosts": { at: 1, settings: { load_assignment: { cluster_name: "without-hosts", endpoints: [] } } },
    }),
  });
  let client: CacheClient;

  beforeAll(async () => {
    await gateway.start(envoy);
    client = cacheClient("HTTP/1.1", envoy.at());
    upstream.on("/late", () => undefined);
    upstream.on("/reset", (_, response) => void response.destroy());
  });

  afterAll(async () => {
    client.close();
    await gateway.stop();
  });

  it.each(OWN)("keeps nothing that it says itself: %s", async (path, status) => {
    for (const sent of [1, 2]) {
      const reply = await client.send(path);
      expect([sent, reply.status, isHit(reply)]).toEqual([sent, status, false]);
      expect(cacheStatus(reply)).not.toContain("stored");
    }
  });

  it("keeps a stored page where its own answer is that there is no route", async () => {
    upstream.on(
      "/page",
      answer(
        200,
        [
          ["cache-control", "max-age=0, stale-if-error=600"],
          ["etag", '"v1"'],
        ],
        "page",
      ),
    );
    await client.send("/page");
    const lost = await client.send("/page", { headers: [["x-lost", "1"]] });
    expect([lost.status, lost.body.toString()]).toEqual([404, ""]);
    upstream.on("/page", answer(503, [], "down"));
    const reply = await client.send("/page");
    expect([reply.status, reply.body.toString()]).toEqual([200, "page"]);
  });

  it("caches what it adds X-Forwarded-Port to, and gives a page without Date the time of its receipt", async () => {
    const undated: Parameters<typeof upstream.on>[1] = (request, response, call) => {
      response.sendDate = false;
      return answer(200, [["cache-control", "max-age=600"]], "undated")(request, response, call);
    };
    upstream.on("/page/undated", undated);
    await client.send("/page/undated", { headers: [["x-forwarded-port", "99"]] });
    const [asked] = upstream.asked("/page/undated");
    expect(asked?.headers["x-forwarded-port"]).toBe(String(envoy.at()));
    const first = await client.send("/page/undated");
    expect(isHit(first)).toBe(true);
    const receivedAt = Date.parse(first.headers["date"]?.[0] ?? "");
    // Until the second is over in which it came, by which Envoy's own Date would be another one.
    let later = first;
    await vi.waitUntil(async () => {
      later = await client.send("/page/undated");
      return Number(later.headers["age"]?.[0]) >= 2;
    }, LIMIT);
    expect(Date.parse(later.headers["date"]?.[0] ?? "")).toBe(receivedAt);
  });
});
