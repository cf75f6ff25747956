import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { answer, cacheStatus, cacheWith, fill, get, hitOf, SECOND, send, type Fields } from "./support/cache.ts";
import { CACHE_WEBDIS, Redis } from "./support/redis.ts";

const TEXT = { "content-type": "text/plain" };
const FRESH = { ...TEXT, "cache-control": "max-age=60" };

let proxy: ProxyHost;
let plugin: Plugin;
let start: number;

beforeEach(async () => {
  await use({ collapse: { wait: "0s" } });
});

async function use(cache: Record<string, unknown>): Promise<void> {
  ({ proxy, plugin } = await cacheWith(cache));
  start = proxy.clock.now;
}

/** So many seconds after the proxy's start, as `Date` has it. */
function dateAt(seconds: number): string {
  return new Date(start + seconds * SECOND).toUTCString();
}

/** What a client that asks now is given; the request, where it goes upstream, is given up. */
function given(fields: Fields = {}): string {
  const stream = get(plugin, "/a", fields);
  const text = hitOf(stream);
  stream.disconnect();
  return text;
}

/** At one of two gateways on one Redis: what a client gets; `say` is the upstream's answer where it is asked. */
async function twoGateways() {
  const redis = new Redis();
  const gateways = [
    await cacheWith({}, { webdis: CACHE_WEBDIS }),
    await cacheWith({}, { webdis: CACHE_WEBDIS }),
  ] as const;
  return (at: 0 | 1, fields: Fields, say: Fields, body: string): string | undefined => {
    for (const one of gateways) one.proxy.clock.advance(10);
    const one = gateways[at];
    const stream = get(one.plugin, "/a", fields);
    redis.answerAll(one.proxy);
    if (stream.request.state === "forwarded") stream.respond(answer({ ...FRESH, ...say }, body));
    redis.answerAll(one.proxy);
    return stream.response?.text;
  };
}

describe("an answer with another Vary than the one that it replaces", () => {
  const OLD = { ...TEXT, "cache-control": "max-age=1, stale-while-revalidate=60", vary: "accept-encoding" };

  it.each([
    ["404 without Vary", 404, FRESH],
    ["200 with another Vary", 200, { ...FRESH, vary: "accept-language" }],
    ["200 with more names", 200, { ...FRESH, vary: "accept-encoding, accept-language" }],
    ["301", 301, { ...FRESH, location: "/b" }],
    ["410 that says when it was made", 410, { ...FRESH, date: "Wed, 01 Jan 2025 00:00:00 GMT" }],
  ])("is what everybody gets: %s", (_, status, fields) => {
    fill(plugin, "/a", answer(OLD, "OLD"));
    proxy.clock.advance(1.2 * SECOND);
    fill(plugin, "/a", answer(fields, "NEW", status));
    expect([given(), given(), given()]).toEqual(["NEW", "NEW", "NEW"]);
    proxy.clock.advance(61 * SECOND);
    // And when its time is over, too.
    expect(given()).toBe("forwarded");
  });

  it("has outdated it for good: it does not come back when the new one's time is over", () => {
    fill(plugin, "/a", answer({ ...FRESH, vary: "accept-encoding" }, "OLD"));
    proxy.clock.advance(SECOND);
    fill(plugin, "/a", answer({ ...TEXT, "cache-control": "max-age=5", vary: "x-a" }, "NEW"), {
      "cache-control": "no-cache",
    });
    expect(given()).toBe("NEW");
    proxy.clock.advance(6 * SECOND);
    fill(plugin, "/a", answer({ "cache-control": "private" }, "mine"), { "x-a": "1", "accept-encoding": "gzip" });
    expect(given()).toBe("forwarded");
  });

  it("leaves no stale one to stand in for an error", async () => {
    await use({ staleIfError: "10m" });
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1", vary: "accept-encoding" }, "OLD"));
    proxy.clock.advance(1.2 * SECOND);
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1" }, "gone", 404));
    proxy.clock.advance(2 * SECOND);
    const stream = fill(plugin, "/a", answer({}, "down", 503));
    expect([stream.response?.status, stream.response?.text]).toEqual([404, "gone"]);
  });

  it("has hits of its own when an origin drops Vary", () => {
    for (const encoding of ["gzip", "br"]) fill(plugin, "/a", answer(OLD, encoding), { "accept-encoding": encoding });
    proxy.clock.advance(70 * SECOND);
    fill(plugin, "/a", answer(FRESH, "all"), { "accept-encoding": "gzip" });
    for (const encoding of ["gzip", "br", "zstd"]) expect(given({ "accept-encoding": encoding })).toBe("all");
  });

  it("that may not be stored leaves nothing older behind", () => {
    fill(plugin, "/a", answer({ ...FRESH, vary: "accept-language" }, "one"));
    proxy.clock.advance(SECOND);
    fill(plugin, "/a", answer({ ...FRESH, vary: "accept-encoding" }, "two"), { "accept-language": "de" });
    expect([given(), given({ "accept-language": "de" })]).toEqual(["two", "two"]);
    proxy.clock.advance(SECOND);
    fill(plugin, "/a", answer({ ...TEXT, "cache-control": "private" }, "mine"), { "cache-control": "no-cache" });
    expect(given()).toBe("forwarded");
    // What that request would not have been given is as good as before.
    expect(given({ "accept-language": "de" })).toBe("forwarded");
    expect(given({ "accept-language": "de", "accept-encoding": "gzip" })).toBe("forwarded");
  });
});

