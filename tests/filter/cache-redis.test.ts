import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { CACHE_WEBDIS, Redis, commandOf, respOf } from "./support/redis.ts";
import { answer, cacheStatus, cacheWith, counted, fill, get, header, hitOf, send, SECOND } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };

let redis: Redis;
let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  redis = new Redis();
  ({ proxy, plugin } = await gateway());
});

/** A gateway of the fleet, with a store of its own. */
function gateway(webdis: Record<string, unknown> = {}): Promise<{ proxy: ProxyHost; plugin: Plugin }> {
  return cacheWith({}, { webdis: { ...CACHE_WEBDIS, ...webdis } });
}

/** Lets another gateway fetch something and write it to Redis. */
async function warmRedis(fields: Record<string, string> = FRESH, body = "hello", request = {}): Promise<void> {
  const other = await gateway();
  const stream = get(other.plugin, "/a", request);
  redis.answerAll(other.proxy);
  stream.respond(answer(fields, body));
  redis.answerAll(other.proxy);
  redis.commands.splice(0);
}

function theCall(): HttpCall {
  const [call, ...others] = proxy.calls;
  if (call === undefined || others.length > 0) throw new Error(`${proxy.calls.length} calls are out`);
  return call;
}

describe("a request for what is not in the local store", () => {
  it("asks Redis first, within the time limit, and goes upstream when there is nothing", () => {
    const stream = get(plugin, "/a");
    expect(stream.request.state).toBe("paused");
    expect(commandOf(theCall())).toMatchObject({
      name: "GET",
      key: expect.stringMatching(/^signpost:cache:/) as string,
    });
    expect(theCall().timeoutMs).toBe(50);
    theCall().reply({ body: respOf(null) });
    expect(stream.request.state).toBe("forwarded");
    stream.respond(answer(FRESH));
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; stored");
    expect(counted(proxy)).toMatchObject({ misses: 1, "redis.misses": 1, stored: 1 });
  });

  it("is answered with what another gateway stored, as it came there and as old as it is", async () => {
    await warmRedis({ ...FRESH, etag: '"v1"', "x-a": "1", age: "5" });
    proxy.clock.advance(3 * SECOND);
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("hello");
    expect([header(stream, "etag"), header(stream, "x-a"), header(stream, "age")]).toEqual(['"v1"', "1", "8"]);
    expect(cacheStatus(stream)).toBe("signpost; hit; ttl=52; detail=redis");
    // The response, and whether its URI has been invalidated since.
    expect(redis.takeNames()).toEqual(["GET", "GET"]);
    // And the next one without a call.
    expect(cacheStatus(get(plugin, "/a"))).toBe("signpost; hit; ttl=52");
    expect(counted(proxy)).toMatchObject({ hits: 1, hits_from_redis: 1, "redis.hits": 1 });
  });

  it("shares the question with others, who share the answer", async () => {
    await warmRedis();
    const streams = Array.from({ length: 100 }, () => get(plugin, "/a"));
    expect(proxy.calls).toHaveLength(1);
    redis.answerAll(proxy);
    letWaitersGoOn(proxy);
    expect(new Set(streams.map(hitOf))).toEqual(new Set(["hello"]));
    expect(proxy.violations).toEqual([]);
  });

  it("shares the request upstream, too, when Redis has nothing", () => {
    const [leader, ...others] = Array.from({ length: 10 }, () => get(plugin, "/a"));
    redis.answerAll(proxy);
    letWaitersGoOn(proxy);
    expect(leader?.request.state).toBe("forwarded");
    expect(new Set(others.map((stream) => stream.request.state))).toEqual(new Set(["paused"]));
    leader?.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(new Set(others.map(hitOf))).toEqual(new Set(["hello"]));
  });

  it("leaves the question to the next one where its client leaves", async () => {
    await warmRedis();
    const [leader, next] = [get(plugin, "/a"), get(plugin, "/a")];
    leader.disconnect();
    redis.answerAll(proxy);
    letWaitersGoOn(proxy);
    expect(hitOf(next)).toBe("hello");
    expect(proxy.violations).toEqual([]);
  });

  it("that wants nothing but what is stored may find it there, or not", async () => {
    const missing = get(plugin, "/b", { "cache-control": "only-if-cached" });
    redis.answerAll(proxy);
    expect(missing.response?.status).toBe(504);
    await warmRedis();
    const found = get(plugin, "/a", { "cache-control": "only-if-cached" });
    redis.answerAll(proxy);
    expect(hitOf(found)).toBe("hello");
  });

  it("that wants nothing but what is stored never goes upstream, even where nobody waits for each other", () => {
    const first = get(plugin, "/a");
    redis.answerAll(proxy);
    first.respond(answer({ "cache-control": "private" }));
    const stream = get(plugin, "/a", { "cache-control": "only-if-cached" });
    redis.answerAll(proxy);
    expect(stream.response?.status).toBe(504);
  });

  it.each(["no-cache", "max-age=0"])("does not ask where the client wants the origin's word: %s", (directive) => {
    expect(get(plugin, "/a", { "cache-control": directive }).request.state).toBe("forwarded");
    expect(proxy.calls).toEqual([]);
  });

  it.each([
    ["HEAD", {}],
    ["GET", { range: "bytes=1-2" }],
    ["GET", { "if-none-match": '"v1"' }],
  ])("is answered from there as it asks: %s %j", async (method, fields) => {
    await warmRedis({ ...FRESH, etag: '"v1"' });
    const stream = send(plugin, method, "/a", fields);
    redis.answerAll(proxy);
    expect(stream.request.state).toBe("answered");
    expect(stream.response?.status).toBe(method === "HEAD" ? 200 : "range" in fields ? 206 : 304);
  });

  it("that is past its time there is validated", async () => {
    await warmRedis({ ...FRESH, etag: '"v1"' });
    proxy.clock.advance(61 * SECOND);
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    expect(stream.request.headers.get("if-none-match")).toBe('"v1"');
    stream.respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    expect(stream.response?.text).toBe("hello");
    redis.answerAll(proxy);
    expect(redis.takeNames()).toEqual(["GET", "GET", "PSETEX"]);
  });
});

