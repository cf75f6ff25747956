import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { answer, cacheStatus, cacheWith, counted, fill, get, header, hitOf, send, SECOND } from "./support/cache.ts";

const BODY = "0123456789";
const MODIFIED = "Tue, 31 Dec 2024 23:00:00 GMT";
const STORED = {
  "cache-control": "max-age=60",
  "content-type": "text/plain",
  "content-language": "en",
  "content-length": "10",
  date: "Wed, 01 Jan 2025 00:00:00 GMT",
  etag: '"v1"',
  "last-modified": MODIFIED,
  "x-policy": "strict",
};

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
  fill(plugin, "/a", answer(STORED, BODY));
});

describe("what a client asks about its own copy is answered from the store", () => {
  it.each([
    [{ "if-none-match": '"v1"' }],
    [{ "if-none-match": 'W/"v1"' }],
    [{ "if-none-match": '"v0", "v1"' }],
    [{ "if-none-match": ['"v0"', '"v1"'] }],
    [{ "if-none-match": "*" }],
    [{ "if-modified-since": MODIFIED }],
    [{ "if-modified-since": "Wed, 01 Jan 2025 00:00:00 GMT" }],
    [{ "if-none-match": '"v1"', "if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT" }],
  ])("304: %j", (fields) => {
    const stream = get(plugin, "/a", fields);
    expect(stream.request.state).toBe("answered");
    expect(stream.response?.status).toBe(304);
    expect(stream.response?.body).toHaveLength(0);
    expect(header(stream, "etag")).toBe('"v1"');
    expect(header(stream, "x-policy")).toBe("strict");
    for (const name of ["content-type", "content-length", "content-language", "last-modified"]) {
      expect(header(stream, name), name).toBeUndefined();
    }
    expect(cacheStatus(stream)).toBe("signpost; hit; ttl=60");
    expect(proxy.violations).toEqual([]);
  });

  it.each([
    [{ "if-none-match": '"v0"' }],
    [{ "if-none-match": "v1" }],
    [{ "if-none-match": '"v0"', "if-modified-since": MODIFIED }],
    [{ "if-modified-since": "Tue, 31 Dec 2024 22:59:59 GMT" }],
    [{ "if-modified-since": "yesterday" }],
  ])("200: %j", (fields) => {
    const stream = get(plugin, "/a", fields);
    expect(hitOf(stream)).toBe(BODY);
    expect(stream.response?.status).toBe(200);
  });

  it.each([[{ "if-match": '"v1"' }], [{ "if-unmodified-since": MODIFIED }]])("by the origin alone: %j", (fields) => {
    const stream = get(plugin, "/a", fields);
    expect(hitOf(stream)).toBe("forwarded");
    stream.respond(answer({}, "", 412));
    expect(cacheStatus(stream)).toBe("signpost; fwd=bypass");
  });

  it("goes on as it came where nothing is going to be stored, and its 304 is the client's", () => {
    const stream = get(plugin, "/b", { "if-none-match": '"mine"', "cache-control": "no-store" });
    expect(stream.request.headers.get("if-none-match")).toBe('"mine"');
    stream.respond(answer({ etag: '"mine"' }, "", 304));
    expect(stream.response?.status).toBe(304);
    expect(hitOf(get(plugin, "/b"))).toBe("forwarded");
  });
});

describe("a HEAD", () => {
  it("has the headers of the GET, its length too, and no content", () => {
    const head = send(plugin, "HEAD", "/a");
    expect(head.request.state).toBe("answered");
    expect(head.response?.status).toBe(200);
    expect(head.response?.body).toHaveLength(0);
    expect(header(head, "content-length")).toBe("10");
    expect(header(head, "content-type")).toBe("text/plain");
  });

  it("of what has no content says so", () => {
    fill(plugin, "/empty", answer({ ...STORED, "content-length": "0" }, ""));
    const head = send(plugin, "HEAD", "/empty");
    expect(header(head, "content-length")).toBe("0");
    expect(header(head, "content-type")).toBe("text/plain");
  });

  it("is answered 304 as a GET is", () => {
    expect(send(plugin, "HEAD", "/a", { "if-none-match": '"v1"' }).response?.status).toBe(304);
  });

  it("ignores a range", () => {
    const head = send(plugin, "HEAD", "/a", { range: "bytes=0-1" });
    expect([head.response?.status, header(head, "content-length")]).toEqual([200, "10"]);
  });

  it("goes on where nothing is stored, and leaves nothing", () => {
    const head = send(plugin, "HEAD", "/b");
    expect(hitOf(head)).toBe("forwarded");
    head.respond(answer({ ...STORED, "content-length": "10" }, ""));
    expect(hitOf(get(plugin, "/b"))).toBe("forwarded");
  });

  it.each([
    ["etag", '"v2"'],
    ["last-modified", "Wed, 01 Jan 2025 00:00:00 GMT"],
    ["content-length", "11"],
  ])("whose answer has another %s than what is stored says that it is outdated", (name, value) => {
    const head = send(plugin, "HEAD", "/a", { "cache-control": "no-cache" });
    head.respond(answer({ ...STORED, [name]: value }, ""));
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });
});

