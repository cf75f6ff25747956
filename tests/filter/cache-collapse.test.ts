import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { letWaitersGoOn } from "./support/filter.ts";
import { answer, cacheStatus, cacheWith, counted, fill, get, hitOf, send, SECOND } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const FRESH = { ":status": "200", "cache-control": "max-age=60", "content-type": "text/plain" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith({ maxBodyBytes: "2KiB" }));
});

/** Requests for one thing that is not stored: the first leads. */
function crowd(size = 4, fields: Fields = {}): [Stream, Stream[]] {
  const leader = get(plugin, "/a", fields);
  return [leader, Array.from({ length: size - 1 }, () => get(plugin, "/a", fields))];
}

/** What becomes of those who wait once what they waited for has come. */
function settled(streams: readonly Stream[]): string[] {
  letWaitersGoOn(proxy);
  return states(streams);
}

function states(streams: readonly Stream[]): string[] {
  return [...new Set(streams.map((stream) => stream.request.state))];
}

function expectNoViolation(): void {
  expect(proxy.violations).toEqual([]);
  expect(proxy.vm(0).trapped).toBeUndefined();
}

describe("requests for the same thing at the same time", () => {
  it("share one request to the upstream, and are served when its response is whole", () => {
    const [leader, followers] = crowd(100);
    expect(hitOf(leader)).toBe("forwarded");
    expect(states(followers)).toEqual(["paused"]);
    leader.respondHeaders(FRESH).respondBody("hel");
    expect(states(followers)).toEqual(["paused"]);
    expect(leader.response?.text).toBe("hel");
    leader.respondBody("lo", true);
    letWaitersGoOn(proxy);
    expect([leader.response?.text, leader.response?.complete]).toEqual(["hello", true]);
    expect(new Set(followers.map(hitOf))).toEqual(new Set(["hello"]));
    expect(followers.map(cacheStatus)).toEqual(followers.map(() => "signpost; fwd=miss; collapsed"));
    expect(counted(proxy)).toMatchObject({ misses: 1, collapsed: 99, hits: 99, stored: 1 });
    expectNoViolation();
  });

  it("of 2,000 clients do, too", () => {
    proxy.recording = false;
    const [leader, followers] = crowd(2000);
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(new Set(followers.map(hitOf))).toEqual(new Set(["hello"]));
    expectNoViolation();
  });

  it("are answered each as it asked: the whole, a part, 304, the headers alone", () => {
    const leader = get(plugin, "/a");
    const [part, fresh, head] = [
      get(plugin, "/a", { range: "bytes=0-1" }),
      get(plugin, "/a", { "if-none-match": '"v1"' }),
      send(plugin, "HEAD", "/a"),
    ];
    expect(states([part, fresh, head])).toEqual(["paused"]);
    leader.respond(answer({ ...FRESH, etag: '"v1"' }));
    letWaitersGoOn(proxy);
    expect([part, fresh, head].map((stream) => stream.response?.status)).toEqual([206, 304, 200]);
    expect(part.response?.text).toBe("he");
    expect(head.response?.headers.get("content-length")).toBe("5");
    expectNoViolation();
  });

  it("do not wait for one that is not for all: a range, a HEAD, a condition with credentials", () => {
    const first = [
      get(plugin, "/a", { range: "bytes=0-1" }),
      send(plugin, "HEAD", "/a"),
      get(plugin, "/a", { "if-none-match": '"v1"', authorization: "Bearer one" }),
    ];
    expect(states(first)).toEqual(["forwarded"]);
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("paused");
  });

  it("are none where another variant is fetched that is known to be one", () => {
    const vary = { ...FRESH, "cache-control": "max-age=1", vary: "accept-language" };
    fill(plugin, "/a", answer(vary, "de"), { "accept-language": "de" });
    proxy.clock.advance(2 * SECOND);
    expect(hitOf(get(plugin, "/a", { "accept-language": "en" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", { "accept-language": "fr" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", { "accept-language": "fr" }))).toBe("paused");
  });

  it("whose response turns out to be another variant go upstream themselves", () => {
    const leader = get(plugin, "/a", { "accept-language": "de" });
    const same = get(plugin, "/a", { "accept-language": "de" });
    const other = get(plugin, "/a", { "accept-language": "en" });
    leader.respond(answer({ ...FRESH, vary: "accept-language" }, "de"));
    letWaitersGoOn(proxy);
    expect(hitOf(same)).toBe("de");
    expect(hitOf(other)).toBe("forwarded");
    other.respond(answer({ ...FRESH, vary: "accept-language" }, "en"));
    expect(other.response?.text).toBe("en");
    expectNoViolation();
  });

  it("share one validation", () => {
    fill(plugin, "/a", answer({ ...FRESH, etag: '"v1"' }));
    proxy.clock.advance(61 * SECOND);
    const [leader, followers] = crowd();
    expect(leader.request.headers.get("if-none-match")).toBe('"v1"');
    expect(states(followers)).toEqual(["paused"]);
    leader.respond(answer({ ...FRESH, etag: '"v1"' }, "", 304));
    letWaitersGoOn(proxy);
    expect(followers.map(hitOf)).toEqual(["hello", "hello", "hello"]);
    expectNoViolation();
  });

  it("share the stale response that stands in for an error", () => {
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=10, stale-if-error=60" }));
    proxy.clock.advance(11 * SECOND);
    const [leader, followers] = crowd();
    leader.respond(answer({}, "oops", 503));
    letWaitersGoOn(proxy);
    expect([leader, ...followers].map((stream) => stream.response?.text)).toEqual(Array(4).fill("hello"));
    expectNoViolation();
  });
});

describe("a response that cannot be shared", () => {
  it.each([
    ["private", { "cache-control": "private" }],
    ["no-store", { "cache-control": "no-store" }],
    ["a cookie", { "cache-control": "max-age=60", "set-cookie": "a=1" }],
    ["a stream of events", { "cache-control": "max-age=60", "content-type": "text/event-stream; charset=utf-8" }],
  ])("lets the next one go on as soon as its headers say so, and everybody with its own: %s", (_, fields) => {
    const [leader, followers] = crowd();
    const [next, ...others] = followers;
    leader.respondHeaders({ ":status": "200", ...fields });
    expect(settled(others)).toEqual(["paused"]);
    next?.respondHeaders({ ":status": "200", ...fields }).respondBody("for 0", true);
    expect(settled(followers)).toEqual(["forwarded"]);
    others.forEach((stream, i) => stream.respond(answer(fields, `for ${i + 1}`)));
    expect(followers.map((stream) => stream.response?.text)).toEqual(["for 0", "for 1", "for 2"]);
    leader.respondBody("for the leader", true);
    expect(leader.response?.text).toBe("for the leader");
    expectNoViolation();
  });

  it("lets everybody go on at once where its length says that no other one can be shared either", () => {
    const [leader, followers] = crowd();
    leader.respondHeaders({ ...FRESH, "content-length": "2049" });
    expect(settled(followers)).toEqual(["forwarded"]);
    expectNoViolation();
  });

  it("is remembered for ten seconds, in which nobody waits", () => {
    fill(plugin, "/a", answer({ "cache-control": "private" }));
    expect(states([get(plugin, "/a"), get(plugin, "/a")])).toEqual(["forwarded"]);
    proxy.clock.advance(9.9 * SECOND);
    expect(states([get(plugin, "/a"), get(plugin, "/a")])).toEqual(["forwarded"]);
    proxy.clock.advance(0.2 * SECOND);
    get(plugin, "/a");
    expect(hitOf(get(plugin, "/a"))).toBe("paused");
  });

  it("is remembered no longer once one may be stored", () => {
    fill(plugin, "/a", answer({ "cache-control": "private" }));
    fill(plugin, "/a", answer({ ...FRESH, "cache-control": "max-age=1" }));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    proxy.clock.advance(2 * SECOND);
    get(plugin, "/a");
    expect(hitOf(get(plugin, "/a"))).toBe("paused");
  });

  it("is no sign for others where it was for what its client asked", () => {
    const leader = get(plugin, "/a", { authorization: "Basic YTph" });
    const follower = get(plugin, "/a");
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    // Its own response may well be stored.
    expect(hitOf(follower)).toBe("forwarded");
    follower.respond(answer(FRESH));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });

  it("is one whose body turns out to be too large: everybody goes on then", () => {
    const [leader, followers] = crowd();
    leader.respondHeaders(FRESH).respondBody("x".repeat(2048));
    expect(states(followers)).toEqual(["paused"]);
    leader.respondBody("y");
    expect(settled(followers)).toEqual(["forwarded"]);
    leader.respondBody("z", true);
    expect(leader.response?.body).toHaveLength(2050);
    expect(counted(proxy)).toMatchObject({ too_large: 1 });
    expect(counted(proxy)["recorded_bytes"]).toBeUndefined();
    expectNoViolation();
  });

  it("is one with trailers, which would be lost", () => {
    const [leader, followers] = crowd();
    leader
      .respondHeaders(FRESH)
      .respondBody("hello")
      .respondTrailers([["x-checksum", "1"]]);
    expect(settled(followers)).toEqual(["forwarded"]);
    expect(leader.response?.trailers?.get("x-checksum")).toBe("1");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
    expectNoViolation();
  });
});

describe("waiting", () => {
  it("has a limit: then one goes on alone, and the others with it", () => {
    const [leader, followers] = crowd();
    proxy.clock.advance(1.9 * SECOND);
    expect(states(followers)).toEqual(["paused"]);
    proxy.clock.advance(0.2 * SECOND);
    expect(states(followers)).toEqual(["forwarded"]);
    leader.respond(answer(FRESH, "slow"));
    followers.forEach((stream) => stream.respond(answer(FRESH, "own")));
    expect(followers.map((stream) => stream.response?.text)).toEqual(["own", "own", "own"]);
    expectNoViolation();
  });

  it("has its limit for each, from when it came", () => {
    get(plugin, "/a");
    const early = get(plugin, "/a");
    proxy.clock.advance(SECOND);
    const late = get(plugin, "/a");
    proxy.clock.advance(1.2 * SECOND);
    expect([early, late].map((stream) => stream.request.state)).toEqual(["forwarded", "paused"]);
  });

  it("has its limit also where somebody sets the clock back", () => {
    const [, followers] = crowd();
    proxy.clock.stepWallTime(-3600 * SECOND);
    proxy.clock.advance(3 * SECOND);
    expect(states(followers)).toEqual(["forwarded"]);
  });

  it("may be off", async () => {
    ({ proxy, plugin } = await cacheWith({ collapse: { wait: "0s" } }));
    const [leader, followers] = crowd();
    expect(states([leader, ...followers])).toEqual(["forwarded"]);
    leader.respond(answer(FRESH));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
  });
});

describe("a leader that goes away", () => {
  const STAGES: Record<string, (leader: Stream) => void> = {
    "before the response": () => undefined,
    "after its headers": (leader) => leader.respondHeaders(FRESH),
    "in its body": (leader) => leader.respondHeaders(FRESH).respondBody("hel"),
  };

  it.each(Object.entries(STAGES))("%s leaves the lead to the one that has waited longest", (_, reach) => {
    const [leader, [next, ...others]] = crowd();
    reach(leader);
    leader.disconnect();
    letWaitersGoOn(proxy);
    expect(next?.request.state).toBe("forwarded");
    expect(states(others)).toEqual(["paused"]);
    next?.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect(others.map(hitOf)).toEqual(["hello", "hello"]);
    expectNoViolation();
  });

  it.each(Object.entries(STAGES))("%s, for one whose upstream breaks, is the same", (_, reach) => {
    const [leader, [next, ...others]] = crowd();
    reach(leader);
    leader.breakUpstream();
    letWaitersGoOn(proxy);
    expect(next?.request.state).toBe("forwarded");
    expect(states(others)).toEqual(["paused"]);
    expectNoViolation();
  });

  it("one after the other never leaves anybody behind", () => {
    const [leader, followers] = crowd(20);
    leader.disconnect();
    for (const stream of followers.slice(0, 18)) {
      letWaitersGoOn(proxy);
      expect(stream.request.state).toBe("forwarded");
      stream.disconnect();
    }
    letWaitersGoOn(proxy);
    const last = followers[18];
    expect(last?.request.state).toBe("forwarded");
    last?.respond(answer(FRESH));
    expect(hitOf(get(plugin, "/a"))).toBe("hello");
    expect(counted(proxy)["fetches"]).toBeUndefined();
    expectNoViolation();
  });

  it("does not take with it those that follow, nor they it", () => {
    const [leader, followers] = crowd(6);
    followers[1]?.disconnect();
    followers[4]?.disconnect();
    leader.respond(answer(FRESH));
    letWaitersGoOn(proxy);
    expect([0, 2, 3].map((i) => hitOf(followers[i] ?? leader))).toEqual(["hello", "hello", "hello"]);
    expectNoViolation();
  });

  it("may be alone: nothing is left of it", () => {
    get(plugin, "/a").disconnect();
    expect(counted(proxy)["fetches"]).toBeUndefined();
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });
});