describe("of several responses that a request selects", () => {
  it.each([
    ["by Date", 20, 10, "one"],
    ["by Date, in whichever order they came", 10, 20, "two"],
    ["by the time of the request where one has no Date", 20, undefined, "two"],
    ["by the time of the request within one second", 10, 10, "two"],
    ["by the time of the request where a Date is none", 20, "yesterday", "two"],
    ["by the time of the request where a Date is days ahead", 200_000, 10, "two"],
  ])("the most recent one is given: %s", (_, first, second, expected) => {
    const of = (date: number | string | undefined, vary: string): Fields => {
      if (date === undefined) return { ...FRESH, vary };
      return { ...FRESH, vary, date: typeof date === "string" ? date : dateAt(date) };
    };
    proxy.clock.advance(30 * SECOND);
    fill(plugin, "/a", answer(of(first, "x-a"), "one"), { "x-b": "1" });
    proxy.clock.advance(10);
    fill(plugin, "/a", answer(of(second, "x-b"), "two"), { "x-a": "1" });
    expect(given({})).toBe(expected);
    expect([given({ "x-b": "1" }), given({ "x-a": "1" })]).toEqual(["one", "two"]);
  });
});

describe("what another gateway's list of Vary names has put out of use", () => {
  it("is not followed by an older response without Vary", async () => {
    const ask = await twoGateways();
    ask(0, {}, { vary: "x-a", date: dateAt(30) }, "newest");
    ask(1, { "cache-control": "no-cache" }, { vary: "x-a", date: dateAt(0) }, "elsewhere");
    ask(0, { "x-a": "1" }, { date: dateAt(-1) }, "older");
    expect(ask(0, {}, {}, "new")).toBe("new");
  });

  it("is not followed by an older one from Redis", async () => {
    const ask = await twoGateways();
    ask(0, {}, { vary: "x-a", date: dateAt(30) }, "newest");
    ask(1, { "cache-control": "no-cache" }, { vary: "x-a", date: dateAt(0) }, "elsewhere");
    ask(0, { "x-a": "1" }, { "cache-control": "private" }, "mine");
    expect(ask(0, {}, {}, "new")).toBe("new");
  });

  it("is not followed by an older answer where one without Date has come in between", async () => {
    const ask = await twoGateways();
    ask(0, {}, { vary: "x-a", date: dateAt(30) }, "newest");
    ask(1, { "cache-control": "no-cache" }, { vary: "x-a" }, "elsewhere");
    ask(0, { "x-a": "1" }, {}, "without Date");
    ask(0, { "cache-control": "no-cache" }, { date: dateAt(0) }, "older");
    expect(ask(0, {}, {}, "new")).not.toBe("older");
  });
});

