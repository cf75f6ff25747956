import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { answer, cacheStatus, cacheWith, counted, fieldsOf, fill, get, hitOf, SECOND, send } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const MODIFIED = "Wed, 01 Jan 2025 00:00:00 GMT";
const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain", etag: '"v1"', "last-modified": MODIFIED };
const HAS_V1 = { "if-none-match": '"v1"' };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

function conditionsOf({ request }: Stream): string[] {
  return ["if-none-match", "if-modified-since"].filter((name) => request.headers.has(name));
}

/** What a client's first request for something comes to. */
function cold(fields: Fields, response = answer(FRESH)): Stream {
  return get(plugin, "/a", fields).respond(response);
}

describe("a client's condition where nothing is stored", () => {
  it.each([
    ["If-None-Match", HAS_V1],
    ["If-None-Match with a weak tag", { "if-none-match": 'W/"v1"' }],
    ["If-None-Match with several", { "if-none-match": '"v0", "v1"' }],
    ["If-Modified-Since", { "if-modified-since": MODIFIED }],
    ["both", { ...HAS_V1, "if-modified-since": "Tue, 31 Dec 2024 00:00:00 GMT" }],
  ] satisfies [string, Fields][])("is not the upstream's to answer, and is answered: %s", (_, fields) => {
    const stream = get(plugin, "/a", fields);
    expect([stream.request.state, conditionsOf(stream)]).toEqual(["forwarded", []]);
    stream.respond(answer(FRESH));
    expect([stream.response?.status, stream.response?.text, stream.ended]).toEqual([304, "", true]);
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; fwd-status=200; stored");
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    expect(proxy.violations).toEqual([]);
  });

  it.each([
    ["another tag", { "if-none-match": '"v0"' }],
    ["an older date", { "if-modified-since": "Tue, 31 Dec 2024 00:00:00 GMT" }],
    ["another tag, whatever the date", { "if-none-match": '"v0"', "if-modified-since": MODIFIED }],
    ["no date", { "if-modified-since": "yesterday" }],
  ] satisfies [string, Fields][])("gets the whole where that is news to it: %s", (_, fields) => {
    const stream = cold(fields);
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "hello"]);
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; stored");
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it.each(["max-age=60", "private", "no-store"])(
    "gets the whole where nothing says when that was modified, as from the origin: %s",
    (cacheControl) => {
      const later = { "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" };
      const stream = cold(later, answer({ "cache-control": cacheControl, "content-type": "text/plain" }));
      expect([stream.response?.status, stream.response?.text]).toEqual([200, "hello"]);
    },
  );

  it("is answered with the fields of the response, but for those of the content that it has not", () => {
    const stream = cold(
      HAS_V1,
      answer({ ...FRESH, "content-length": "5", "content-language": "de", "x-policy": "strict" }),
    );
    const names = fieldsOf(stream).map(([name]) => name);
    expect(names.sort()).toEqual(["cache-control", "cache-status", "etag", "x-policy"]);
    expect(get(plugin, "/a").response?.headers.get("content-language")).toBe("de");
  });

  it("is answered without a byte of a content that comes in pieces, which is stored whole", () => {
    const stream = get(plugin, "/a", HAS_V1).respondHeaders({ ":status": "200", ...FRESH });
    expect(stream.response?.status).toBe(304);
    for (const chunk of ["he", "", "l", "lo"]) stream.respondBody(chunk);
    stream.respondBody("", true);
    expect([stream.response?.text, stream.response?.complete]).toEqual(["", true]);
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("is answered so also where there is no content, or it cannot be stored in the end", () => {
    expect(cold(HAS_V1, answer(FRESH, "")).response?.status).toBe(304);
    const stream = get(plugin, "/b", HAS_V1)
      .respondHeaders({ ":status": "200", ...FRESH })
      .respondBody("hello")
      .respondTrailers([["x-checksum", "1"]]);
    expect([stream.response?.status, stream.response?.text]).toEqual([304, ""]);
    expect(hitOf(get(plugin, "/b"))).toBe("forwarded");
  });

  it("is answered so also where the response is not for others", () => {
    const stream = cold(HAS_V1, answer({ ...FRESH, "cache-control": "private" }));
    expect([stream.response?.status, stream.response?.text]).toEqual([304, ""]);
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; fwd-status=200; detail=private");
    // And by the upstream from then on, for as long as it is known not to be.
    expect(conditionsOf(get(plugin, "/a", HAS_V1))).toEqual(["if-none-match"]);
  });

  it.each([
    ["too large", HAS_V1, { "content-length": "2000000", "set-cookie": "a=1" }],
    ["without an end", { "if-none-match": "*" }, { "content-type": "text/event-stream" }],
    ["of an unknown length, and one client's", HAS_V1, { "cache-control": "private" }],
  ] satisfies [string, Fields, Fields][])("does not wait for a content that nobody stores: %s", (_, fields, more) => {
    const stream = get(plugin, "/a", fields).respondHeaders({ ":status": "200", age: "7", ...FRESH, ...more });
    expect([stream.response?.status, stream.response?.text, stream.ended]).toEqual([304, "", true]);
    expect(fieldsOf(stream).filter(([name]) => name !== "cache-status")).toEqual([
      ["cache-control", { ...FRESH, ...more }["cache-control"]],
      ["etag", FRESH.etag],
      ...("set-cookie" in more ? [["set-cookie", "a=1"]] : []),
      ["age", "7"],
    ]);
    expect(proxy.violations).toEqual([]);
  });

  it("lets a small content of a known length pass, and keeps the upstream's connection", () => {
    const fields = { ...FRESH, "cache-control": "private", "content-length": "5" };
    const stream = get(plugin, "/a", HAS_V1).respondHeaders({ ":status": "200", ...fields });
    expect([stream.response?.status, stream.ended]).toEqual([304, false]);
    stream.respondBody("hello", true);
    expect([stream.response?.text, stream.ended]).toEqual(["", true]);
  });

  it.each([404, 503])("counts for nothing where the response is a %i", (status) => {
    const stream = cold(HAS_V1, answer({ etag: '"v1"' }, "oops", status));
    expect([stream.response?.status, stream.response?.text]).toEqual([status, "oops"]);
  });

  it("lets others wait for the whole, each of whom is answered as it asked", () => {
    const streams = [HAS_V1, {}, HAS_V1, { "if-none-match": '"v0"' }].map((fields) => get(plugin, "/a", fields));
    expect(streams.map(({ request }) => request.state)).toEqual(["forwarded", "paused", "paused", "paused"]);
    streams[0]?.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(streams.map(({ response }) => response?.status)).toEqual([304, 200, 304, 200]);
    expect(counted(proxy)).toMatchObject({ misses: 1, stored: 1 });
  });

  it("is answered from what takes the place of a stored response that it was not about", () => {
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v0"' }, "old"));
    proxy.clock.advance(61 * SECOND);
    const stream = get(plugin, "/a", HAS_V1);
    expect(stream.request.headers.get("if-none-match")).toBe('"v0"');
    stream.respond(answer(FRESH));
    expect([stream.response?.status, stream.response?.text]).toEqual([304, ""]);
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });
});

describe("a client's condition of a request whose response is not going to be stored", () => {
  it.each([
    ["it says so itself", "GET", { ...HAS_V1, "cache-control": "no-store" }],
    ["it has credentials", "GET", { ...HAS_V1, authorization: "Bearer one" }],
    ["it is for a part", "GET", { ...HAS_V1, range: "bytes=0-1" }],
    ["it is a HEAD", "HEAD", HAS_V1],
    ["it has a condition that no cache answers", "GET", { ...HAS_V1, "if-match": '"v1"' }],
  ] satisfies [string, string, Fields][])("is the upstream's to answer: %s", (_, method, fields) => {
    const stream = send(plugin, method, "/a", fields);
    expect(conditionsOf(stream)).toEqual(["if-none-match"]);
    stream.respond(answer({ etag: '"v1"' }, "", 304));
    expect(stream.response?.status).toBe(304);
  });

  it("is left alone in shadow mode", async () => {
    ({ proxy, plugin } = await cacheWith({}, { shadow: true }));
    expect(conditionsOf(get(plugin, "/a", HAS_V1))).toEqual(["if-none-match"]);
  });
});
