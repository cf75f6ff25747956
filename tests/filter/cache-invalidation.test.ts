import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { HOST } from "../fixtures/route/fixture.ts";
import { CACHE_WEBDIS, Redis, asksWhenInvalidated, commandOf } from "./support/redis.ts";
import { webdisErrs, webdisSays } from "./support/tiers.ts";
import { answer, cacheStatus, cacheWith, counted, fill, get, hitOf, send, SECOND } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith({}, {}, { workers: 2 }));
});

/** Stores something for a URL in both workers. */
function store(path: string, fields: Fields = {}, more: Fields = {}): void {
  for (const worker of [0, 1]) fill(plugin, path, answer({ ...FRESH, ...more }), fields, worker);
  proxy.clock.advance(1);
}

/** What both workers have for a URL. */
function hits(path: string, fields: Fields = {}): string[] {
  return [0, 1].map((worker) => {
    const stream = get(plugin, path, fields, worker);
    const hit = hitOf(stream);
    stream.disconnect();
    return hit;
  });
}

const KEPT = ["hello", "hello"];
const GONE = ["forwarded", "forwarded"];

describe("a request that changes a resource", () => {
  it.each([{ methods: ["GET", "HEAD"] }, { headers: { accept: "*" } }])(
    "makes all workers forget it, also where the cache is for other requests for the URI: %j",
    async (match) => {
      ({ proxy, plugin } = await cacheWith({ match: { ...match, paths: ["/a"] } }, {}, { workers: 2 }));
      const asked = { accept: "text/html" };
      store("/a", asked);
      send(plugin, "POST", "/b").respond(answer({ "content-location": "/a" }));
      send(plugin, "OPTIONS", "/a").respond(answer({}));
      expect(hits("/a", asked)).toEqual(KEPT);
      send(plugin, "POST", "/a").respond(answer({}));
      expect(hits("/a", asked)).toEqual(GONE);
    },
  );

  it.each(["POST", "PUT", "PATCH", "DELETE", "MKCOL", "BREW"])("makes all workers forget it: %s", (method) => {
    store("/a");
    expect(hits("/a")).toEqual(KEPT);
    const stream = send(plugin, method, "/a");
    // Not before the upstream has said that it worked.
    expect(hits("/a")).toEqual(KEPT);
    stream.respond({ status: 200 });
    expect(cacheStatus(stream)).toBe("signpost; fwd=method");
    expect(hits("/a")).toEqual(GONE);
    expect(counted(proxy)).toMatchObject({ invalidations: 1, passes: 1 });
  });

  it.each([200, 201, 204, 301, 303])("and is answered %i does so", (status) => {
    store("/a");
    send(plugin, "POST", "/a").respond({ status });
    expect(hits("/a")).toEqual(GONE);
  });

  it.each([400, 403, 404, 409, 500, 503])("and is answered %i changes nothing", (status) => {
    store("/a");
    send(plugin, "POST", "/a").respond({ status });
    expect(hits("/a")).toEqual(KEPT);
  });

  it.each(["OPTIONS", "TRACE", "PROPFIND", "CONNECT"])("is none with the method %s", (method) => {
    store("/a");
    send(plugin, method, "/a").respond({ status: 200 });
    expect(hits("/a")).toEqual(KEPT);
  });

  it("makes them forget all variants of it, and those for other origins", () => {
    for (const language of ["de", "en"]) store("/a", { "accept-language": language }, { vary: "accept-language" });
    store("/a", { origin: "https://other" });
    send(plugin, "PUT", "/a").respond({ status: 204 });
    for (const language of ["de", "en"]) expect(hits("/a", { "accept-language": language })).toEqual(GONE);
    expect(hits("/a", { origin: "https://other" })).toEqual(GONE);
  });

  it("leaves other URLs alone", () => {
    store("/a?x=1");
    store("/a/b");
    send(plugin, "PUT", "/a").respond({ status: 204 });
    expect([hits("/a?x=1"), hits("/a/b")]).toEqual([KEPT, KEPT]);
  });

  it.each([
    ["location", "/b"],
    ["location", `http://${HOST}/b`],
    ["location", "b"],
    ["content-location", "/x/../b"],
    ["content-location", `//${HOST.toUpperCase()}:80/b`],
  ])("makes them forget what its response refers to: %s: %s", (name, value) => {
    store("/a");
    store("/b");
    send(plugin, "POST", "/a").respond({ status: 201, headers: [[name, value]] });
    expect([hits("/a"), hits("/b")]).toEqual([GONE, GONE]);
  });

  it.each([
    ["location", "http://other.example/b"],
    ["location", `https://${HOST}/b`],
    ["content-location", `//${HOST}:81/b`],
    ["location", "mailto:b"],
  ])("does not where that is another origin's: %s: %s", (name, value) => {
    store("/b");
    send(plugin, "POST", "/a").respond({ status: 201, headers: [[name, value]] });
    expect(hits("/b")).toEqual(KEPT);
  });

  it("keeps out what was asked for before it, and comes after it", () => {
    const early = get(plugin, "/a", {}, 1);
    proxy.clock.advance(1);
    send(plugin, "POST", "/a").respond({ status: 200 });
    proxy.clock.advance(1);
    early.respond(answer(FRESH, "from before"));
    expect(early.response?.text).toBe("from before");
    expect(hits("/a")).toEqual(GONE);
  });

  it("lets in what is asked for after it", () => {
    store("/a");
    send(plugin, "POST", "/a").respond({ status: 200 });
    proxy.clock.advance(1);
    store("/a");
    expect(hits("/a")).toEqual(KEPT);
  });

  it("is heeded with a body, and with headers that are no business of a cache", () => {
    store("/a");
    const stream = plugin
      .openStream()
      .sendRequestHeaders(
        [
          [":method", "POST"],
          [":scheme", "http"],
          [":authority", HOST],
          [":path", "/a"],
          ["x-http-method-override", "DELETE"],
          ["upgrade", "h2c"],
        ],
        { endOfStream: false },
      )
      .sendRequestBody("data");
    stream.respond({ status: 200 });
    expect(hits("/a")).toEqual(GONE);
  });

  it("is heeded also where its lookup has failed", async () => {
    const sections = { webdis: CACHE_WEBDIS, lookups: [{ name: "a", match: { methods: ["POST"] }, key: "a:{path}" }] };
    ({ proxy, plugin } = await cacheWith({ shared: false }, sections, { workers: 2 }));
    store("/a");
    const stream = send(plugin, "POST", "/a");
    proxy.calls[0]?.timeOut();
    stream.respond({ status: 200 });
    expect(hits("/a")).toEqual(GONE);
  });

  it("is remembered for more URLs than there are places: what is forgotten counts as changed", () => {
    proxy.recording = false;
    store("/kept");
    for (let i = 0; i < 100_000; i += 4) send(plugin, "POST", `/${i}`).respond({ status: 200 });
    // Some 6 in each list: nothing is lost, and nothing that was never changed.
    expect(hits("/kept")).toEqual(KEPT);
    expect(proxy.violations).toEqual([]);
  });
});

