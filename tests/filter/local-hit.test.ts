import { describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { HOST, keyOf, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

const RECORD = '{"path": "/svc/acme", "headers": {"x-cell": "7"}}';

/** Which headers were changed, for a cache in a later instance: filter state, which no client and no upstream sees. */
const OUTCOME = expect.stringMatching(/^proxy_set_property signpost\.lookups c/) as string;

/** A proxy that has the record of tenant acme in its local store. */
async function warm(config: PluginConfig): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  const { proxy, plugin } = await filterWith(config);
  const tiers = new Tiers();
  tiers.redis.set(keyOf(HOST, "acme"), RECORD);
  tiers.redis.set("route:acme", RECORD);
  const first = ask(plugin, "/api/acme/orders");
  tiers.answerAll(proxy);
  first.respond({ status: 200 });
  proxy.takeJournal();
  return { proxy, plugin };
}

/** The configuration without the debug header, as in production. */
function quiet({ webdis, lookups }: PluginConfig): PluginConfig {
  return { webdis, lookups };
}

/** Everything that crosses between proxy and module for one request, in order: `> callback`, `host call argument …`. */
function crossings(proxy: ProxyHost): string[] {
  return proxy
    .takeJournal()
    .filter((entry) => entry.name !== "proxy_on_memory_allocate")
    .map((entry) => {
      if (entry.kind === "callback") return `> ${entry.name}`;
      return [entry.name, ...Object.values(entry.arguments)].map(String).join(" ").trimEnd();
    });
}

function reads(proxy: ProxyHost): string[] {
  return crossings(proxy).filter((crossing) => crossing.startsWith("proxy_get_header"));
}

/** What a whole request with a local hit costs in crossings. A change that adds one has to change this list. */
describe("a hit in the local store", () => {
  it("reads the path, sets the path and one header, clears the route cache and tells a later cache: five host calls", async () => {
    const config = quiet(routeConfig({ key: "route:{path[1]}" }));
    const { proxy, plugin } = await warm(config);
    const stream = ask(plugin, "/api/acme/orders?page=2");
    stream.respond({ status: 200 });
    expect(crossings(proxy)).toEqual([
      "> proxy_on_context_create",
      "> proxy_on_request_headers",
      "proxy_get_header_map_value RequestHeaders :path /api/acme/orders?page=2",
      "proxy_replace_header_map_value RequestHeaders :path /svc/acme?page=2",
      "proxy_replace_header_map_value RequestHeaders x-cell 7",
      "proxy_call_foreign_function clear_route_cache",
      OUTCOME,
      "> proxy_on_response_headers",
      "> proxy_on_delete",
    ]);
  });

  it("costs one call more for each further pseudo-header of the key", async () => {
    const config = quiet(routeConfig());
    const { proxy, plugin } = await warm(config);
    ask(plugin, "/api/acme/orders").respond({ status: 200 });
    expect(reads(proxy)).toEqual([
      "proxy_get_header_map_value RequestHeaders :path /api/acme/orders",
      `proxy_get_header_map_value RequestHeaders :authority ${HOST}`,
    ]);
  });

  it("reads all headers in one call where the key needs an ordinary one", async () => {
    const config = quiet(routeConfig({ key: "route:{header[x-tenant]}:{host}" }));
    const { proxy, plugin } = await filterWith(config);
    const request = { path: "/api/acme/orders", headers: [["x-tenant", "acme"]] as const };
    const tiers = new Tiers();
    tiers.redis.set(`route:acme:${HOST}`, RECORD);
    ask(plugin, request);
    tiers.answerAll(proxy);
    proxy.takeJournal();
    ask(plugin, request).respond({ status: 200 });
    expect(reads(proxy)).toEqual([expect.stringMatching(/^proxy_get_header_map_pairs RequestHeaders /)]);
  });

  it("costs no more where the configuration applies the record, even with a value of the request's path", async () => {
    const apply = { path: "{record:/path}/{rest}", headers: [{ name: "x-cell", value: "{record:/headers/x-cell}" }] };
    const { proxy, plugin } = await warm(quiet(routeConfig({ key: "route:{path[1]}", apply })));
    ask(plugin, "/api/acme/orders?page=2").respond({ status: 200 });
    expect(crossings(proxy).filter((crossing) => crossing.startsWith("proxy_"))).toEqual([
      "proxy_get_header_map_value RequestHeaders :path /api/acme/orders?page=2",
      "proxy_replace_header_map_value RequestHeaders x-cell 7",
      "proxy_replace_header_map_value RequestHeaders :path /svc/acme/acme/orders?page=2",
      "proxy_call_foreign_function clear_route_cache",
      OUTCOME,
    ]);
  });

  it("of a second lookup that uses the first one's record costs its changes only", async () => {
    const base = quiet(routeConfig({ key: "route:{path[1]}" }));
    const [route] = base["lookups"] as PluginConfig[];
    const second = { ...route, name: "second", key: "second:{route:/headers/x-cell}", service: undefined };
    const { proxy, plugin } = await filterWith({ ...base, lookups: [route, second] });
    const tiers = new Tiers();
    tiers.redis.set("route:acme", RECORD).set("second:7", '{"headers": {"x-region": "eu"}}');
    ask(plugin, "/api/acme/orders");
    tiers.answerAll(proxy);
    proxy.takeJournal();
    ask(plugin, "/api/acme/orders").respond({ status: 200 });
    expect(crossings(proxy).filter((crossing) => crossing.startsWith("proxy_"))).toEqual([
      "proxy_get_header_map_value RequestHeaders :path /api/acme/orders",
      "proxy_replace_header_map_value RequestHeaders :path /svc/acme",
      "proxy_replace_header_map_value RequestHeaders x-cell 7",
      "proxy_replace_header_map_value RequestHeaders x-region eu",
      "proxy_call_foreign_function clear_route_cache",
      OUTCOME,
    ]);
  });

  it("makes no call out", async () => {
    const { proxy, plugin } = await warm(routeConfig());
    ask(plugin, "/api/acme/orders").respond({ status: 200 });
    expect(proxy.hostCalls.map((call) => call.name)).not.toContain("proxy_http_call");
    expect(proxy.calls).toEqual([]);
  });

  it("costs one call more for the debug header", async () => {
    const { proxy, plugin } = await warm(routeConfig());
    proxy.clock.advance(3000);
    proxy.takeJournal();
    ask(plugin, "/api/acme/orders").respond({ status: 200 });
    expect(crossings(proxy)).toContain(
      "proxy_replace_header_map_value ResponseHeaders x-signpost lookup=route; tier=local; age=3",
    );
  });

  it("allocates nothing that stays: 20,000 of them leave memory as it was", async () => {
    const { proxy, plugin } = await warm(routeConfig());
    proxy.recording = false;
    for (let i = 0; i < 1000; i++) ask(plugin, "/api/acme/orders").respond({ status: 200 });
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < 20_000; i++) ask(plugin, "/api/acme/orders").respond({ status: 200 });
    expect(proxy.vm(0).memoryBytes).toBe(before);
    expect(proxy.vm(0).liveContexts).toBe(1);
  });
});