describe("a range", () => {
  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=9-9", "9", "bytes 9-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-99", BODY, "bytes 0-9/10"],
    ["bytes=5-999999999999999999999", "56789", "bytes 5-9/10"],
    ["Bytes=0-0", "0", "bytes 0-0/10"],
  ])("is cut from the whole: %s", (range, body, contentRange) => {
    const stream = get(plugin, "/a", { range });
    expect(stream.request.state).toBe("answered");
    expect([stream.response?.status, stream.response?.text]).toEqual([206, body]);
    expect(header(stream, "content-range")).toBe(contentRange);
    expect(header(stream, "content-length")).toBe(String(body.length));
    expect([header(stream, "etag"), header(stream, "content-type")]).toEqual(['"v1"', "text/plain"]);
  });

  it.each(["bytes=10-", "bytes=99-100", "bytes=-0"])("with no byte in it is 416: %s", (range) => {
    const stream = get(plugin, "/a", { range });
    expect(stream.response?.status).toBe(416);
    expect(header(stream, "content-range")).toBe("bytes */10");
    expect(stream.response?.body).toHaveLength(0);
    expect(header(stream, "content-type")).toBeUndefined();
  });

  it.each(["bytes=3-1", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes", "bytes=-"])(
    "that is none or several is answered with the whole: %s",
    (range) => {
      const stream = get(plugin, "/a", { range });
      expect([stream.response?.status, stream.response?.text]).toEqual([200, BODY]);
      expect(header(stream, "content-range")).toBeUndefined();
    },
  );

  it.each([
    ['"v1"', 206],
    ['"v0"', 200],
    ['W/"v1"', 200],
    [MODIFIED, 206],
    ["Tue, 31 Dec 2024 22:00:00 GMT", 200],
  ])("with If-Range %s is answered %i", (condition, status) => {
    const stream = get(plugin, "/a", { range: "bytes=0-3", "if-range": condition });
    expect([stream.response?.status, stream.response?.text]).toEqual([status, status === 206 ? "0123" : BODY]);
  });

  it("goes upstream where nothing is stored; what comes is for this client alone", () => {
    const stream = get(plugin, "/b", { range: "bytes=0-3" });
    expect(stream.request.headers.get("range")).toBe("bytes=0-3");
    stream.respond(answer({ ...STORED, "content-range": "bytes 0-3/10" }, "0123", 206));
    expect(stream.response?.status).toBe(206);
    expect(hitOf(get(plugin, "/b"))).toBe("forwarded");
  });

  it("is stored where the upstream answers with the whole", () => {
    get(plugin, "/b", { range: "bytes=0-3" }).respond(answer(STORED, BODY));
    expect(hitOf(get(plugin, "/b"))).toBe(BODY);
  });
});

describe("a client that wants only what is stored", () => {
  const ONLY = { "cache-control": "only-if-cached" };

  it("gets it", () => {
    expect(hitOf(get(plugin, "/a", ONLY))).toBe(BODY);
  });

  it("gets 504 where it is not there, and its request never goes on", () => {
    const stream = get(plugin, "/b", ONLY);
    expect(stream.request.state).toBe("answered");
    expect(stream.response?.status).toBe(504);
    expect(cacheStatus(stream)).toBe("signpost; detail=only-if-cached");
    expect(counted(proxy)).toMatchObject({ unsatisfied: 1 });
  });

  it("gets 504 where it is too old", () => {
    proxy.clock.advance(61 * SECOND);
    expect(get(plugin, "/a", ONLY).response?.status).toBe(504);
  });

  it("gets it although it is too old, where the client says so", () => {
    proxy.clock.advance(61 * SECOND);
    expect(hitOf(get(plugin, "/a", { "cache-control": "only-if-cached, max-stale=5" }))).toBe(BODY);
    expect(get(plugin, "/a", { "cache-control": "only-if-cached, max-stale=1" }).response?.status).toBe(200);
    proxy.clock.advance(SECOND);
    expect(get(plugin, "/a", { "cache-control": "only-if-cached, max-stale=1" }).response?.status).toBe(504);
  });
});

describe("a client that says how old it may be", () => {
  it.each([
    ["max-age=5", "forwarded"],
    ["max-age=20", BODY],
    ["min-fresh=55", "forwarded"],
    ["min-fresh=45", BODY],
    ["no-cache", "forwarded"],
    ["no-store", BODY],
  ])("is heeded after ten seconds: %s", (directive, outcome) => {
    proxy.clock.advance(10 * SECOND);
    expect(hitOf(get(plugin, "/a", { "cache-control": directive }))).toBe(outcome);
  });
});
