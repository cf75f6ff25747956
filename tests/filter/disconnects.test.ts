import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { routeConfig } from "../fixtures/route/fixture.ts";
import { ask, filterModule, filterWith, letWaitersGoOn } from "./support/filter.ts";
import { webdisBody, webdisSays } from "./support/tiers.ts";

const STREAMS = 10_000;
const BATCHES = 4;
/** Streams that ask the same at the same time. */
const CROWD = 50;
/** So much garbage may lie about before it is collected, in bytes. */
const GARBAGE = 1024 * 1024;
const RECORD = '{"path": "/svc", "headers": {"x-cell": "cell-1"}}';

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await filterWith(
    routeConfig({
      onMiss: { status: 404, body: "no such tenant" },
      onError: { status: 503 },
      // Small enough to be full after one batch: what grows later is a leak.
      local: { ttl: "1m", maxEntries: 40, maxBytes: "64KiB" },
    }),
  ));
});

/** One thing that happens to a stream. */
type Event = (stream: Stream) => void;

/** The call that was sent last. */
function answerCall(answer: (call: HttpCall) => void): Event {
  return () => {
    const calls = proxy.calls;
    const call = calls[calls.length - 1];
    if (call === undefined) throw new Error("no call is out");
    answer(call);
  };
}

const recordFromRedis = answerCall((call) => webdisSays(call, RECORD));
const redisMiss = answerCall((call) => webdisSays(call, null));
const redisTimeout = answerCall((call) => call.timeOut());
const redisReset = answerCall((call) => call.reset());
const recordFromService = answerCall((call) => call.reply({ body: RECORD }));
const serviceMiss = answerCall((call) => call.reply({ status: 404 }));
const serviceRefused = answerCall((call) => call.refuse());
const uploadPart: Event = (stream) => stream.sendRequestBody("x".repeat(2_000), false);
const uploadEnd: Event = (stream) => stream.sendRequestBody("end", true);
const trailers: Event = (stream) => stream.sendRequestTrailers([["x-checksum", "1"]]);
const responseHead: Event = (stream) => stream.respondHeaders({ ":status": "200" });
const responsePart: Event = (stream) => stream.respondBody("hello");
const responseTrailers: Event = (stream) => stream.respondTrailers([["x-checksum", "1"]]);
const upstreamBreaks: Event = (stream) => stream.breakUpstream();

interface Life {
  readonly upload?: boolean;
  /** After the request's headers. */
  readonly events: readonly Event[];
}

/** What may happen to a stream; the client may leave before, between and after these events. */
const LIVES: Readonly<Record<string, Life>> = {
  "routed by Redis": { events: [recordFromRedis, responseHead, responsePart, responseTrailers] },
  "routed by the service": { events: [redisMiss, recordFromService, responseHead, responsePart] },
  "routed by the service after Redis' time limit": { events: [redisTimeout, recordFromService, upstreamBreaks] },
  "uploading while it waits": { upload: true, events: [uploadPart, uploadPart, redisMiss, recordFromService] },
  "uploading when it is routed": { upload: true, events: [recordFromRedis, uploadPart, uploadEnd, responseHead] },
  "uploading with trailers": { upload: true, events: [uploadPart, trailers, recordFromRedis, responseHead] },
  "unknown to all": { upload: true, events: [redisMiss, serviceMiss] },
  "failed by all": { upload: true, events: [redisReset, serviceRefused] },
};

/** A life up to the moment at which the client leaves. */
interface Stage extends Life {
  readonly name: string;
}

const STAGES: readonly Stage[] = Object.entries(LIVES).flatMap(([name, { upload = false, events }]) =>
  Array.from({ length: events.length + 1 }, (_, count) => ({
    name: `${name}, after ${count} events`,
    upload,
    events: events.slice(0, count),
  })),
);

/** What comes back for calls whose requests are gone. */
const LATE: readonly ((call: HttpCall) => void)[] = [
  (call) => call.reply({ body: call.cluster === "webdis" ? webdisBody(call, null) : RECORD }),
  (call) => call.reply({ body: call.cluster === "webdis" ? webdisBody(call, RECORD) : RECORD }),
  (call) => call.reply({ body: "garbage" }),
  (call) => call.timeOut(),
  (call) => call.refuse(),
  (call) => call.reset(),
];

/** Answers what is out, and what follows from the answers, the `turn`-th way. */
function answerLate(turn: number): void {
  const answer = LATE[turn % LATE.length];
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) answer?.(call);
}

