import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { answer, cacheWith, counted, fill, get, hitOf, SECOND } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const PRIVATE = { "cache-control": "private" };
const ERROR = answer({}, "oops", 503);

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

/** Requests for one URL, one for each of these headers, in this order. */
function herd(...each: readonly Fields[]): Stream[] {
  return each.map((fields) => get(plugin, "/a", fields));
}

function plain(size: number): Fields[] {
  return Array.from({ length: size }, () => ({}));
}

function bearer(name: string): Fields {
  return { authorization: `Bearer ${name}` };
}

/** How many of them the upstream has got so far, once everyone is led on who has to be. */
function sent(streams: readonly Stream[]): number {
  letWaitersGoOn(proxy);
  return streams.filter((stream) => stream.request.state === "forwarded").length;
}

/** The one that was sent last, and has no response yet. */
function asking(streams: readonly Stream[]): Stream {
  const [one, ...others] = streams.filter(({ request, response }) => request.state === "forwarded" && !response);
  if (one === undefined || others.length > 0) throw new Error(`${others.length} more than one request is out`);
  return one;
}

describe("a herd behind a response that is not for others", () => {
  it.each([
    ["whose leader has credentials", bearer("a"), FRESH],
    ["whose leader's is private", {}, PRIVATE],
    ["whose leader's sets a cookie", {}, { ...FRESH, "set-cookie": "a=1" }],
    ["whose leader's must not be stored", {}, { "cache-control": "no-store" }],
    ["whose leader's is stale at once", {}, { "cache-control": "max-age=0" }],
  ] satisfies [string, Fields, Fields][])(
    "makes two requests where the next one's is for all: one %s",
    (_, leads, fields) => {
      const streams = herd(leads, ...plain(50));
      asking(streams).respond(answer(fields, "mine"));
      expect(sent(streams)).toBe(2);
      asking(streams).respond(answer(FRESH));
      expect(sent(streams)).toBe(2);
      expect(streams.slice(2).map(hitOf)).toEqual(Array(49).fill("hello"));
      // No mark is left either: the next herd makes one.
      proxy.clock.advance(61 * SECOND);
      expect(sent(herd(...plain(10)))).toBe(1);
    },
  );

  it("goes upstream once the next one's is not for others either", () => {
    const streams = herd(...plain(50));
    for (const count of [1, 2]) {
      expect(sent(streams)).toBe(count);
      asking(streams).respond(answer(PRIVATE, "mine"));
    }
    expect(sent(streams)).toBe(50);
    expect(sent(herd(...plain(10)))).toBe(10);
  });

  it("of those with credentials goes upstream, and leaves those without to wait for each other", () => {
    const streams = herd(bearer("a"), bearer("b"), {}, bearer("c"), {}, bearer("d"), {});
    asking(streams).respond(answer(FRESH, "a's"));
    letWaitersGoOn(proxy);
    asking(streams).respond(answer(FRESH, "b's"));
    expect(sent(streams)).toBe(5);
    streams[2]?.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect([4, 6].map((i) => streams[i]?.response?.text)).toEqual(["hello", "hello"]);
  });

  it("waits for no validation of another one's credentials: the next one's confirms the stored response for all", () => {
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"' }));
    proxy.clock.advance(61 * SECOND);
    const streams = herd(bearer("a"), ...plain(20));
    asking(streams).respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(sent(streams)).toBe(2);
    asking(streams).respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(sent(streams)).toBe(2);
    expect(streams.map((stream) => stream.response?.text)).toEqual(Array(21).fill("hello"));
  });
});