describe("with Redis, a request that changes a resource", () => {
  let redis: Redis;

  beforeEach(async () => {
    redis = new Redis();
    ({ proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS }));
  });

  it("says so there for all gateways, whatever their requests are like", () => {
    proxy.clock.advance(SECOND);
    send(plugin, "POST", "/a").respond({ status: 200 });
    const write = commandOf(proxy.calls[0]);
    // For longer than anything that was asked for before may be used.
    expect([write.name, Buffer.from(write.value).toString(), write.ttl]).toEqual([
      "PSETEX",
      String(proxy.clock.now),
      24 * 3600 * SECOND + 10 * SECOND,
    ]);
    expect(proxy.calls).toHaveLength(1);
  });

  it.each([
    ["like it", {}, {}],
    ["without its Origin", { origin: "https://shop.example" }, {}],
    ["with another Origin", { origin: "https://shop.example" }, { origin: "https://other.example" }],
    ["in another language", {}, { "accept-language": "de" }],
  ])("takes what is stored for requests %s from all gateways", async (_, changing, fields) => {
    for (const vary of [undefined, "accept-language"]) {
      const path = `/${vary}`;
      const response = answer(vary === undefined ? FRESH : { ...FRESH, vary });
      const first = get(plugin, path, fields);
      redis.answerAll(proxy);
      first.respond(response);
      redis.answerAll(proxy);
      expect(await fromRedis(path, fields)).toBe("hello");
      proxy.clock.advance(SECOND);
      send(plugin, "POST", path, changing).respond({ status: 200 });
      redis.answerAll(proxy);
      expect(await fromRedis(path, fields)).toBe("forwarded");
    }
  });

  it.each(["location", "content-location"])("takes what its response refers to, too: %s", async (name) => {
    const first = get(plugin, "/b");
    redis.answerAll(proxy);
    first.respond(answer(FRESH));
    redis.answerAll(proxy);
    proxy.clock.advance(SECOND);
    send(plugin, "POST", "/a", { origin: "https://shop.example" }).respond({ status: 201, headers: [[name, "/b"]] });
    redis.answerAll(proxy);
    expect(await fromRedis("/b")).toBe("forwarded");
  });

  it("is heeded for what the lookups made differ, too", async () => {
    const lookups = [{ name: "route", key: "route:{header[x-tenant]}", owns: ["x-cell"] }];
    const sections = { webdis: CACHE_WEBDIS, lookups };
    const routed = async (): Promise<{ proxy: ProxyHost; plugin: Plugin }> => cacheWith({}, sections);
    const settle = (at: ProxyHost, tenant: string): void => {
      for (let call = at.calls[0]; call !== undefined; call = at.calls[0]) {
        if (call.path.includes("route%3A")) webdisSays(call, JSON.stringify({ headers: { "x-cell": tenant } }));
        else redis.answer(at, call);
      }
    };
    const read = async (seconds: number): Promise<string> => {
      const other = await routed();
      other.proxy.clock.advance(seconds * SECOND);
      const stream = get(other.plugin, "/a", { "x-tenant": "ann" });
      settle(other.proxy, "ann");
      return hitOf(stream);
    };
    const one = await routed();
    const first = get(one.plugin, "/a", { "x-tenant": "ann" });
    settle(one.proxy, "ann");
    first.respond(answer(FRESH));
    settle(one.proxy, "ann");
    expect(await read(1)).toBe("hello");
    one.proxy.clock.advance(SECOND);
    const change = send(one.plugin, "POST", "/a", { "x-tenant": "bob" });
    settle(one.proxy, "bob");
    change.respond({ status: 200 });
    settle(one.proxy, "bob");
    expect(await read(2)).toBe("forwarded");
  });

  it("lets gateways use what is asked for later, by more than their clocks may differ", async () => {
    send(plugin, "POST", "/a").respond({ status: 200 });
    redis.answerAll(proxy);
    for (const [seconds, expected] of [
      [1, "forwarded"],
      [5, "hello"],
    ] as const) {
      proxy.clock.advance(seconds * SECOND);
      const stream = get(plugin, "/a", { "cache-control": "no-cache" });
      stream.respond(answer(FRESH));
      redis.answerAll(proxy);
      expect(await fromRedis("/a")).toBe(expected);
    }
  });

  it.each([
    ["is not answered in time", (call: HttpCall) => call.timeOut()],
    ["is answered with an error", (call: HttpCall) => webdisErrs(call, "NOPERM")],
    ["is answered with no time", (call: HttpCall) => webdisSays(call, "soon")],
    ["gets the reply to another one", (call: HttpCall) => call.reply({ body: "$-1\r\n" })],
  ])("is taken to be the case where the question %s", async (_, reply) => {
    const first = get(plugin, "/a");
    redis.answerAll(proxy);
    first.respond(answer(FRESH));
    redis.answerAll(proxy);
    const other = await cacheWith({}, { webdis: CACHE_WEBDIS });
    const stream = get(other.plugin, "/a");
    const [question] = other.proxy.calls;
    if (question) redis.answer(other.proxy, question);
    const [call] = other.proxy.calls;
    if (call === undefined || !asksWhenInvalidated(call)) throw new Error("nobody asks");
    // Nobody is given what it may concern in the meantime.
    const meanwhile = get(other.plugin, "/a");
    expect(meanwhile.request.state).toBe("paused");
    reply(call);
    expect(hitOf(stream)).toBe("forwarded");
    expect(other.proxy.violations).toEqual([]);
  });

  it("keeps out what another gateway wrote before it", async () => {
    const other = await cacheWith({}, { webdis: CACHE_WEBDIS });
    const stale = get(other.plugin, "/a");
    redis.answerAll(other.proxy);
    stale.respond(answer(FRESH, "from before"));
    proxy.clock.advance(SECOND);
    send(plugin, "POST", "/a").respond({ status: 200 });
    redis.answerAll(proxy);
    // Its write is late.
    redis.answerAll(other.proxy);
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("forwarded");
  });

  it("keeps out a write of the response that still waits", async () => {
    const first = get(plugin, "/a");
    redis.answerAll(proxy);
    proxy.clock.advance(1);
    first.respond(answer(FRESH));
    proxy.clock.advance(1);
    const inFlight = proxy.calls[0];
    send(plugin, "POST", "/a").respond({ status: 200 });
    inFlight?.reply({ status: 503 });
    proxy.clock.advance(10 * SECOND);
    redis.answerAll(proxy);
    expect(await fromRedis("/a")).toBe("forwarded");
  });

  /** What a gateway with an empty memory has for a request. */
  async function fromRedis(path: string, fields: Fields = {}): Promise<string> {
    const other = await cacheWith({}, { webdis: CACHE_WEBDIS }, { startTime: proxy.clock.now });
    const stream = get(other.plugin, path, fields);
    redis.answerAll(other.proxy);
    return hitOf(stream);
  }
});
