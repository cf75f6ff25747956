import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { logText, proxyWith } from "./support/filter.ts";
import { SEED } from "./support/hostile.ts";
import { CACHE_WEBDIS, Redis } from "./support/redis.ts";
import { keyAskedFor, webdisSays } from "./support/tiers.ts";

const RUNS = 1500;

/** Which cell a tenant is routed to; the lookup of the last one fails. Two tenants share a cell, and its responses. */
const CELLS: Readonly<Record<string, string>> = { ann: "cell-1", bob: "cell-2", cat: "cell-1" };
const UNKNOWN = "dan";

/** A request as a client sends it. All values are different where they differ at all: nothing has to be normalised. */
interface Asked {
  readonly path: string;
  readonly tenant: string;
  readonly origin?: string | undefined;
  readonly language?: string | undefined;
  readonly cookie?: string | undefined;
  readonly authorization?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly hasJwt: boolean;
  readonly isHead: boolean;
  readonly worker: number;
  readonly gateway: number;
}

/** A response as the origin gives it. */
interface Given {
  readonly directives: readonly string[];
  readonly vary?: string | undefined;
  readonly cookie?: string | undefined;
  readonly etag?: string | undefined;
  /** Whether the origin confirms what it is asked about, instead of sending it anew. */
  readonly confirms: boolean;
  readonly status: number;
}

type Step =
  | { readonly does: "ask"; readonly asked: Asked; readonly given: Given; readonly isLate: boolean }
  | { readonly does: "change"; readonly path: string }
  | { readonly does: "leave"; readonly which: number }
  | { readonly does: "wait"; readonly seconds: number };

const some = <T>(...values: T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), { nil: undefined });

const asked: fc.Arbitrary<Asked> = fc.record({
  path: fc.constantFrom("/a", "/a?b", "/c"),
  tenant: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("ann", "bob", "cat") }, fc.constant(UNKNOWN)),
  origin: some("https://one.example", "https://two.example"),
  language: some("de", "en"),
  cookie: some("session=1", "session=2"),
  authorization: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, some("Basic YTph", "Basic Yjpi")),
  cacheControl: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    some("no-store", "no-cache", "max-stale=60"),
  ),
  hasJwt: fc.nat(9).map((n) => n === 0),
  isHead: fc.nat(9).map((n) => n === 0),
  worker: fc.nat(1),
  gateway: fc.nat(1),
});

const given: fc.Arbitrary<Given> = fc.record({
  directives: fc.uniqueArray(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("max-age=60", "s-maxage=60", "public") },
      fc.constantFrom("private", "no-store", "no-cache", "must-revalidate", "max-age=0", "stale-while-revalidate=60"),
      fc.constantFrom("proxy-revalidate", "must-understand, no-store", 'private="x-a"', 'no-cache="set-cookie"'),
    ),
    { maxLength: 4 },
  ),
  vary: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    some("accept-language", "Cookie", "cookie, accept-language", "authorization", "*"),
  ),
  cookie: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, some("session=9")),
  etag: some('"v1"', 'W/"v1"'),
  confirms: fc.boolean(),
  status: fc.constantFrom(200, 200, 200, 404, 301, 500, 503),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ does: fc.constant("ask" as const), asked, given, isLate: fc.nat(2).map((n) => n === 0) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("change" as const), path: fc.constantFrom("/a", "/c") }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("leave" as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), seconds: fc.constantFrom(1, 3, 30, 61) }) },
);