describe("what is stored goes to Redis", () => {
  it("after its client has the whole of it, for as long as it can be used", () => {
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    const [read] = redis.commands;
    stream.respond(answer(FRESH));
    expect(stream.response?.complete).toBe(true);
    const write = commandOf(theCall());
    expect(write).toMatchObject({ name: "PSETEX", key: read?.key, ttl: 60 * SECOND });
    expect(Buffer.from(write.value).includes("hello")).toBe(true);
  });

  it("for an hour more where it can be validated, and for the time in which it may be served stale", () => {
    for (const [path, fields, ttl] of [
      ["/etag", { ...FRESH, etag: '"v1"' }, 3660],
      ["/stale", { "cache-control": "max-age=60, stale-if-error=100" }, 160],
      ["/aged", { "cache-control": "max-age=60", age: "20" }, 40],
    ] as const) {
      const stream = get(plugin, path);
      redis.answerAll(proxy);
      stream.respond(answer(fields));
      expect([path, commandOf(theCall()).ttl]).toEqual([path, ttl * SECOND]);
      redis.answerAll(proxy);
    }
  });

  it("unless nobody could use it", () => {
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    stream.respond(answer({ "cache-control": "max-age=0" }));
    expect(proxy.calls).toEqual([]);
  });

  it("unless it is not to be shared", async () => {
    ({ proxy, plugin } = await cacheWith({ shared: false }, { webdis: CACHE_WEBDIS }));
    fill(plugin, "/a", answer(FRESH));
    expect(proxy.calls).toEqual([]);
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("and what Redis does not take is counted and nothing else", () => {
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    stream.respond(answer(FRESH));
    theCall().reply({ body: "-OOM command not allowed when used memory > 'maxmemory'.\r\n" });
    proxy.clock.advance(2 * SECOND);
    theCall().reply({ body: "-OOM command not allowed when used memory > 'maxmemory'.\r\n" });
    proxy.clock.advance(2 * SECOND);
    expect(proxy.metrics.value("signpost.writes.dropped.failed")).toBe(1);
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });
});

function stalls(call: HttpCall): void {
  call.begin();
  proxy.clock.advance(call.timeoutMs);
}

describe("a Redis that cannot say", () => {
  const FAILURES: Record<string, [(call: HttpCall) => void, string]> = {
    "does not answer in time": [(call) => call.timeOut(), "redis.errors.timeout"],
    "is not there": [(call) => call.refuse(), "redis.errors.unavailable"],
    "breaks the connection": [(call) => call.reset(), "redis.errors.unavailable"],
    "is stopped": [(call) => call.reply({ status: 503 }), "redis.errors.unavailable"],
    "does not let us in": [(call) => call.reply({ status: 403, body: "Forbidden" }), "redis.errors.unavailable"],
    "has begun an answer in time": [stalls, "redis.errors.timeout"],
    "is loading": [(call) => call.reply({ body: "-LOADING Redis is loading\r\n" }), "redis.errors.unavailable"],
    "wants a password": [(call) => call.reply({ body: "-NOAUTH no\r\n" }), "redis.errors.unavailable"],
    "has an error": [(call) => call.reply({ body: "-WRONGTYPE Operation against a key\r\n" }), "redis.errors.invalid"],
    "says something else": [(call) => call.reply({ body: ":3\r\n" }), "redis.errors.invalid"],
    "says nothing": [(call) => call.reply({ body: "" }), "redis.errors.invalid"],
  };

  it.each(Object.entries(FAILURES))("(it %s) costs a request nothing but the time", (_, [fail, count]) => {
    const [leader, follower] = [get(plugin, "/a"), get(plugin, "/a")];
    fail(theCall());
    expect(leader.request.state).toBe("forwarded");
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect([leader.response?.text, hitOf(follower)]).toEqual(["hello", "hello"]);
    redis.answerAll(proxy);
    expect(counted(proxy)).toMatchObject({ [count]: 1 });
  });

  it("is late by itself: the time limit ends the wait", () => {
    const stream = get(plugin, "/a");
    proxy.clock.advance(49);
    expect(stream.request.state).toBe("paused");
    proxy.clock.advance(1);
    expect(stream.request.state).toBe("forwarded");
  });

  it("is left alone after five failures, for a second, and then tried by one request", () => {
    for (let i = 0; i < 5; i++) {
      get(plugin, `/${i}`);
      theCall().refuse();
    }
    expect(get(plugin, "/a").request.state).toBe("forwarded");
    expect(proxy.calls).toEqual([]);
    proxy.clock.advance(1.1 * SECOND);
    expect(get(plugin, "/b").request.state).toBe("paused");
    expect(get(plugin, "/c").request.state).toBe("forwarded");
    redis.answerAll(proxy);
    expect(get(plugin, "/d").request.state).toBe("paused");
  });

  it("is asked so many questions at a time at most", async () => {
    ({ proxy, plugin } = await gateway({ maxInFlight: 2 }));
    const states = ["/a", "/b", "/c"].map((path) => get(plugin, path).request.state);
    expect(states).toEqual(["paused", "paused", "forwarded"]);
    redis.answerAll(proxy);
    expect(counted(proxy)).toMatchObject({ "redis.errors.overload": 1 });
  });

  it("may be a cluster that is not there", async () => {
    ({ proxy, plugin } = await cacheWith({}, { webdis: { cluster: "nowhere" } }));
    const stream = get(plugin, "/a");
    expect(stream.request.state).toBe("forwarded");
    stream.respond(answer(FRESH));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });
});

describe("a value in Redis that is not the response that was asked for", () => {
  /** What the other gateway wrote under the key. */
  function written(): { key: string; value: Buffer } {
    const [[key, { value }] = ["", { value: new Uint8Array() }]] = [...redis.values];
    return { key, value: Buffer.from(value) };
  }

  function expectMiss(value: Uint8Array | string, count: string): void {
    const stream = get(plugin, "/a");
    theCall().reply({ body: respOf(value) });
    expect(stream.request.state).toBe("forwarded");
    stream.respond(answer(FRESH, "from upstream"));
    expect(stream.response?.text).toBe("from upstream");
    redis.answerAll(proxy);
    expect(counted(proxy)).toMatchObject({ [count]: 1 });
  }

  beforeEach(async () => {
    await warmRedis();
  });

  it("has a bit flipped", () => {
    const { value } = written();
    value.writeUInt8(value.readUInt8(value.length - 1) ^ 1, value.length - 1);
    expectMiss(value, "redis.damaged");
  });

  it("is cut short", () => {
    expectMiss(written().value.subarray(0, -1), "redis.damaged");
  });

  it("is of another version of the filter", () => {
    const { value } = written();
    value.writeUInt32LE(3, 4);
    expectMiss(value, "redis.other_versions");
  });

  it("is no envelope at all", () => {
    expectMiss('{"path": "/svc"}', "redis.damaged");
  });

  it("is a tombstone", () => {
    expectMiss("-", "redis.misses");
  });

  it("is empty", () => {
    expectMiss("", "redis.misses");
  });

  it("is another key's, whole and sound", () => {
    const stream = get(plugin, "/b");
    theCall().reply({ body: respOf(written().value) });
    expect(stream.request.state).toBe("forwarded");
    stream.disconnect();
    // Nor does it lie in the store now, for anyone.
    expect(get(plugin, "/a").request.state).toBe("paused");
    expect(get(plugin, "/b").request.state).toBe("paused");
    redis.answerAll(proxy);
    expect(counted(proxy)).toMatchObject({ "redis.errors.invalid": 1 });
  });
});

describe("variants in Redis", () => {
  const vary = { ...FRESH, vary: "accept-language" };
  const DE = { "accept-language": "de" };
  const EN = { "accept-language": "en" };

  it("are found by the index under the URL's key, each under one of its own", async () => {
    await warmRedis(vary, "deutsch", DE);
    expect(redis.values.size).toBe(2);
    const stream = get(plugin, "/a", DE);
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("deutsch");
    expect(redis.takeNames()).toEqual(["GET", "GET", "GET"]);
    expect(hitOf(get(plugin, "/a", DE))).toBe("deutsch");
  });

  it("are nobody else's", async () => {
    await warmRedis(vary, "deutsch", DE);
    const stream = get(plugin, "/a", EN);
    redis.answerAll(proxy);
    expect(stream.request.state).toBe("forwarded");
    stream.respond(answer(vary, "english"));
    redis.answerAll(proxy);
    // Both gateways find both from now on.
    const third = await gateway();
    for (const [fields, body] of [
      [EN, "english"],
      [DE, "deutsch"],
    ] as const) {
      const found = get(third.plugin, "/a", fields);
      redis.answerAll(third.proxy);
      expect(hitOf(found)).toBe(body);
    }
  });

  it("are not mixed up by an index that another URL's value took the place of", async () => {
    await warmRedis(vary, "deutsch", DE);
    const index = [...redis.values.values()].find(
      ({ value }) => Buffer.from(value).subarray(0, 4).toString() === "SPRV",
    );
    const stream = get(plugin, "/b", DE);
    theCall().reply({ body: respOf(index?.value ?? null) });
    redis.answerAll(proxy);
    expect(stream.request.state).toBe("forwarded");
    // Nor do its lists come into that URL's own: each would be looked up for every request.
    stream.respond(answer({ ...FRESH, vary: "x-a" }));
    const [ours] = proxy.calls.map((call) => Buffer.from(commandOf(call).value));
    expect([ours?.includes("x-a"), ours?.includes("accept-language")]).toEqual([true, false]);
  });

  it("of a URL that no longer varies are not served before what came later", async () => {
    await warmRedis(vary, "deutsch", DE);
    proxy.clock.advance(SECOND);
    const stream = get(plugin, "/a", EN);
    redis.answerAll(proxy);
    stream.respond(answer(FRESH, "for all"));
    redis.answerAll(proxy);
    const other = await gateway();
    const found = get(other.plugin, "/a", { "accept-language": "fr" });
    redis.answerAll(other.proxy);
    expect(hitOf(found)).toBe("for all");
  });
});

describe("of several variants in Redis that a request selects", () => {
  it("the most recent one is given, under whichever names it came", async () => {
    await warmRedis({ ...FRESH, vary: "x-a" }, "one", { "x-b": "1" });
    const other = await gateway();
    other.proxy.clock.advance(SECOND);
    const stream = get(other.plugin, "/a", { "x-a": "1" });
    redis.answerAll(other.proxy);
    stream.respond(answer({ ...FRESH, vary: "x-b" }, "two"));
    redis.answerAll(other.proxy);
    proxy.clock.advance(2 * SECOND);
    for (const [fields, body] of [
      [{}, "two"],
      [{ "x-b": "1" }, "one"],
      [{ "x-a": "1" }, "two"],
    ] as const) {
      const found = get(plugin, "/a", fields);
      redis.answerAll(proxy);
      expect(hitOf(found)).toBe(body);
    }
  });

  it("those that a newer answer has outdated are gone for all gateways, also when its own time is over", async () => {
    await warmRedis({ ...FRESH, "cache-control": "max-age=600", vary: "accept-encoding" }, "OLD");
    const other = await gateway();
    other.proxy.clock.advance(SECOND);
    const stream = get(other.plugin, "/a", { "cache-control": "no-cache" });
    stream.respond(answer({ ...FRESH, "cache-control": "max-age=5" }, "gone", 404));
    redis.answerAll(other.proxy);
    for (const seconds of [2, 10]) {
      const third = await gateway();
      third.proxy.clock.advance(seconds * SECOND);
      const found = get(third.plugin, "/a");
      redis.answerAll(third.proxy);
      expect(hitOf(found)).toBe(seconds < 6 ? "gone" : "forwarded");
    }
  });

  it("an older answer that comes late does not take the newer one's place", async () => {
    ({ proxy, plugin } = await cacheWith({ collapse: { wait: "0s" } }, { webdis: CACHE_WEBDIS }));
    const early = get(plugin, "/a", { "x-a": "1" });
    redis.answerAll(proxy);
    proxy.clock.advance(SECOND);
    const late = get(plugin, "/a", { "cache-control": "no-cache" });
    late.respond(answer({ ...FRESH, vary: "x-b" }, "newer"));
    redis.answerAll(proxy);
    early.respond(answer(FRESH, "older"));
    redis.answerAll(proxy);
    const other = await gateway();
    other.proxy.clock.advance(2 * SECOND);
    const found = get(other.plugin, "/a");
    redis.answerAll(other.proxy);
    expect(hitOf(found)).toBe("newer");
  });
});

describe("a gateway whose clock is ahead", () => {
  async function warmFromTheFuture(ahead: number): Promise<void> {
    const other = await cacheWith({}, { webdis: CACHE_WEBDIS }, { startTime: proxy.clock.now + ahead });
    const stream = get(other.plugin, "/a");
    redis.answerAll(other.proxy);
    stream.respond(answer(FRESH));
    redis.answerAll(other.proxy);
  }

  it("is not believed where it is far ahead", async () => {
    await warmFromTheFuture(6 * SECOND);
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("forwarded");
    expect(counted(proxy)).toMatchObject({ "redis.errors.invalid": 1 });
  });

  it("keeps nothing fresh for longer than it says", async () => {
    await warmFromTheFuture(4 * SECOND);
    const stream = get(plugin, "/a");
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("hello");
    proxy.clock.advance(60 * SECOND);
    expect(get(plugin, "/a").request.state).toBe("paused");
  });

  it("does not keep what has been changed since", async () => {
    ({ proxy, plugin } = await cacheWith({}, { webdis: CACHE_WEBDIS }, { workers: 2 }));
    await warmFromTheFuture(4 * SECOND);
    const stream = get(plugin, "/a", {}, 1);
    redis.answerAll(proxy);
    expect(hitOf(stream)).toBe("hello");
    proxy.clock.advance(SECOND);
    send(plugin, "POST", "/a").respond({ status: 200 });
    expect(hitOf(get(plugin, "/a", {}, 1))).not.toBe("hello");
  });
});
