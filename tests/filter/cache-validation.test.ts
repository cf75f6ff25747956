import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { answer, cacheStatus, cacheWith, counted, fill, get, header, hitOf, send, SECOND } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=10", "content-type": "text/plain" };
const TAGGED = { ...FRESH, etag: '"v1"' };
const DATED = { ...FRESH, "last-modified": "Tue, 31 Dec 2024 23:00:00 GMT" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

/** A request for what was stored and is past its time by now. */
function askStale(stored: Fields, fields: Fields = {}): Stream {
  fill(plugin, "/a", answer(stored, "stored"));
  proxy.clock.advance(11 * SECOND);
  return get(plugin, "/a", fields);
}

function preconditionsOf(stream: Stream): (string | undefined)[] {
  const { headers } = stream.request;
  return ["if-none-match", "if-modified-since"].map((name) => headers.get(name));
}

describe("a response past its time", () => {
  it.each([
    [TAGGED, ['"v1"', undefined]],
    [DATED, [undefined, DATED["last-modified"]]],
    [{ ...DATED, etag: 'W/"v1"' }, ['W/"v1"', DATED["last-modified"]]],
    [FRESH, [undefined, undefined]],
  ])("is asked about with the validators that it has: %j", (stored, expected) => {
    expect(preconditionsOf(askStale(stored))).toEqual(expected);
  });

  it("that the upstream confirms is served, fresh again and with the 304's headers", () => {
    const stream = askStale({ ...TAGGED, "x-old": "1", "x-both": "old" });
    stream.respond(answer({ ...FRESH, etag: '"v1"', "x-both": "new" }, "", 304));
    expect(stream.response?.status).toBe(200);
    expect(stream.response?.text).toBe("stored");
    expect(header(stream, "age")).toBe("0");
    expect([header(stream, "x-old"), header(stream, "x-both")]).toEqual(["1", "new"]);
    expect(cacheStatus(stream)).toBe("signpost; fwd=stale; fwd-status=304; stored; ttl=10");
    const next = get(plugin, "/a");
    expect(hitOf(next)).toBe("stored");
    expect(header(next, "x-both")).toBe("new");
    expect(counted(proxy)).toMatchObject({ validated: 1, hits: 1, misses: 2, stored: 2 });
    expect(proxy.violations).toEqual([]);
  });

  it("that the upstream replaces is replaced", () => {
    const stream = askStale(TAGGED).respond(answer({ ...FRESH, etag: '"v2"' }, "newer"));
    expect(stream.response?.text).toBe("newer");
    expect(cacheStatus(stream)).toBe("signpost; fwd=stale; stored");
    expect(hitOf(get(plugin, "/a"))).toBe("newer");
  });

  it("whose 304 is another response's is served once and forgotten", () => {
    const stream = askStale(TAGGED).respond(answer({ ...FRESH, etag: '"v9"' }, "", 304));
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "stored"]);
    expect(header(stream, "etag")).toBe('"v1"');
    const next = get(plugin, "/a");
    expect(hitOf(next)).toBe("forwarded");
    expect(preconditionsOf(next)).toEqual([undefined, undefined]);
  });

  it("is validated with the client's own question answered from it", () => {
    const stream = askStale(TAGGED, { "if-none-match": '"v1", "other"' });
    expect(preconditionsOf(stream)).toEqual(['"v1"', undefined]);
    stream.respond(answer({ etag: '"v1"' }, "", 304));
    expect(stream.response?.status).toBe(304);
    expect(stream.response?.body).toHaveLength(0);
    expect(proxy.violations).toEqual([]);
  });

  it("whose client has an older copy gets the whole one", () => {
    const stream = askStale(TAGGED, { "if-none-match": '"v0"' });
    stream.respond(answer({ etag: '"v1"' }, "", 304));
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "stored"]);
  });

  it("is validated for a HEAD, which gets what a GET would without the content", () => {
    fill(plugin, "/a", answer(TAGGED, "stored"));
    proxy.clock.advance(11 * SECOND);
    const head = send(plugin, "HEAD", "/a");
    expect(preconditionsOf(head)).toEqual(['"v1"', undefined]);
    head.respond(answer({ etag: '"v1"' }, "", 304));
    expect(head.response?.status).toBe(200);
    expect(header(head, "content-length")).toBe("6");
    expect(header(head, "content-type")).toBe("text/plain");
    expect(head.response?.body).toHaveLength(0);
  });

  it("is validated for a range, which is cut from it", () => {
    const stream = askStale(TAGGED, { range: "bytes=1-3" });
    expect(preconditionsOf(stream)).toEqual(['"v1"', undefined]);
    stream.respond(answer({ etag: '"v1"' }, "", 304));
    expect([stream.response?.status, stream.response?.text]).toEqual([206, "tor"]);
    expect(header(stream, "content-range")).toBe("bytes 1-3/6");
  });

  it.each([
    ["the 304 says no-store", { "cache-control": "no-store", etag: '"v1"' }],
    ["the 304 says private", { "cache-control": "private", etag: '"v1"' }],
  ])("is served to the one who asked, and no more, where %s", (_, fields) => {
    const stream = askStale(TAGGED).respond(answer(fields, "", 304));
    expect(stream.response?.text).toBe("stored");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("gives the cookies of its 304 to the client that asked, and to nobody else", () => {
    const cookies = ["a=1; Path=/", "b=2"];
    const stream = askStale(TAGGED).respond(answer({ ...FRESH, "set-cookie": cookies, etag: '"v1"' }, "", 304));
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "stored"]);
    expect(stream.response?.headers.getAll("set-cookie")).toEqual(cookies);
    const next = get(plugin, "/a");
    expect([hitOf(next), header(next, "set-cookie")]).toEqual(["stored", undefined]);
  });

  it("is asked about once whether a token was verified: a property costs more than all else", () => {
    const stream = askStale(TAGGED);
    proxy.takeHostCalls();
    stream.respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(proxy.takeHostCalls().filter(({ name }) => name === "proxy_get_property")).toHaveLength(1);
  });

  it.each<[string, Fields, number]>([
    ["its own copy", { "if-none-match": '"v1"' }, 304],
    ["a part", { range: "bytes=0-2" }, 206],
    ["a part that is not there", { range: "bytes=90-99" }, 416],
  ])("gives them to a client that asks about %s, too", (_, asked, status) => {
    const stream = askStale(TAGGED, asked);
    expect(preconditionsOf(stream)).toEqual(['"v1"', undefined]);
    stream.respond(answer({ ...FRESH, "set-cookie": ["a=1", "b=2"], etag: '"v1"' }, "", 304));
    expect(stream.response?.status).toBe(status);
    expect(stream.response?.headers.getAll("set-cookie")).toEqual(["a=1", "b=2"]);
    expect(proxy.violations).toEqual([]);
  });

  it("that has no content type is fetched anew: the proxy would invent one for what takes a 304's place", () => {
    expect(preconditionsOf(askStale({ "cache-control": "max-age=10", etag: '"v1"' }))).toEqual([undefined, undefined]);
  });

  it("is out of date where the upstream has something that may not be stored", () => {
    askStale(TAGGED).respond(answer({ "cache-control": "private" }, "for one"));
    const next = get(plugin, "/a");
    expect(preconditionsOf(next)).toEqual([undefined, undefined]);
  });
});