describe("a list without names that comes from Redis", () => {
  it("lets in no answer that is older than one which was not stored", async () => {
    const ask = await twoGateways();
    ask(0, { "x-a": "1" }, { vary: "x-a" }, "one");
    ask(0, {}, { "cache-control": "private", date: dateAt(30) }, "mine");
    ask(1, {}, { date: dateAt(0) }, "elsewhere");
    ask(0, { "x-a": "2" }, { date: dateAt(0) }, "older");
    expect(ask(0, {}, {}, "new")).toBe("new");
  });
});

describe("a server of the origin whose clock is ahead", () => {
  it.each([2 * 60, 10 * 3600, 200_000])("by %i seconds does not keep out what the others answer", (ahead) => {
    const fields = { ...TEXT, "cache-control": "max-age=10" };
    fill(plugin, "/a", answer({ ...fields, date: dateAt(ahead) }, "one"));
    proxy.clock.advance(11 * SECOND);
    fill(plugin, "/a", answer({ ...fields, date: dateAt(11) }, "two"));
    expect(given()).toBe("two");
  });
});

describe("an older response that comes in later", () => {
  /** Two requests, of which the second one is answered while the first one still waits. */
  function twoRequests(): [Stream, Stream] {
    const first = get(plugin, "/a");
    proxy.clock.advance(1.2 * SECOND);
    const second = get(plugin, "/a");
    proxy.clock.advance(0.1 * SECOND);
    return [first, second];
  }

  it("with its body does not take the newer one's place", () => {
    const [first, second] = twoRequests();
    first.respondHeaders([[":status", "200"], ...Object.entries(FRESH)]).respondBody("A");
    second.respond(answer(FRESH, "B"));
    proxy.clock.advance(3 * SECOND);
    first.respondBody("A", true);
    expect(first.response?.text).toBe("AA");
    expect([given(), given()]).toEqual(["B", "B"]);
  });

  it("with its headers does not take the newer one's place, and says so", () => {
    const [first, second] = twoRequests();
    second.respond(answer(FRESH, "B"));
    proxy.clock.advance(3 * SECOND);
    first.respond(answer(FRESH, "A"));
    expect(cacheStatus(first)).toBe("signpost; fwd=uri-miss; detail=outdated");
    expect([first.response?.text, given()]).toEqual(["A", "B"]);
  });

  it("with an older Date does not take its place, whichever was asked for first", () => {
    const [first, second] = twoRequests();
    second.respond(answer({ ...FRESH, date: dateAt(-5) }, "older"));
    proxy.clock.advance(SECOND);
    first.respond(answer({ ...FRESH, date: dateAt(0) }, "newer"));
    expect(given()).toBe("newer");
    fill(plugin, "/a", answer({ ...FRESH, date: dateAt(-1) }, "older"), { "cache-control": "no-cache" });
    expect(given()).toBe("newer");
  });

  it.each([
    ["private", answer({ "cache-control": "private" }, "B")],
    ["not to be stored", answer({ "cache-control": "no-store" }, "B")],
    ["of no use", answer({ "cache-control": "max-age=0" }, "B")],
    ["gone", answer({ "cache-control": "no-store" }, "B", 410)],
    ["too large", answer({ ...FRESH, "content-length": "2000000" }, "B".repeat(2_000_000))],
    ["one with trailers", { ...answer(FRESH, ""), chunks: ["B"], trailers: [["x-sum", "1"]] as const }],
  ])("is not stored either where the newer one is not: %s", (_, newer) => {
    const [first, second] = twoRequests();
    second.respond(newer);
    proxy.clock.advance(3 * SECOND);
    first.respond(answer(FRESH, "A"));
    expect(given()).toBe("forwarded");
    fill(plugin, "/a", answer(FRESH, "C"));
    expect(given()).toBe("C");
  });

  it("does not take a newer one's place that has another Vary", () => {
    const [first, second] = twoRequests();
    second.respond(answer({ ...FRESH, vary: "x-a" }, "B"));
    proxy.clock.advance(3 * SECOND);
    first.respond(answer(FRESH, "A"));
    expect([given(), given({ "x-a": "1" })]).toEqual(["B", "forwarded"]);
  });

  it("that may not be stored takes nothing newer away", () => {
    const [first, second] = twoRequests();
    second.respond(answer(FRESH, "B"));
    first.respond(answer({ "cache-control": "private" }, "A"));
    expect(given()).toBe("B");
    const head = send(plugin, "HEAD", "/a", { "cache-control": "no-cache" });
    head.respond({ status: 200, headers: [["content-length", "99"], ["date", dateAt(-9)]] }); // prettier-ignore
    expect(given()).toBe(given());
  });
});

