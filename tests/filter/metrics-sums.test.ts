import { describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { answer, cacheWith, get, send } from "./support/cache.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Redis } from "./support/redis.ts";
import { webdisErrs, webdisSays } from "./support/tiers.ts";

const SECOND = 1000;

/** A choice that is another one every time and the same in every run. */
function chooser(): (count: number) => number {
  let state = 20261127;
  return (count) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor(state / 65536) % count;
  };
}

function counters(proxy: ProxyHost, prefix: string): (...names: string[]) => number {
  proxy.clock.advance(2 * SECOND);
  const all = proxy.metrics.toObject();
  return (...names) =>
    names.reduce((sum, name) => {
      const value = all[prefix + name];
      if (value === undefined) throw new Error(`there is no ${prefix}${name}`);
      return sum + value;
    }, 0);
}

const ERRORS = ["timeout", "unavailable", "invalid", "overload"];
const saidBy = (tier: string): string[] =>
  ["hits", "misses", ...ERRORS.map((name) => `errors.${name}`)].map((name) => `${tier}.${name}`);

/** What Webdis and the service do, all classes of failure among it. */
const WEBDIS: ((call: HttpCall) => void)[] = [
  (call) => webdisSays(call, '{"path": "/svc"}'),
  (call) => webdisSays(call, null),
  (call) => webdisSays(call, "garbage"),
  (call) => webdisErrs(call, "LOADING"),
  (call) => call.timeOut(),
  (call) => call.refuse(),
];
const SERVICE: ((call: HttpCall) => void)[] = [
  (call) => call.reply({ body: '{"path": "/svc"}' }),
  (call) => call.reply({ status: 404 }),
  (call) => call.reply({ status: 500 }),
  (call) => call.reply({ body: "garbage" }),
];

function play(call: HttpCall, choose: (count: number) => number): void {
  const plays = call.cluster === "webdis" ? WEBDIS : SERVICE;
  plays[choose(plays.length)]?.(call);
}

async function askAtRandom(local: object | false): Promise<{ proxy: ProxyHost; requests: number }> {
  const config = routeConfig({ local, service: { cluster: "routing-service", path: "/r/{query[to]|x}" } });
  const { proxy, plugin } = await filterWith({ ...config, webdis: { cluster: "webdis", maxInFlight: 2 } });
  const choose = chooser();
  let requests = 0;
  for (let i = 0; i < 1500; i++) {
    const tenant = choose(20) === 0 ? "x".repeat(1100) : `t${choose(12)}`;
    // Neither a key that is too long nor a path that climbs is asked for.
    const stream = ask(plugin, `/api/${tenant}/orders${choose(20) === 0 ? "?to=.." : ""}`);
    requests++;
    if (choose(10) === 0) stream.disconnect();
    if (choose(3) > 0) for (const call of [...proxy.calls]) play(call, choose);
    if (choose(4) === 0) proxy.clock.advance(choose(800));
  }
  while (proxy.calls[0] !== undefined) play(proxy.calls[0], choose);
  return { proxy, requests };
}

const LOCAL = {
  ttl: "1s",
  negativeTtl: "500ms",
  refreshAhead: "100ms",
  staleWhileRevalidate: "500ms",
  staleIfError: "5s",
};

describe.each<[string, object | false]>([
  ["with a local store", LOCAL],
  ["without one", false],
])("the counters of a lookup add up %s", (_, local) => {
  it("to its requests, to what was asked, and to what the tiers said", async () => {
    const { proxy, requests } = await askAtRandom(local);
    const sum = counters(proxy, "signpost.lookup.route.");
    expect(sum("local.hits", "local.stale", "local.negative", "local.misses", "rejected")).toBe(requests);
    expect(sum(...saidBy("webdis"))).toBe(sum("local.misses", "refreshes") - sum("coalesced"));
    // The service is asked for what Redis does not know or does not say.
    expect(sum(...saidBy("service"))).toBe(sum(...saidBy("webdis")) - sum("webdis.hits"));
    expect(sum("local.stale_if_error")).toBeLessThanOrEqual(sum("local.misses"));
    // Nothing was left out for want of being played.
    for (const name of ["rejected", "coalesced", ...saidBy("webdis")])
      expect([name, sum(name) > 0]).toEqual([name, true]);
  });
});