describe("a response that asks to be validated each time", () => {
  it.each(["no-cache", "max-age=0"])("is: %s", (directive) => {
    fill(plugin, "/a", answer({ ...TAGGED, "cache-control": directive }, "stored"));
    for (let i = 0; i < 3; i++) {
      const stream = get(plugin, "/a");
      expect(preconditionsOf(stream)).toEqual(['"v1"', undefined]);
      stream.respond(answer({ "cache-control": directive, etag: '"v1"' }, "", 304));
      expect(stream.response?.text).toBe("stored");
    }
  });
});

describe("a client that asks for validation", () => {
  it.each([
    ["no-cache", "request"],
    ["max-age=0", "request"],
  ])("gets it, of a fresh response too: %s", (directive, reason) => {
    fill(plugin, "/a", answer(TAGGED, "stored"));
    proxy.clock.advance(SECOND);
    const stream = get(plugin, "/a", { "cache-control": directive });
    expect(preconditionsOf(stream)).toEqual(['"v1"', undefined]);
    stream.respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(stream.response?.text).toBe("stored");
    expect(cacheStatus(stream)).toBe(`signpost; fwd=${reason}; fwd-status=304; stored; ttl=10`);
  });
});

describe("what the upstream fails to answer", () => {
  const STALE = { ...TAGGED, "cache-control": "max-age=10, stale-if-error=60" };

  it.each([500, 502, 503, 504])("%i is answered from what is stored, for as long as the response allows", (status) => {
    const stream = askStale(STALE).respond(answer({ "x-error": "1" }, "oops", status));
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "stored"]);
    expect(header(stream, "x-error")).toBeUndefined();
    expect(cacheStatus(stream)).toBe(`signpost; fwd=stale; fwd-status=${status}; ttl=-1`);
    proxy.clock.advance(60 * SECOND);
    const late = get(plugin, "/a").respond(answer({}, "oops", status));
    expect([late.response?.status, late.response?.text]).toEqual([status, "oops"]);
  });

  it("is not asked again for a second, in which everybody gets what is stored", () => {
    askStale(STALE).respond(answer({}, "oops", 503));
    for (let i = 0; i < 3; i++) expect(hitOf(get(plugin, "/a"))).toBe("stored");
    proxy.clock.advance(SECOND);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("is answered so, too, where the upstream cannot be reached", () => {
    const stream = askStale(STALE).breakUpstream();
    expect([stream.response?.status, stream.response?.text]).toEqual([200, "stored"]);
    expect(proxy.violations).toEqual([]);
  });

  it.each([501, 404, 429, 400])("%i is the upstream's answer and no failure", (status) => {
    const stream = askStale(STALE).respond(answer({}, "mine", status));
    expect([stream.response?.status, stream.response?.text]).toEqual([status, "mine"]);
  });

  it("is passed on where nothing allows something stale", () => {
    const stream = askStale(TAGGED).respond(answer({}, "oops", 503));
    expect([stream.response?.status, stream.response?.text]).toEqual([503, "oops"]);
    // An error does not say that what is stored is outdated.
    expect(preconditionsOf(get(plugin, "/a"))).toEqual(['"v1"', undefined]);
  });

  it.each([
    ["must-revalidate", "max-age=10, must-revalidate, stale-if-error=60"],
    ["s-maxage", "s-maxage=10, stale-if-error=60"],
    ["proxy-revalidate", "max-age=10, proxy-revalidate, stale-if-error=60"],
  ])("is passed on where %s forbids it", (_, directives) => {
    const stream = askStale({ ...STALE, "cache-control": directives }).respond(answer({}, "oops", 503));
    expect(stream.response?.status).toBe(503);
  });

  it("is answered as configured where the response does not say", async () => {
    ({ proxy, plugin } = await cacheWith({ staleIfError: "1m" }));
    expect(askStale(TAGGED).respond(answer({}, "oops", 503)).response?.text).toBe("stored");
  });

  it("leaves a HEAD with the headers of what is stored", () => {
    fill(plugin, "/a", answer(STALE, "stored"));
    proxy.clock.advance(11 * SECOND);
    const head = send(plugin, "HEAD", "/a").respond(answer({ "content-length": "99" }, "", 503));
    expect([head.response?.status, header(head, "content-length")]).toEqual([200, "6"]);
    expect(head.response?.body).toHaveLength(0);
  });
});