describe("a 304 that comes late", () => {
  const V1 = { ...TEXT, "cache-control": "max-age=1", etag: '"v1"' };
  const CONFIRMS = answer({ "cache-control": "max-age=60", etag: '"v1"' }, "", 304);

  /** A request that validates v1, and is not answered yet. */
  function validating(): Stream {
    fill(plugin, "/a", answer(V1, "v1"));
    proxy.clock.advance(1.2 * SECOND);
    const stream = get(plugin, "/a");
    expect(stream.request.headers.get("if-none-match")).toBe('"v1"');
    proxy.clock.advance(0.3 * SECOND);
    return stream;
  }

  it.each([
    ["v2", answer({ ...FRESH, etag: '"v2"' }, "v2"), "v2"],
    ["410", answer(FRESH, "gone", 410), "gone"],
    ["v2 with Vary", answer({ ...FRESH, etag: '"v2"', vary: "accept-language" }, "v2"), "v2"],
    ["private", answer({ "cache-control": "private" }, "mine"), "forwarded"],
    ["no-store", answer({ "cache-control": "no-store" }, "secret"), "forwarded"],
  ])("does not bring back what was replaced meanwhile: %s", (_, newer, expected) => {
    const stream = validating();
    fill(plugin, "/a", newer);
    proxy.clock.advance(3.7 * SECOND);
    stream.respond(CONFIRMS);
    expect(stream.response?.text).toBe("v1");
    expect([given(), given()]).toEqual([expected, expected]);
  });

  it("does not bring back what was replaced by the same bytes in another answer", () => {
    const stream = validating();
    fill(plugin, "/a", answer({ ...FRESH, etag: 'W/"v1"' }, "v1 again"));
    proxy.clock.advance(SECOND);
    stream.respond(CONFIRMS);
    expect(given()).toBe("v1 again");
  });

  it("does not bring back what was invalidated meanwhile", () => {
    const stream = validating();
    send(plugin, "POST", "/a").respond({ status: 200 });
    proxy.clock.advance(SECOND);
    stream.respond(CONFIRMS);
    expect([stream.response?.text, given()]).toEqual(["v1", "forwarded"]);
  });

  it("takes nothing away where it is of another representation, or says that nothing may be stored", () => {
    for (const late of [answer({ etag: '"v0"' }, "", 304), answer({ "cache-control": "no-store" }, "", 304)]) {
      const stream = validating();
      fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=5", etag: '"v2"' }, "v2"));
      stream.respond(late);
      expect(given()).toBe("v2");
      proxy.clock.advance(100 * SECOND);
    }
  });

  it("brings up to date what is still stored, also where another one has done so already", () => {
    const stream = validating();
    get(plugin, "/a").respond(answer({ "cache-control": "max-age=2", etag: '"v1"', "x-n": "1" }, "", 304));
    proxy.clock.advance(0.1 * SECOND);
    const later = get(plugin, "/a", { "cache-control": "no-cache" });
    stream.respond(CONFIRMS);
    later.respond(CONFIRMS);
    proxy.clock.advance(30 * SECOND);
    expect(given()).toBe("v1");
  });
});

