import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, PropertyMap, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST } from "../fixtures/route/fixture.ts";
import { ask } from "./support/filter.ts";
import {
  answer,
  cacheStatus,
  cacheWith,
  counted,
  fill,
  get,
  header,
  hitOf,
  request,
  send,
  SECOND,
} from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith({ match: { paths: ["/a*"] } }));
});

/** A GET with properties of its stream, as other filters leave them. */
function getWith(properties: PropertyMap, path = "/a", fields: Fields = {}): Stream {
  return plugin
    .openStream({ properties })
    .sendRequestHeaders([
      [":method", "GET"],
      [":scheme", "http"],
      [":authority", HOST],
      [":path", path],
      ...Object.entries(fields).map(([name, value]) => [name, String(value)] as const),
    ]);
}

describe("a request that is none of the cache's", () => {
  it("outside of its match is not touched at all", () => {
    const stream = fill(plugin, "/other", answer({ ...FRESH, "surrogate-key": "a" }));
    expect([cacheStatus(stream), header(stream, "surrogate-key")]).toEqual([undefined, "a"]);
    expect(hitOf(get(plugin, "/other"))).toBe("forwarded");
    expect(counted(proxy)).toEqual({});
  });

  it.each([
    ["x-forwarded-host", "evil.example"],
    ["x-original-url", "/admin"],
    ["x-rewrite-url", "/admin"],
    ["x-http-method-override", "DELETE"],
    ["upgrade", "websocket"],
    ["if-match", '"v1"'],
  ])("has %s: it is neither served nor stored", (name, value) => {
    fill(plugin, "/a", answer(FRESH));
    const stream = get(plugin, "/a", { [name]: value });
    expect(hitOf(stream)).toBe("forwarded");
    stream.respond(answer(FRESH, "poison"));
    expect(cacheStatus(stream)).toBe("signpost; fwd=bypass");
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    expect(hitOf(get(plugin, "/ab", { [name]: value }))).toBe("forwarded");
    expect(counted(proxy)).toMatchObject({ passes: 2, stored: 1 });
  });

  it("has an override that is in the key, and then it is not", async () => {
    ({ proxy, plugin } = await cacheWith({ key: { headers: ["x-forwarded-host"] } }));
    fill(plugin, "/a", answer(FRESH, "one"), { "x-forwarded-host": "one" });
    expect(hitOf(get(plugin, "/a", { "x-forwarded-host": "one" }))).toBe("one");
    expect(hitOf(get(plugin, "/a", { "x-forwarded-host": "two" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("has a body", () => {
    fill(plugin, "/a", answer(FRESH));
    const stream = ask(plugin, request("/a"), { endOfStream: false });
    expect(hitOf(stream)).toBe("forwarded");
    stream.sendRequestBody("q=1").respond(answer(FRESH, "for q=1"));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("is a CONNECT", () => {
    expect(hitOf(send(plugin, "CONNECT", "/a"))).toBe("forwarded");
  });

  it("is gRPC", () => {
    const stream = send(plugin, "POST", "/a", { "content-type": "application/grpc" });
    stream.respond({
      status: 200,
      headers: [["content-type", "application/grpc"]],
      body: "x",
      trailers: [["grpc-status", "0"]],
    });
    expect(stream.response?.trailers?.get("grpc-status")).toBe("0");
    expect(hitOf(send(plugin, "POST", "/a", { "content-type": "application/grpc" }))).toBe("forwarded");
  });

  it("is a GET that says it is gRPC: the proxy would make an error of a stored response", () => {
    fill(plugin, "/a", answer(FRESH));
    const stream = get(plugin, "/a", { "content-type": "application/grpc" });
    if (stream.request.state === "forwarded") stream.respond(answer(FRESH));
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "hello"]);
  });

  it("is larger than any key", () => {
    const path = `/a?${"x".repeat(20_000)}`;
    const stream = fill(plugin, path, answer(FRESH));
    expect(cacheStatus(stream)).toBe("signpost; fwd=bypass");
    expect(hitOf(get(plugin, path))).toBe("forwarded");
  });
});

describe("a response that is one client's", () => {
  const CASES: Record<string, [Fields, Fields]> = {
    "a private one": [{}, { "cache-control": "private, max-age=60" }],
    "one that is not to be stored": [{}, { "cache-control": "no-store, max-age=60" }],
    "one with a cookie": [{}, { ...FRESH, "set-cookie": "session=1" }],
    "one to credentials": [{ authorization: "Basic YTph" }, FRESH],
    "one with nothing that allows it": [{}, { "content-type": "text/plain", "x-status": "302" }],
    "one to a client that does not want it stored": [{ "cache-control": "no-store" }, FRESH],
  };

  it.each(Object.entries(CASES))("is not stored: %s", (name, [fields, response]) => {
    const status = name.includes("nothing") ? 302 : 200;
    const stream = fill(plugin, "/a", answer(response, "for one", status), fields);
    expect(stream.response?.text).toBe("for one");
    expect(cacheStatus(stream)).toMatch(/^signpost; fwd=uri-miss; detail=[a-z-]+$/);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", fields))).not.toBe("for one");
  });

  it.each(["public", "s-maxage=60", "must-revalidate, max-age=60"])(
    "is everybody's where the origin says so: %s",
    (leave) => {
      fill(plugin, "/a", answer({ "cache-control": `max-age=60, ${leave}` }), { authorization: "Basic YTph" });
      expect(hitOf(get(plugin, "/a"))).toBe("hello");
    },
  );

  it("is one to a JWT that was verified and is gone from the request", () => {
    const jwt = { metadata: { filter_metadata: { "envoy.filters.http.jwt_authn": { payload: { sub: "ann" } } } } };
    const stream = getWith(jwt).respond(answer({ "cache-control": "public, max-age=60" }, "for ann"));
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; detail=verified-jwt");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("is one to such a JWT also where it says so itself: what is stored stays, and nobody waits for the next ones", () => {
    const jwt = { metadata: { filter_metadata: { "envoy.filters.http.jwt_authn": { payload: { sub: "ann" } } } } };
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"' }));
    proxy.clock.advance(61 * SECOND);
    const first = getWith(jwt);
    expect(first.request.headers.get("if-none-match")).toBe('"v1"');
    first.respond(answer({ "cache-control": "private" }, "for ann"));
    expect([getWith(jwt), getWith(jwt)].map(({ request }) => request.state)).toEqual(["forwarded", "forwarded"]);
    const other = get(plugin, "/a");
    expect(other.request.headers.get("if-none-match")).toBe('"v1"');
  });

  it("is none where other filters left something else", () => {
    getWith({ metadata: { filter_metadata: { "envoy.filters.http.rbac": { shadow: "allowed" } } } }).respond(
      answer(FRESH),
    );
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("is none where only a cookie was sent, and the origin says how long it is fresh", () => {
    fill(plugin, "/a", answer(FRESH), { cookie: "session=1" });
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("is one to a cookie where freshness is the configuration's guess", async () => {
    ({ proxy, plugin } = await cacheWith({ defaultTtl: "1m" }));
    fill(plugin, "/a", answer({}), { cookie: "session=1" });
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    fill(plugin, "/b", answer({}));
    expect(hitOf(get(plugin, "/b"))).toBe("hello");
  });
});

describe("a response that never ends", () => {
  it("as a stream of events is passed on as it comes, and not recorded", () => {
    const stream = get(plugin, "/a").respondHeaders({
      ":status": "200",
      ...FRESH,
      "content-type": "text/event-stream",
    });
    expect(cacheStatus(stream)).not.toContain("stored");
    expect(cacheStatus(stream)).not.toContain("storable");
    for (let i = 0; i < 5; i++) stream.respondBody(`data: ${i}\n\n`);
    expect(stream.response?.chunks).toHaveLength(5);
    expect(counted(proxy)["recorded_bytes"]).toBeUndefined();
  });
});

describe("a response that does not come whole", () => {
  it.each([
    ["its upstream breaks", (stream: Stream): unknown => stream.breakUpstream()],
    ["its client leaves", (stream: Stream): unknown => stream.disconnect()],
  ])("is not stored: %s", (_, end) => {
    const stream = get(plugin, "/a")
      .respondHeaders({ ":status": "200", ...FRESH })
      .respondBody("hel");
    end(stream);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expect(counted(proxy)).toMatchObject({ dropped: 1 });
    expect(counted(proxy)["recorded_bytes"]).toBeUndefined();
  });

  it("is not stored with less in it than it said", () => {
    get(plugin, "/a")
      .respondHeaders({ ":status": "200", ...FRESH, "content-length": "10" })
      .respondBody("hello", true);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });
});

describe("headers in any number", () => {
  it.each([100, 1000, 1020])("come back as they were, or are not stored: %i", (count) => {
    const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, `${i}`]));
    fill(plugin, "/a", answer({ ...FRESH, ...many }));
    const stream = get(plugin, "/a");
    expect(hitOf(stream)).toBe("hello");
    expect(header(stream, `x-${count - 1}`)).toBe(`${count - 1}`);
  });

  it.each([1022, 1023, 1024])("are all there or the request goes upstream, at the proxy's limit: %i", (count) => {
    const many = Object.fromEntries(Array.from({ length: count - 2 }, (_, i) => [`x-${i}`, `${i}`]));
    fill(plugin, "/a", answer({ ...FRESH, ...many }));
    const stream = get(plugin, "/a");
    if (stream.request.state === "forwarded") return;
    expect(hitOf(stream)).toBe("hello");
    expect(header(stream, "x-0")).toBe("0");
    expect(header(stream, "age")).toBe("0");
  });

  it.each([500_000, 1_040_000, 1_048_400])("are all there or the request goes upstream, of %i bytes", (size) => {
    fill(plugin, "/a", answer({ ...FRESH, "x-large": "x".repeat(size) }));
    const stream = get(plugin, "/a");
    if (stream.request.state === "forwarded") return;
    expect(header(stream, "x-large")).toHaveLength(size);
    expect(header(stream, "age")).toBe("0");
  });
});

describe("an encoded response", () => {
  it("is stored as it is encoded", () => {
    const body = Uint8Array.from([0x1f, 0x8b, 0, 255, 10, 13]);
    const encoded = { ...FRESH, "content-encoding": "gzip", vary: "accept-encoding" };
    fill(plugin, "/a", answer(encoded, body), { "accept-encoding": "gzip" });
    const stream = get(plugin, "/a", { "accept-encoding": "gzip" });
    expect(Buffer.from(stream.response?.body ?? [])).toEqual(Buffer.from(body));
    expect(header(stream, "content-encoding")).toBe("gzip");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });
});