/** Whether a response that was made for one request may be given to another one. Written from RFC 9111 §3 and the README. */
function mayBeGiven(made: { asked: Asked; given: Given }, to: Asked): boolean {
  const from = made.asked;
  const directives = made.given.directives.join(", ");
  const has = (pattern: RegExp): boolean => pattern.test(directives);
  // `must-understand` lets a cache that understands the status ignore `no-store`.
  if (has(/no-store/) && !has(/must-understand/)) return false;
  if (has(/private($|,)/)) return false;
  if (made.given.cookie !== undefined && !has(/no-cache="set-cookie"/)) return false;
  if (from.cacheControl === "no-store" || from.hasJwt || from.isHead) return false;
  if (from.authorization !== undefined && !has(/public|s-maxage|must-revalidate/)) return false;
  // A lookup that has no answer says nothing of where the request goes.
  if (from.tenant === UNKNOWN || to.tenant === UNKNOWN) return false;
  if (from.path !== to.path || CELLS[from.tenant] !== CELLS[to.tenant] || from.origin !== to.origin) return false;
  const names = (made.given.vary ?? "").toLowerCase().split(", ");
  if (names.includes("*")) return false;
  const values: Record<string, (of: Asked) => string | undefined> = {
    "accept-language": (of) => of.language,
    cookie: (of) => of.cookie,
    authorization: (of) => of.authorization,
  };
  return names.every((name) => values[name]?.(from) === values[name]?.(to));
}

/** Two gateways of a fleet, each with a routing plugin and a cache plugin behind it, and one Redis. */
class Fleet {
  readonly redis = new Redis();
  readonly gateways: { proxy: ProxyHost; through: Plugin[] }[] = [];
  /** Every response so far, by the number that its body is. */
  readonly made: { asked: Asked; given: Given }[] = [];
  readonly open: { stream: Stream; asked: Asked; given: Given; isAnswered: boolean }[] = [];
  /** Responses that reached a client which they were not made for: they show that something is shared at all. */
  shared = 0;
  #prefix = "";

  async start(): Promise<void> {
    const lookup = { name: "route", key: "route:{header[x-tenant]}", owns: ["x-cell"], local: { negativeTtl: "0s" } };
    const webdis = { ...CACHE_WEBDIS, breaker: { failures: 1_000_000 } };
    for (let i = 0; i < 2; i++) {
      const proxy = await proxyWith({ workers: 2, recording: false });
      const through = [
        { webdis, lookups: [lookup] },
        { webdis, responseCache: { defaultTtl: "10s", staleIfError: "1m" } },
      ].map((configuration) => proxy.addPlugin({ rootId: "signpost", configuration: JSON.stringify(configuration) }));
      if (through.some((plugin) => !plugin.configured)) throw new Error(logText(proxy));
      this.gateways.push({ proxy, through });
    }
  }

  run(steps: readonly Step[], run: number): void {
    this.#prefix = `/${run}`;
    try {
      for (const one of steps) {
        this.#take(one);
        this.#check();
      }
      for (const { proxy } of this.gateways) proxy.clock.advance(3000);
      for (const request of this.open) this.#answer(request);
      this.#settle();
      this.#check();
    } finally {
      // After a failure, too: what is left of it would fail whatever is tried next, and nothing could be made smaller.
      this.#end();
    }
    for (const { proxy } of this.gateways) {
      expect(proxy.violations).toEqual([]);
      for (const worker of [0, 1]) expect(proxy.vm(worker).trapped).toBeUndefined();
    }
  }