describe("an error that comes late", () => {
  beforeEach(async () => {
    await use({ staleIfError: "10m", collapse: { wait: "0s" } });
  });

  function asking(fields: Fields = { ...TEXT, "cache-control": "max-age=1", etag: '"v1"' }): Stream {
    fill(plugin, "/a", answer(fields, "v1"));
    proxy.clock.advance(1.2 * SECOND);
    const stream = get(plugin, "/a");
    proxy.clock.advance(0.3 * SECOND);
    return stream;
  }

  it("is answered with what is stored now, not with what was", () => {
    const stream = asking();
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v2"' }, "v2"));
    stream.respond(answer({}, "down", 503));
    expect([stream.response?.status, stream.response?.text, given()]).toEqual([200, "v2", "v2"]);
  });

  it("is not answered with what is outdated by now", () => {
    const stream = asking();
    fill(plugin, "/a", answer({ "cache-control": "private" }, "mine"));
    stream.respond(answer({}, "down", 503));
    expect([stream.response?.status, stream.response?.text]).toEqual([503, "down"]);
  });

  it("is not answered with what was changed meanwhile", () => {
    const stream = asking();
    send(plugin, "POST", "/a").respond({ status: 200 });
    stream.respond(answer({}, "down", 503));
    expect(stream.response?.status).toBe(503);
  });

  it("is answered with what was stored while a request went upstream that found nothing", () => {
    const stream = get(plugin, "/a");
    proxy.clock.advance(SECOND);
    fill(plugin, "/a", answer(FRESH, "v2"));
    stream.respond(answer({}, "down", 503));
    expect(stream.response?.text).toBe("v2");
  });
});

describe("an error that is stored", () => {
  it.each([500, 502, 503, 504, 501, 403, 405])("does not stand in for a newer one: %i", async (status) => {
    await use({ staleIfError: "10m" });
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1" }, "old", status));
    proxy.clock.advance(2 * SECOND);
    const stream = fill(plugin, "/a", answer({}, "new", 503));
    expect([stream.response?.status, stream.response?.text]).toEqual([503, "new"]);
  });

  it.each([200, 203, 204, 301, 404, 410])(
    "is not what says that a resource is there, or is gone: %i",
    async (status) => {
      await use({ staleIfError: "10m" });
      fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1" }, status === 204 ? "" : "old", status));
      proxy.clock.advance(2 * SECOND);
      const stream = fill(plugin, "/a", answer({}, "new", 503));
      expect(stream.response?.status).toBe(status);
    },
  );
});

describe("an answer to what one request alone asked", () => {
  it.each([
    ["a part", { range: "bytes=0-1" }, answer({ ...FRESH, "content-range": "bytes 0-1/5" }, "he", 206)],
    ["a range that is none", { range: "bytes=90-" }, answer({ "content-range": "bytes */5" }, "", 416)],
    ["its own copy is good", { "if-none-match": '"mine"' }, answer({ etag: '"mine"' }, "", 304)],
    ["its own condition does not hold", { "if-none-match": '"mine"' }, answer({}, "", 412)],
    ["a difference", { "a-im": "diffe" }, answer({ ...FRESH, im: "diffe" }, "diff", 226)],
    ["a length", {}, answer({}, "", 411)],
    ["too early", { "early-data": "1" }, answer({}, "", 425)],
    ["credentials", {}, answer({ "www-authenticate": "Basic" }, "", 401)],
    ["a language", { "accept-language": "xx" }, answer({}, "", 406)],
    ["an expectation", { expect: "x" }, answer({}, "", 417)],
    ["fewer requests", {}, answer({}, "", 429)],
    ["smaller headers", {}, answer({}, "", 431)],
  ])("leaves the stored whole as it is: %s", async (_, fields, response) => {
    await use({ staleIfError: "10m" });
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1" }, "whole"));
    proxy.clock.advance(2 * SECOND);
    const stream = get(plugin, "/a", fields).respond(response);
    expect(stream.response?.status).toBe(response.status);
    proxy.clock.advance(2 * SECOND);
    expect(fill(plugin, "/a", answer({}, "down", 503)).response?.text).toBe("whole");
    letWaitersGoOn(proxy);
    expect(proxy.violations).toEqual([]);
  });
});