describe("a mark that responses are not to be shared", () => {
  it("is of one variant, where it is known what they vary by", () => {
    const vary = { ...FRESH, "cache-control": "max-age=1", vary: "x-plan" };
    fill(plugin, "/a", answer(vary, "free"), { "x-plan": "free" });
    proxy.clock.advance(2 * SECOND);
    const paid = herd(...plain(3).map(() => ({ "x-plan": "paid" })));
    for (const count of [1, 2]) {
      expect(sent(paid)).toBe(count);
      asking(paid).respond(answer({ ...PRIVATE, vary: "x-plan" }, "mine"));
    }
    expect(sent(herd({ "x-plan": "paid" }, { "x-plan": "paid" }))).toBe(2);
    expect(sent(herd({ "x-plan": "free" }, { "x-plan": "free" }))).toBe(1);
  });

  it("goes when a response of that variant may be shared", () => {
    const vary = { ...FRESH, "cache-control": "max-age=1", vary: "x-plan" };
    fill(plugin, "/a", answer(vary, "free"), { "x-plan": "free" });
    fill(plugin, "/a", answer({ ...PRIVATE, vary: "x-plan" }, "mine"), { "x-plan": "paid" });
    fill(plugin, "/a", answer(vary, "all's"), { "x-plan": "paid" });
    proxy.clock.advance(2 * SECOND);
    expect(sent(herd({ "x-plan": "paid" }, { "x-plan": "paid" }))).toBe(1);
  });
});

describe("a herd of several variants that nobody knew of", () => {
  it("makes one request for each of them", () => {
    const languages = ["de", "en", "fr"];
    const streams = herd(...Array.from({ length: 30 }, (_, i) => ({ "accept-language": languages[i % 3] ?? "" })));
    const speak = (): void => {
      letWaitersGoOn(proxy);
      for (const stream of streams.filter(({ request, response }) => request.state === "forwarded" && !response)) {
        const language = stream.request.headers.get("accept-language") ?? "";
        stream.respond(answer({ ...FRESH, vary: "accept-language" }, language));
      }
    };
    speak();
    speak();
    expect(sent(streams)).toBe(3);
    expect(streams.map((stream) => stream.response?.text)).toEqual(streams.map((_, i) => languages[i % 3]));
    expect(counted(proxy)["fetches"]).toBeUndefined();
  });
});

describe("a herd whose upstream fails", () => {
  it.each([500, 502, 503, 504, 429])("is at it one by one, each after the last one's answer: %i", (status) => {
    const streams = herd(...plain(20));
    for (let count = 1; count <= 10; count++) {
      expect(sent(streams)).toBe(count);
      asking(streams).respond(answer({}, "oops", status));
    }
    expect(sent(streams)).toBe(11);
    asking(streams).respond(answer(FRESH));
    expect(sent(streams)).toBe(11);
    expect(streams.slice(11).map(hitOf)).toEqual(Array(9).fill("hello"));
    expect(counted(proxy)["fetches"]).toBeUndefined();
  });

  it("is so also when nobody answers, and when connections break in the middle", () => {
    const streams = herd(...plain(5));
    asking(streams).breakUpstream();
    expect(sent(streams)).toBe(2);
    asking(streams)
      .respondHeaders({ ":status": "200", ...FRESH })
      .breakUpstream();
    expect(sent(streams)).toBe(3);
    asking(streams).respond(answer(FRESH));
    expect(sent(streams)).toBe(3);
  });

  it("leaves no mark: those who come later wait for each other, too", () => {
    fill(plugin, "/a", ERROR);
    const streams = herd(...plain(20));
    expect(sent(streams)).toBe(1);
    asking(streams).respond(ERROR);
    expect(sent(streams)).toBe(2);
    expect(sent(herd(...plain(5)))).toBe(0);
  });

  it("waits no longer than each may", () => {
    const streams = herd(...plain(5));
    proxy.clock.advance(SECOND);
    asking(streams).respond(ERROR);
    const late = herd(...plain(5));
    expect(sent([...streams, ...late])).toBe(2);
    proxy.clock.advance(1.1 * SECOND);
    expect([sent(streams), sent(late)]).toEqual([5, 0]);
  });

  it("is at it one by one with a stored response that is too old to stand in", () => {
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"' }));
    proxy.clock.advance(61 * SECOND);
    const streams = herd(...plain(20));
    for (let count = 1; count <= 5; count++) {
      expect(sent(streams)).toBe(count);
      asking(streams).respond(ERROR);
    }
    letWaitersGoOn(proxy);
    asking(streams).respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(sent(streams)).toBe(6);
    expect(streams.slice(6).map(hitOf)).toEqual(Array(14).fill("hello"));
  });
});