  #end(): void {
    for (const { stream } of this.open.splice(0)) stream.disconnect();
    this.#settle();
    this.redis.commands.splice(0);
    this.redis.values.clear();
    this.made.splice(0);
  }

  #take(one: Step): void {
    switch (one.does) {
      case "ask": {
        const request = { stream: this.#send(one.asked), asked: one.asked, given: one.given, isAnswered: false };
        this.open.push(request);
        this.#settle();
        if (!one.isLate) this.#answer(request);
        break;
      }
      case "change": {
        const stream = this.#send(CHANGE, one.path, "POST");
        this.#settle();
        stream.respond({ status: 200 });
        break;
      }
      case "leave":
        this.open[one.which]?.stream.disconnect();
        break;
      case "wait":
        for (const { proxy } of this.gateways) proxy.clock.advance(one.seconds * 1000);
    }
    this.#settle();
  }

  #send(of: Asked, path = of.path, method = of.isHead ? "HEAD" : "GET"): Stream {
    const { proxy, through } = this.gateways[of.gateway] ?? fail();
    const metadata = { filter_metadata: { "envoy.filters.http.jwt_authn": { payload: { sub: of.tenant } } } };
    const fields: [string, string | undefined][] = [
      [":method", method],
      [":scheme", "http"],
      [":authority", "shop.example.com"],
      [":path", this.#prefix + path],
      ["x-tenant", of.tenant],
      ["origin", of.origin],
      ["accept-language", of.language],
      ["cookie", of.cookie],
      ["authorization", of.authorization],
      ["cache-control", of.cacheControl],
    ];
    const present = fields.filter((field): field is [string, string] => field[1] !== undefined);
    return proxy
      .openStream(through, { worker: of.worker, properties: of.hasJwt ? { metadata } : {} })
      .sendRequestHeaders(present);
  }

  /** The origin answers, if the request has come to it. Its body is the number of who it was made for. */
  #answer(request: Fleet["open"][number]): void {
    const { stream, given: response } = request;
    if (stream.request.state !== "forwarded" || stream.ended || request.isAnswered) return;
    request.isAnswered = true;
    const fields: [string, string | undefined][] = [
      ["content-type", "text/plain"],
      ["cache-control", response.directives.length > 0 ? response.directives.join(", ") : undefined],
      ["vary", response.vary],
      ["set-cookie", response.cookie],
      ["etag", response.etag],
    ];
    const headers = fields.filter((field): field is [string, string] => field[1] !== undefined);
    const isConfirmed = response.confirms && stream.request.headers.get("if-none-match") !== undefined;
    if (isConfirmed) stream.respond({ status: 304, headers });
    else if (request.asked.isHead) stream.respond({ status: response.status, headers });
    else stream.respond({ status: response.status, headers, body: String(this.made.push(request) - 1) });
  }

  /** Redis and the lookups answer, and those who wait go on. */
  #settle(): void {
    for (const { proxy } of this.gateways) {
      for (let round = 0; round < 3; round++) {
        for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) this.#answerCall(proxy, call);
        proxy.clock.advance(2);
      }
    }
  }

  #answerCall(proxy: ProxyHost, call: HttpCall): void {
    if (!call.path.includes("route%3A")) {
      this.redis.answer(proxy, call);
      return;
    }
    const cell = CELLS[keyAskedFor(call).split(":")[2] ?? ""];
    if (cell === undefined) call.timeOut();
    else webdisSays(call, JSON.stringify({ headers: { "x-cell": cell } }));
  }

  #check(): void {
    for (const { stream, asked: to } of this.open) {
      const text = stream.response?.text ?? "";
      if (!/^\d+$/.test(text)) continue;
      const made = this.made[Number(text)];
      if (made === undefined) throw new Error(`a body that nobody made: ${text}`);
      if (made.asked === to) continue;
      this.shared++;
      if (!mayBeGiven(made, to)) {
        const { asked: from, given: response } = made;
        throw new Error(`${JSON.stringify({ from, response })} reached ${JSON.stringify(to)}`);
      }
    }
  }
}

/** Somebody who changes a resource. */
const CHANGE: Asked = { path: "/a", tenant: "ann", hasJwt: false, isHead: false, worker: 0, gateway: 0 };

function fail(): never {
  throw new Error("no such gateway");
}

describe("a response that is one client's, one tenant's or one origin's", () => {
  const fleet = new Fleet();

  beforeAll(async () => {
    await fleet.start();
  });

  it(`never reaches another one, in ${RUNS} lives of a fleet`, () => {
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 25 }), (steps) => {
        fleet.run(steps, run++);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: false },
    );
    expect(fleet.shared).toBeGreaterThan(RUNS);
  });
});
