import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { filterModule, letWaitersGoOn } from "./support/filter.ts";
import { CACHE_WEBDIS, Redis } from "./support/redis.ts";
import { answer, cacheWith, counted, get, hitOf, send, SECOND } from "./support/cache.ts";
import type { Fields } from "./support/cache.ts";

const STREAMS = 10_000;
const BATCHES = 4;
const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain", etag: '"v1"' };
const BODY = "x".repeat(3000);

let redis: Redis;
let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  redis = new Redis();
  const sections = { webdis: { ...CACHE_WEBDIS, breaker: { failures: 1_000_000 } } };
  // Small enough to be full after one batch: what grows later is a leak.
  ({ proxy, plugin } = await cacheWith({ local: { maxEntries: 40, maxBytes: "64KiB" } }, sections));
});

/** One thing that happens to a stream. */
type Event = (stream: Stream) => void;

const redisAnswers: Event = () => redis.answerAll(proxy);
const redisFails: Event = () => proxy.calls.forEach((call) => call.reset());
const othersCome: Event = () => {
  for (let i = 0; i < 3; i++) followers.push(get(plugin, path));
};
const followersLeave: Event = () => {
  for (const stream of followers.splice(0)) stream.disconnect();
};
const time: Event = () => letWaitersGoOn(proxy);
const waitedTooLong: Event = () => proxy.clock.advance(3 * SECOND);
const OF_OTHERS: readonly Event[] = [redisAnswers, redisFails, othersCome, followersLeave, time, waitedTooLong];

function head(fields: Fields = FRESH, status = "200"): Event {
  return (stream) => stream.respondHeaders({ ":status": status, ...(fields as Record<string, string>) });
}

const part: Event = (stream) => stream.respondBody(BODY);
const end: Event = (stream) => stream.respondBody("end", true);
const trailers: Event = (stream) => stream.respondTrailers([["x-checksum", "1"]]);
const upstreamBreaks: Event = (stream) => stream.breakUpstream();
const confirmed: Event = (stream) => stream.respond(answer(FRESH, "", 304));
const error: Event = (stream) => stream.respond(answer({}, "oops", 503));

/** Who asked meanwhile, and for what. */
const followers: Stream[] = [];
let path = "/";

interface Life {
  readonly method?: string;
  readonly fields?: Fields;
  /** What is stored already, and past its time. */
  readonly stored?: Fields;
  readonly events: readonly Event[];
}

/** What may happen to a request; its client may leave before, between and after these events. */
const LIVES: Readonly<Record<string, Life>> = {
  "a miss that is stored": { events: [redisAnswers, head(), part, part, end] },
  "a miss without Redis": { events: [redisFails, head(), part, end] },
  "a leader with followers": { events: [othersCome, redisAnswers, othersCome, head(), part, end, time] },
  "a leader whose followers leave": { events: [othersCome, redisAnswers, head(), followersLeave, part, end] },
  "a leader that takes too long": { events: [redisAnswers, othersCome, waitedTooLong, head(), part, end] },
  "a leader of what is private": {
    events: [redisAnswers, othersCome, head({ "cache-control": "private" }), time, part, end],
  },
  "a response with trailers": { events: [redisAnswers, othersCome, head(), part, trailers, time] },
  "a response that breaks": { events: [redisAnswers, othersCome, head(), part, upstreamBreaks, time] },
  "an upstream that is not there": { events: [redisAnswers, othersCome, upstreamBreaks, time] },
  "a validation": { stored: FRESH, events: [redisAnswers, othersCome, confirmed, time] },
  "a stand-in": {
    stored: { ...FRESH, "cache-control": "max-age=60, stale-if-error=600" },
    events: [redisAnswers, othersCome, error, time],
  },
  "a revalidation": {
    stored: { ...FRESH, "cache-control": "max-age=60, stale-while-revalidate=600" },
    events: [othersCome, redisAnswers, head(), part, end],
  },
  "a HEAD": { method: "HEAD", events: [othersCome, redisAnswers, head(), time] },
  "a range": {
    fields: { range: "bytes=0-9" },
    events: [othersCome, redisAnswers, head(FRESH, "206"), part, end, time],
  },
  "an only-if-cached": { fields: { "cache-control": "only-if-cached" }, events: [othersCome, redisAnswers, time] },
  "a POST": { method: "POST", events: [head(), part, end] },
};

interface Stage extends Life {
  readonly name: string;
}