describe("the counters of the response cache add up", () => {
  const ANSWERS = [
    answer({
      "cache-control": "max-age=1, stale-while-revalidate=1, stale-if-error=30",
      "content-type": "text/plain",
      etag: '"1"',
    }),
    answer({ "cache-control": "max-age=60" }),
    answer({ "cache-control": "private" }),
    answer({ "cache-control": "no-store" }),
    answer({}, "", 503),
    answer({ etag: '"1"' }, "", 304),
  ];

  /** Fewer than there are: what memory has forgotten comes from Redis. */
  const MOST_STORED = 4;

  async function browse(sections: Record<string, unknown>): Promise<{ proxy: ProxyHost; requests: number }> {
    const { proxy, plugin } = await cacheWith({ local: { maxEntries: MOST_STORED } }, sections);
    const redis = new Redis();
    const choose = chooser();
    const open: ReturnType<typeof get>[] = [];
    let requests = 0;
    for (let i = 0; i < 1500; i++) {
      const asked = browseOnce(plugin, choose);
      requests++;
      // Nearly all who leave later have been forwarded by then.
      if (choose(20) === 0) asked.disconnect();
      else open.push(asked);
      if (choose(3) > 0) redis.answerAll(proxy);
      for (const stream of open.splice(0, choose(3))) {
        if (choose(12) === 0) stream.disconnect();
        else if (stream.request.state === "forwarded")
          stream.respond(respondTo(stream, ANSWERS[choose(ANSWERS.length)]));
        else if (!stream.ended) open.push(stream);
      }
      if (choose(4) === 0) proxy.clock.advance(choose(900));
    }
    for (let i = 0; i < 100 && open.length > 0; i++) {
      redis.answerAll(proxy);
      proxy.clock.advance(100);
      for (const stream of open.splice(0)) {
        if (stream.request.state === "forwarded") stream.respond(ANSWERS[1]);
        else if (!stream.ended) open.push(stream);
      }
    }
    expect(open).toEqual([]);
    return { proxy, requests };
  }

  function browseOnce(plugin: Plugin, choose: (count: number) => number): ReturnType<typeof get> {
    const path = `/p${choose(8)}`;
    if (choose(15) === 0) return send(plugin, "POST", path);
    const fields = choose(10) === 0 ? { "cache-control": "only-if-cached" } : {};
    return choose(10) === 0 ? send(plugin, "HEAD", path, fields) : get(plugin, path, fields);
  }

  /** A 304 is for those who have asked for one. */
  function respondTo(stream: ReturnType<typeof get>, response = ANSWERS[1]): (typeof ANSWERS)[number] {
    const isAsked = stream.request.headers.get("if-none-match") !== undefined;
    return (response?.status === 304 && !isAsked ? ANSWERS[1] : response) ?? answer({});
  }

  it.each<[string, Record<string, unknown>, string[]]>([
    ["in memory", {}, []],
    ["with Redis", { webdis: { cluster: "webdis" } }, ["hits_from_redis"]],
  ])("to its requests %s", async (_, sections, also) => {
    const { proxy, requests } = await browse(sections);
    const sum = counters(proxy, "signpost.responses.");
    const parts = ["hits", "hits_from_redis", "stale", "misses", "passes", "unsatisfied", "abandoned"];
    expect(sum(...parts)).toBe(requests);
    expect(sum("validated", "stale_if_error")).toBeLessThanOrEqual(sum("misses"));
    const played = [
      "hits",
      "stale",
      "misses",
      "passes",
      "unsatisfied",
      "abandoned",
      "validated",
      "stale_if_error",
      ...also,
    ];
    for (const name of played) expect([name, sum(name) > 0]).toEqual([name, true]);
  });
});