/** A stream that has got as far as `stage`. */
function liveUntil(stage: Stage, tenant: string): Stream {
  const stream = ask(plugin, `/api/${tenant}/orders`, { endOfStream: stage.upload !== true });
  for (const event of stage.events) event(stream);
  return stream;
}

function expectNothingLeft(): void {
  proxy.clock.advance(1_000); // metrics are sent once a second
  expect(proxy.metrics.toObject()["signpost.lookup.route.flights"]).toBe(0);
  expect(proxy.calls).toEqual([]);
  expect(proxy.vm(0).liveContexts).toBe(1); // the root
  expect(proxy.vm(0).trapped).toBeUndefined();
  expect(proxy.violations).toEqual([]);
}

/** As many questions can be out as when nothing had happened: nothing counts as being in flight. */
function expectAllSlotsFree(): void {
  const streams = Array.from({ length: 256 }, (_, index) => ask(plugin, `/api/slot-${index}/orders`));
  expect(proxy.calls.map((call) => call.cluster)).toEqual(streams.map(() => "webdis"));
  for (const call of proxy.calls) webdisSays(call, null);
  expect(proxy.calls.map((call) => call.cluster)).toEqual(streams.map(() => "routing-service"));
  for (const stream of streams) stream.disconnect();
  answerLate(0);
}

/** Has clients leave in `turns` turns, and checks after each quarter of them that the VM's memory has grown by no more than garbage. */
function expectFlatMemory(turns: number, leave: (turn: number) => void): void {
  proxy.recording = false;
  const memory: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    leave(turn);
    if ((turn + 1) % (turns / BATCHES) === 0) memory.push(proxy.vm(0).memoryBytes);
  }
  expect(Math.max(...memory) - (memory[0] ?? 0)).toBeLessThanOrEqual(GARBAGE);
  expectNothingLeft();
  expectAllSlotsFree();
  expectNothingLeft();
}

describe("a client that leaves", () => {
  it("may do so after every callback of a stream and of its calls that the module has", () => {
    const last = new Set<string>();
    for (const [index, stage] of STAGES.entries()) {
      proxy.takeJournal();
      const stream = liveUntil(stage, `t${index}`);
      const callbacks = proxy.takeCallbacks().map((callback) => callback.name);
      last.add(callbacks.findLast((name) => /^proxy_on_(request|response|http)/.test(name)) ?? "none");
      stream.disconnect();
      answerLate(index);
    }
    const module = new WebAssembly.Module(Uint8Array.from(filterModule()));
    const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect([...last].sort()).toEqual(exported.filter((name) => /^proxy_on_(request|response|http)/.test(name)).sort());
  });

  it(`leaves nothing behind and no memory in use, ${STREAMS} times in ${STAGES.length} stages`, () => {
    expectFlatMemory(STREAMS, (turn) => {
      const stage = STAGES[turn % STAGES.length];
      if (stage !== undefined) liveUntil(stage, `t${turn}`).disconnect();
      answerLate(Math.floor(turn / STAGES.length));
    });
  });

  it(`leaves nothing behind as a leader or as a follower, ${STREAMS} times`, () => {
    const leavers = [
      (streams: Stream[]) => streams.slice(0, 1),
      (streams: Stream[]) => streams.slice(1),
      (streams: Stream[]) => streams.slice(10, 40),
      (streams: Stream[]) => streams,
      () => [],
    ];
    expectFlatMemory(STREAMS / CROWD, (turn) => {
      const streams = Array.from({ length: CROWD }, () => ask(plugin, `/api/t${turn}/orders`, { endOfStream: false }));
      const early = leavers[turn % leavers.length]?.(streams) ?? [];
      for (const stream of early) stream.disconnect();
      // Who comes now gets what those have used, and must not be taken for them.
      streams.push(...Array.from({ length: 5 }, () => ask(plugin, `/api/t${turn}/orders`)));
      answerLate(Math.floor(turn / leavers.length));
      letWaitersGoOn(proxy);
      expect(streams.filter((stream) => stream.request.state === "paused")).toEqual([]);
      for (const stream of streams) stream.disconnect();
    });
  });

  it(`costs no more than a seat in the queue while the call is still out, ${STREAMS} times`, () => {
    proxy.recording = false;
    const leader = ask(plugin, "/api/acme/orders");
    const before = proxy.vm(0).memoryBytes;
    for (let i = 0; i < STREAMS; i++) ask(plugin, "/api/acme/orders").disconnect();
    expect(proxy.vm(0).memoryBytes - before).toBeLessThanOrEqual(GARBAGE);
    answerLate(1);
    expect(leader.request.state).toBe("forwarded");
    leader.disconnect();
    expectNothingLeft();
  });
});
