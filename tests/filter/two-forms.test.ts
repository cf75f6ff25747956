import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { logText, proxyWith } from "./support/filter.ts";
import { getThrough, header } from "./support/cache.ts";
import { webdisSays } from "./support/tiers.ts";

/** A gateway's routing role; the record's path is one that the lookup does not match. */
const ROUTING = {
  webdis: { cluster: "webdis" },
  lookups: [{ name: "route", match: { paths: ["/api/*"] }, key: "route:{path[1]}", owns: ["x-cell"] }],
  debugHeader: "x-signpost",
};
/** The same as another control plane writes it. */
const WRITTEN_ANEW = `{ "debugHeader": "x-sign\\u0070ost", "lookups": [{"owns": ["x-cell"], "name": "route",
  "match": {"paths": ["/api/*"]}, "key": "route:{path[1]}"}], "webdis": {"cluster": "webdis"} }`;
const RECORD = JSON.stringify({ path: "/stores/acme", headers: { "x-cell": "cell-1" } });

let proxy: ProxyHost;

function add(configuration: string, name: string): Plugin {
  const plugin = proxy.addPlugin({ rootId: name, configuration });
  if (!plugin.configured) throw new Error(logText(proxy));
  return plugin;
}

/** A request through instances in a chain; Redis knows the tenant. */
function ask(through: readonly Plugin[], path = "/api/acme"): Stream {
  const stream = getThrough(proxy, through, path, { "x-cell": "of-the-client" });
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) webdisSays(call, RECORD);
  return stream;
}

/** What the upstream sees of it. */
function routed(stream: Stream): Record<string, string | undefined> {
  const headers = new Map(stream.request.headers);
  return { path: headers.get(":path"), cell: headers.get("x-cell") };
}

beforeEach(async () => {
  proxy = await proxyWith();
});

describe("two instances with equal configurations, while a gateway changes its form of delivery", () => {
  it.each([
    ["the same text", JSON.stringify(ROUTING)],
    ["the same, written anew by another control plane", WRITTEN_ANEW],
  ])("route a request once: %s", (_, second) => {
    const both = [add(JSON.stringify(ROUTING), "old"), add(second, "new")];
    for (const request of ["the first, which waits for Redis", "the second, from memory"]) {
      const stream = ask(both);
      expect(routed(stream), request).toEqual({ path: "/stores/acme", cell: "cell-1" });
      stream.respond({ status: 200, headers: {} });
      expect(header(stream, "x-signpost")).toContain("lookup=route; tier=");
    }
  });

  it("remove what a client sends under an owned name where no lookup applies", () => {
    const both = [add(JSON.stringify(ROUTING), "old"), add(JSON.stringify(ROUTING), "new")];
    expect(routed(ask(both, "/elsewhere"))).toEqual({ path: "/elsewhere", cell: undefined });
  });

  it("route each by itself again when the other one is gone", () => {
    const [old, fresh] = [add(JSON.stringify(ROUTING), "old"), add(JSON.stringify(ROUTING), "new")];
    old.remove();
    expect(routed(ask([fresh]))).toEqual({ path: "/stores/acme", cell: "cell-1" });
  });
});

describe("where the proxy does not do what tells two equal instances apart", () => {
  const BAD_ARGUMENT = 2;
  const NOT_FOUND = 1;

  it.each([NOT_FOUND, BAD_ARGUMENT, 10])(
    "a request is answered 503, and does not go on with the client's own headers: status %i",
    (status) => {
      const both = [add(JSON.stringify(ROUTING), "old"), add(JSON.stringify(ROUTING), "new")];
      proxy.faults.failHostFunction("proxy_set_property", status, 1);
      const stream = ask(both);
      expect(stream.localReply?.status).toBe(503);
    },
  );

  it("a request is routed once by a proxy that cannot declare properties", () => {
    proxy.faults.failHostFunction("proxy_call_foreign_function", NOT_FOUND);
    const both = [add(JSON.stringify(ROUTING), "old"), add(JSON.stringify(ROUTING), "new")];
    proxy.faults.clear();
    for (let i = 0; i < 2; i++) expect(routed(ask(both))).toEqual({ path: "/stores/acme", cell: "cell-1" });
  });

  it("a request is routed once by a root that is configured again", () => {
    const both = [add(JSON.stringify(ROUTING), "old"), add(JSON.stringify(ROUTING), "new")];
    for (const plugin of both) plugin.update(WRITTEN_ANEW);
    for (let i = 0; i < 2; i++) expect(routed(ask(both))).toEqual({ path: "/stores/acme", cell: "cell-1" });
  });
});

describe("two instances with different configurations", () => {
  it("both have their say", () => {
    const other = {
      ...ROUTING,
      lookups: [{ name: "other", match: { paths: ["/stores/*"] }, key: "other:{path[1]}", apply: { path: "/last" } }],
    };
    const both = [add(JSON.stringify(ROUTING), "first"), add(JSON.stringify(other), "second")];
    expect(routed(ask(both)).path).toBe("/last");
  });

  it.each([
    ["another list of owned headers", { owns: ["x-cell", "x-zone"] }],
    ["another time to live", { local: { ttl: "1s" } }],
  ])("are not taken for equal: %s", (_, change) => {
    const changed = { ...ROUTING, lookups: [{ ...ROUTING.lookups[0], ...change }] };
    const both = [add(JSON.stringify(ROUTING), "first"), add(JSON.stringify(changed), "second")];
    // The second one removes the header of a name that only its own records may set.
    expect(routed(ask(both))).toEqual({ path: "/stores/acme", cell: undefined });
  });
});