describe("a response that may be served while it is validated", () => {
  const STALE = { ...TAGGED, "cache-control": "max-age=10, stale-while-revalidate=60" };

  it("is validated by the first who asks, and served to all others at once", () => {
    const first = askStale(STALE);
    expect(preconditionsOf(first)).toEqual(['"v1"', undefined]);
    for (let i = 0; i < 3; i++) {
      const other = get(plugin, "/a");
      expect(hitOf(other)).toBe("stored");
      expect(cacheStatus(other)).toBe("signpost; hit; ttl=-1");
    }
    first.respond(answer({ ...STALE, etag: '"v2"' }, "newer"));
    expect(first.response?.text).toBe("newer");
    expect(hitOf(get(plugin, "/a"))).toBe("newer");
    expect(counted(proxy)).toMatchObject({ stale: 3, hits: 1 });
  });

  it("is left to the next one where the first goes away", () => {
    askStale(STALE).disconnect();
    const next = get(plugin, "/a");
    expect(hitOf(next)).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("stored");
  });

  it("is served to a HEAD without validating it", () => {
    fill(plugin, "/a", answer(STALE, "stored"));
    proxy.clock.advance(11 * SECOND);
    const head = send(plugin, "HEAD", "/a");
    expect(head.request.state).toBe("answered");
  });

  it("is not once that time is over", () => {
    fill(plugin, "/a", answer(STALE, "stored"));
    proxy.clock.advance(71 * SECOND);
    get(plugin, "/a");
    expect(hitOf(get(plugin, "/a"))).toBe("paused");
  });

  it("is so as configured where the response does not say", async () => {
    ({ proxy, plugin } = await cacheWith({ staleWhileRevalidate: "1m" }));
    expect(hitOf(askStale(TAGGED))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("stored");
  });
});
