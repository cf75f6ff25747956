import { beforeEach, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { answer, cacheWith, get, hitOf, SECOND, type Fields } from "./support/cache.ts";
import { CACHE_WEBDIS, Redis, commandOf } from "./support/redis.ts";

const FRESH = { "cache-control": "max-age=600", "content-type": "text/plain" };
const VARIED = { ...FRESH, vary: "x-a" };
const PRIVATE = { "cache-control": "private" };

/** A gateway of the fleet, with a memory of its own. All have one time. */
class Gateway {
  private constructor(
    readonly proxy: ProxyHost,
    readonly plugin: Plugin,
  ) {}

  static async start(webdis: Record<string, unknown> = {}): Promise<Gateway> {
    const { proxy, plugin } = await cacheWith({}, { webdis: { ...CACHE_WEBDIS, ...webdis } });
    const gateway = new Gateway(proxy, plugin);
    fleet.push(gateway);
    return gateway;
  }

  /** A request that goes upstream, as Redis has nothing. */
  asks(fields: Fields = {}): Stream {
    const stream = get(this.plugin, "/x", fields);
    redis.answerAll(this.proxy);
    redis.commands.splice(0);
    expect(stream.request.state).toBe("forwarded");
    return stream;
  }

  /** The upstream answers; what goes to Redis on that is there. Returns the commands' names. */
  stores(stream: Stream, fields: Fields, body: string): string[] {
    stream.respond(answer(fields, body));
    redis.answerAll(this.proxy);
    return redis.takeNames();
  }

  metric(name: string): number | undefined {
    this.proxy.clock.advance(SECOND);
    return this.proxy.metrics.value(`signpost.writes.${name}`);
  }

  theCall(): HttpCall {
    const [call, ...others] = this.proxy.calls;
    if (call === undefined || others.length > 0) throw new Error(`${this.proxy.calls.length} calls are out`);
    return call;
  }
}

let redis: Redis;
let fleet: Gateway[];
let start: number;
let slow: Gateway;
let quick: Gateway;

beforeEach(async () => {
  redis = new Redis();
  fleet = [];
  [slow, quick] = [await Gateway.start(), await Gateway.start()];
  start = slow.proxy.clock.now;
});

/** Time passes everywhere. */
function pass(seconds: number): void {
  for (const { proxy } of fleet) proxy.clock.advance(seconds * SECOND);
}

/** So many seconds after the start, as `Date` has it. */
function dateAt(seconds: number): string {
  return new Date(start + seconds * SECOND).toUTCString();
}

function dated(seconds: number | undefined): Fields {
  return seconds === undefined ? FRESH : { ...FRESH, date: dateAt(seconds) };
}

/** What a gateway with an empty memory gives a client. */
async function found(fields: Fields = {}): Promise<string> {
  const gateway = await Gateway.start();
  gateway.proxy.clock.advance(slow.proxy.clock.now - gateway.proxy.clock.now);
  const stream = get(gateway.plugin, "/x", fields);
  redis.answerAll(gateway.proxy);
  redis.commands.splice(0);
  return hitOf(stream);
}

/** One gateway asks at 0, and is answered at 4.5 s; another one asks at 1 s, and has stored its answer at 1.3 s. */
function raceOf(older: Fields, newer: Fields, fields: Fields = {}): string[] {
  const stream = slow.asks(fields);
  pass(1);
  const other = quick.asks(fields);
  pass(0.3);
  quick.stores(other, newer, "newer");
  pass(3.2);
  return slow.stores(stream, older, "older");
}

describe("an older response that ends later, at another gateway", () => {
  it.each([
    ["by Date", 0, 1],
    ["by the time of the request, within one second", 0, 0],
    ["by the time of the request, without Date", undefined, undefined],
    ["by the time of the request, where one has no Date", 0, undefined],
  ])("does not take the newer one's place in Redis: %s", async (_, older, newer) => {
    const names = raceOf(dated(older), dated(newer));
    expect(names).toEqual(["GET"]);
    expect(await found()).toBe("newer");
    expect([slow.metric("outdated"), slow.metric("stored"), slow.metric("queued")]).toEqual([1, 0, 0]);
  });

  it("takes its place where its Date says that it is the more recent one", async () => {
    const names = raceOf(dated(1), dated(0));
    expect(names).toEqual(["GET", "PSETEX"]);
    expect(await found()).toBe("older");
  });

  it("does not as a variant, either", async () => {
    raceOf({ ...VARIED, date: dateAt(0) }, { ...VARIED, date: dateAt(1) }, { "x-a": "1" });
    expect(await found({ "x-a": "1" })).toBe("newer");
    expect(slow.metric("outdated")).toBe(1);
  });

  it("is a variant of its own beside another request's", async () => {
    const stream = slow.asks({ "x-a": "1" });
    pass(1);
    quick.stores(quick.asks({ "x-a": "2" }), VARIED, "two");
    pass(3);
    slow.stores(stream, { ...FRESH, vary: "x-b" }, "one");
    // Each with the list that its gateway brought into the index.
    expect([await found({ "x-a": "2", "x-b": "1" }), await found({ "x-a": "1" })]).toEqual(["two", "one"]);
  });

  it.each<[string, Fields, Fields]>([
    ["without Vary, an index", FRESH, VARIED],
    ["with Vary, a response without", VARIED, FRESH],
    ["with another Vary, a list of names", { ...FRESH, vary: "x-b" }, VARIED],
  ])("does not take from others what they need to find the newer one: %s", async (_, older, newer) => {
    raceOf(older, newer);
    expect(await found()).toBe("newer");
  });

  it("that is not stored does not forget the newer one", async () => {
    raceOf(PRIVATE, FRESH);
    expect(await found()).toBe("newer");
  });

  it("does not come back where a newer one that may not be stored has outdated what Redis had", async () => {
    const stream = slow.asks();
    pass(1);
    const other = get(quick.plugin, "/x", { "cache-control": "no-cache" });
    expect(quick.stores(other, PRIVATE, "mine")).toEqual(["PSETEX"]);
    pass(3);
    expect(slow.stores(stream, FRESH, "older")).toEqual(["GET"]);
    expect(await found()).toBe("forwarded");
  });

  it("takes the place of what is from a clock that is an hour ahead", async () => {
    const stream = slow.asks();
    const other = await Gateway.start();
    other.proxy.clock.advance(3600 * SECOND);
    other.stores(other.asks(), FRESH, "from the future");
    pass(4);
    expect(slow.stores(stream, FRESH, "ours")).toEqual(["GET", "PSETEX"]);
    expect(await found()).toBe("ours");
  });
});

describe("a response that was asked for a second ago at most", () => {
  it.each([FRESH, VARIED])("is written without a question: %j", (fields) => {
    const stream = slow.asks();
    pass(1);
    expect(new Set(slow.stores(stream, fields, "quick"))).toEqual(new Set(["PSETEX"]));
  });

  it("is late, too, when it could not be sent at once", async () => {
    slow = await Gateway.start({ breaker: { failures: 1, open: "10s" } });
    slow.asks().respond(answer(FRESH, "older"));
    slow.theCall().refuse();
    pass(1);
    quick.stores(quick.asks(), FRESH, "newer");
    pass(10);
    redis.answerAll(slow.proxy);
    expect(redis.takeNames()).toEqual(["GET"]);
    expect(await found()).toBe("newer");
  });
});

describe("the question before a late write", () => {
  /** A late response, whose gateway asks what Redis has. */
  function late(): HttpCall {
    const stream = slow.asks();
    pass(4);
    stream.respond(answer(FRESH, "late"));
    const check = slow.theCall();
    expect([commandOf(check).name, check.timeoutMs]).toEqual(["GET", 2000]);
    return check;
  }

  it.each<[string, (call: HttpCall) => void]>([
    ["one that is late", (call) => call.timeOut()],
    ["none", (call) => call.reset()],
    ["an outage", (call) => call.reply({ status: 503 })],
    ["not allowed", (call) => call.reply({ status: 403, body: "Forbidden" })],
    ["an error", (call) => call.reply({ body: "-WRONGTYPE Operation against a key\r\n" })],
    ["not RESP", (call) => call.reply({ body: "hello" })],
    ["no envelope", (call) => call.reply({ body: "$5\r\nhello\r\n" })],
    ["that there is nothing", (call) => call.reply({ body: "$-1\r\n" })],
  ])("keeps nothing from being written by an answer that is no response: %s", async (_, end) => {
    end(late());
    expect(commandOf(slow.theCall()).name).toBe("PSETEX");
    redis.answerAll(slow.proxy);
    expect(await found()).toBe("late");
    expect([slow.metric("stored"), slow.metric("queued")]).toEqual([1, 0]);
  });

  it("and opens the breaker lets the write be tried again when the breaker's time is over", async () => {
    slow = await Gateway.start({ breaker: { failures: 1, open: "10s" } });
    slow.proxy.clock.advance(quick.proxy.clock.now - slow.proxy.clock.now);
    late().refuse();
    expect(slow.proxy.calls).toEqual([]);
    pass(9);
    expect(slow.proxy.calls).toEqual([]);
    pass(2);
    // It tries whether Redis is back, with the question again.
    expect(commandOf(slow.theCall()).name).toBe("GET");
    redis.answerAll(slow.proxy);
    expect([slow.metric("stored"), slow.metric("retried"), slow.metric("queued")]).toEqual([1, 1, 0]);
  });

  it("is not asked while the breaker is open", async () => {
    slow = await Gateway.start({ breaker: { failures: 1, open: "10s" } });
    const stream = get(slow.plugin, "/x");
    slow.theCall().refuse();
    slow.proxy.clock.advance(4 * SECOND);
    stream.respond(answer(FRESH, "late"));
    expect(slow.proxy.calls).toEqual([]);
    slow.proxy.clock.advance(6.2 * SECOND);
    expect(commandOf(slow.theCall()).name).toBe("GET");
    redis.answerAll(slow.proxy);
    expect(redis.takeNames()).toEqual(["GET", "PSETEX"]);
  });

  it("ends with its gateway's configuration", () => {
    const check = late();
    slow.plugin.remove();
    expect(slow.proxy.calls).not.toContain(check);
    expect(slow.proxy.violations).toEqual([]);
  });

  it("is followed by nothing where a newer response of the same gateway has come meanwhile", () => {
    const check = late();
    const again = get(slow.plugin, "/x", { "cache-control": "no-cache" });
    again.respond(answer(FRESH, "latest"));
    expect(slow.proxy.calls).toEqual([check]);
    check.reply({ body: "$-1\r\n" });
    expect(Buffer.from(commandOf(slow.theCall()).value).includes("latest")).toBe(true);
    redis.answerAll(slow.proxy);
    expect([slow.metric("stored"), slow.metric("queued")]).toEqual([1, 0]);
  });
});