const STAGES: readonly Stage[] = Object.entries(LIVES).flatMap(([name, life]) =>
  Array.from({ length: life.events.length + 1 }, (_, count) => ({
    ...life,
    name: `${name}, after ${count} events`,
    events: life.events.slice(0, count),
  })),
);

/** Each is always asked for in the same stage. */
const URLS = 10 * STAGES.length;

/** A stream that has got as far as `stage`. */
function liveUntil(stage: Stage, turn: number): Stream {
  path = `/${turn}`;
  if (stage.stored !== undefined) {
    const first = get(plugin, path);
    redis.answerAll(proxy);
    first.respond(answer(stage.stored, "stored"));
    redis.answerAll(proxy);
    proxy.clock.advance(61 * SECOND);
  }
  const stream = send(plugin, stage.method ?? "GET", path, stage.fields);
  for (const event of stage.events) if (isPossible(event, stream)) event(stream);
  return stream;
}

/** What an upstream says comes only to a request that has got there, and a body only after headers. */
function isPossible(event: Event, stream: Stream): boolean {
  if (OF_OTHERS.includes(event)) return true;
  if (stream.ended || stream.request.state !== "forwarded") return false;
  return stream.response !== undefined || ![part, end, trailers].includes(event);
}

/** Everything that others still wait for comes, and then they leave, too. */
function finish(): void {
  redis.answerAll(proxy);
  letWaitersGoOn(proxy);
  for (const stream of followers)
    if (stream.request.state === "forwarded" && !stream.ended) stream.respond(answer(FRESH));
  letWaitersGoOn(proxy);
  for (const stream of followers.splice(0)) stream.disconnect();
  redis.answerAll(proxy);
  redis.values.clear();
  redis.commands.splice(0);
}

function expectNothingLeft(): void {
  proxy.clock.advance(2 * SECOND);
  redis.answerAll(proxy);
  proxy.clock.advance(2 * SECOND);
  const counts = counted(proxy);
  expect([counts["fetches"], counts["recorded_bytes"]]).toEqual([undefined, undefined]);
  expect(counts["stored"]).toBeGreaterThan(100);
  expect(proxy.calls).toEqual([]);
  expect(proxy.vm(0).liveContexts).toBe(1); // the root
  expect(proxy.vm(0).trapped).toBeUndefined();
  expect(proxy.violations).toEqual([]);
  const next = get(plugin, "/next");
  redis.answerAll(proxy);
  expect(hitOf(next)).toBe("forwarded");
  next.disconnect();
}

describe("a client that leaves", () => {
  it("may do so after every callback of a request, a response and a question to Redis that the module has", () => {
    const last = new Set<string>();
    for (const [index, stage] of STAGES.entries()) {
      proxy.takeJournal();
      const stream = liveUntil(stage, index);
      const callbacks = proxy.takeCallbacks().map((callback) => callback.name);
      last.add(callbacks.findLast((name) => /^proxy_on_(request|response|http)/.test(name)) ?? "none");
      stream.disconnect();
      finish();
    }
    const module = new WebAssembly.Module(Uint8Array.from(filterModule()));
    const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect([...last].sort()).toEqual(exported.filter((name) => /^proxy_on_(request|response|http)/.test(name)).sort());
  });

  it(`leaves nothing behind and no memory in use, ${STREAMS} times in ${STAGES.length} stages`, () => {
    proxy.recording = false;
    const memory: number[] = [];
    for (let turn = 0; turn < STREAMS; turn++) {
      const stage = STAGES[turn % STAGES.length];
      // The same URLs again: what is remembered of URLs, as of those that are hit-for-miss, has its own bounds.
      if (stage !== undefined) liveUntil(stage, turn % URLS).disconnect();
      finish();
      if ((turn + 1) % (STREAMS / BATCHES) === 0) memory.push(proxy.vm(0).memoryBytes);
    }
    expect(memory).toEqual(Array.from({ length: BATCHES }, () => memory[0]));
    expectNothingLeft();
  });

  it(`costs no more than its seat while it waits, ${STREAMS} times`, () => {
    proxy.recording = false;
    const leader = get(plugin, "/a");
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < STREAMS; i++) get(plugin, "/a").disconnect();
    expect(proxy.vm(0).memoryBytes - before).toBeLessThanOrEqual(256 * 1024);
    leader.disconnect();
    redis.answerAll(proxy);
  });
});
