import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { SEED } from "./support/hostile.ts";
import { CACHE_WEBDIS, Redis, asksWhenInvalidated, commandOf, respOf } from "./support/redis.ts";
import { webdisSays } from "./support/tiers.ts";
import { answer, cacheWith, fill, get, hitOf, SECOND } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain", etag: '"v1"' };
const VARY = { ...FRESH, vary: "accept-language" };
const DE = { "accept-language": "de" };
const RUNS = 5000;

let proxy: ProxyHost;
let plugin: Plugin;
let turn = 0;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith({}, { webdis: { ...CACHE_WEBDIS, breaker: { failures: 1_000_000 } } }));
  proxy.recording = false;
});

/** A value and the key that it was written for. */
interface Written {
  readonly path: string;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** What another gateway writes to Redis for a URL: its envelope, or an index and the envelope of a variant. */
async function written(path: string, fields: Record<string, string>, body = "sound"): Promise<Written> {
  const redis = new Redis();
  const other = await cacheWith({}, { webdis: CACHE_WEBDIS });
  const stream = get(other.plugin, path, DE);
  redis.answerAll(other.proxy);
  stream.respond(answer(fields, body));
  redis.answerAll(other.proxy);
  return { path, values: new Map([...redis.values].map(([key, { value }]) => [key, value])) };
}

/** Has Redis answer every question with what `answers` makes of the key; says what the client got in the end. */
function serve(path: string, answers: (key: string) => Uint8Array | null): string {
  const stream = get(plugin, path, DE);
  for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) {
    const command = commandOf(call);
    if (asksWhenInvalidated(call)) webdisSays(call, null);
    else call.reply({ body: command.name === "GET" ? respOf(answers(command.key)) : "+OK\r\n" });
  }
  if (stream.request.state === "forwarded") stream.respond(answer({ "cache-control": "no-store" }, "from upstream"));
  expect(proxy.vm(0).trapped).toBeUndefined();
  const text = stream.response?.text ?? "nothing";
  stream.disconnect();
  return text;
}

/** The filter is as well as before: another URL is fetched and then served from the store. */
function expectNextIsServed(): void {
  const path = `/next-${turn++ % 50}`;
  expect(serve(path, () => null)).toBe("from upstream");
  expect(proxy.violations).toEqual([]);
}

function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = RUNS): void {
  fc.assert(fc.property(arbitrary, property), { numRuns, seed: SEED, endOnFailure: true });
}

describe("a value in Redis", () => {
  let envelope: Written;
  let variant: Written;

  beforeAll(async () => {
    envelope = await written("/a", { ...FRESH, "surrogate-key": "a b" });
    variant = await written("/a", VARY);
  });

  it(`of any bytes is never served, ${RUNS} times`, () => {
    check(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(serve("/a", () => bytes)).toBe("from upstream");
      expectNextIsServed();
    });
  });

  it(`that begins as a sound one and goes on as anything is never served, ${RUNS} times`, () => {
    const [sound = new Uint8Array()] = [...envelope.values.values()];
    check(fc.tuple(fc.nat(sound.length - 1), fc.uint8Array({ maxLength: 200 })), ([length, rest]) => {
      const bytes = Buffer.concat([sound.subarray(0, length), rest]);
      if (bytes.equals(sound)) return;
      expect(serve("/a", () => bytes)).toBe("from upstream");
      expectNextIsServed();
    });
  });

  it(`with a bit flipped, or some, is never served, ${RUNS} times`, () => {
    const flips = fc.uniqueArray(fc.tuple(fc.nat(1000), fc.nat(7)), { minLength: 1, maxLength: 4, selector: String });
    check(fc.tuple(fc.constantFrom("envelope", "index", "variant"), flips), ([which, bits]) => {
      const { values } = which === "envelope" ? envelope : variant;
      const served = serve("/a", (key) => {
        const value = values.get(key);
        if (value === undefined) return null;
        const isIndex = Buffer.from(value.subarray(0, 4)).toString() === "SPRV";
        return which === "envelope" || isIndex === (which === "index") ? flipped(value, bits) : value;
      });
      expect(served).toBe("from upstream");
      expectNextIsServed();
    });
  });

  it("is served once it is sound, so that the tests above are about something", () => {
    expect(serve("/a", (key) => envelope.values.get(key) ?? null)).toBe("sound");
    expect(serve("/a", () => null)).toBe("sound");
  });

  it("is not served under another key, whatever is swapped for what", async () => {
    const all = [envelope, variant, await written("/b", FRESH, "b"), await written("/b", VARY, "b")];
    const values = all.flatMap((one) => [...one.values.values()]);
    check(
      fc.array(fc.option(fc.constantFrom(...values)), { minLength: 3, maxLength: 3 }),
      (choices) => {
        let asked = 0;
        expect(serve("/c", () => choices[asked++] ?? null)).toBe("from upstream");
        expect(serve("/b", () => choices[asked++] ?? null)).not.toBe("sound");
      },
      2000,
    );
  });
});

/** Bits that are turned twice are as they were. */
function flipped(value: Uint8Array, bits: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = Uint8Array.from(value);
  const places = new Set(bits.map(([byte, bit]) => (byte % bytes.length) * 8 + bit));
  for (const place of places) bytes[place >> 3] = (bytes[place >> 3] ?? 0) ^ (1 << (place & 7));
  return bytes;
}

describe("what upstreams and clients write into their headers", () => {
  const odd = fc.stringMatching(/^[ -~\t\x80-\xff]{0,40}$/);
  const number = fc.oneof(
    fc.integer(),
    fc.constantFrom("", "-1", "1e9", "99999999999999999999", '"60"', "6 0", "0x10"),
  );
  const directive = fc.oneof(
    odd,
    fc
      .tuple(
        fc.constantFrom("max-age", "s-maxage", "stale-if-error", "private", "no-cache", "Public", "must-understand"),
        number,
      )
      .map(([name, value]) => `${name}=${value}`),
  );
  const date = fc.oneof(odd, fc.constantFrom("Thu, 01 Jan 1970 00:00:00 GMT", "0", "Wed, 31 Feb 2025 25:61:61 GMT"));
  const fields = fc.record(
    {
      "cache-control": fc.array(directive, { maxLength: 6 }).map((list) => list.join(",")),
      "cdn-cache-control": directive,
      expires: date,
      date,
      "last-modified": date,
      age: number.map(String),
      etag: odd,
      vary: odd,
      "content-type": odd,
      "cache-status": odd,
      "surrogate-key": odd,
      location: odd,
      connection: odd,
    },
    { requiredKeys: [] },
  );
  const asked = fc.record(
    {
      "cache-control": directive,
      pragma: odd,
      range: fc.oneof(
        odd,
        number.map((value) => `bytes=${value}-`),
      ),
      "if-range": odd,
      "if-none-match": odd,
      "if-modified-since": date,
      cookie: odd,
      authorization: odd,
      origin: odd,
    },
    { requiredKeys: [] },
  );
  const status = fc.oneof(fc.constantFrom(200, 204, 206, 301, 304, 404, 416, 503), fc.integer({ min: 200, max: 599 }));
  const method = fc.constantFrom("GET", "HEAD", "POST", "get", "\x80");

  it(`traps nothing, and breaks no rule of the proxy, ${RUNS} times`, async () => {
    ({ proxy, plugin } = await cacheWith({ staleIfError: "1m", staleWhileRevalidate: "1m", defaultTtl: "1s" }));
    proxy.recording = false;
    check(fc.array(fc.tuple(method, asked, fields, status, fc.nat(3)), { minLength: 2, maxLength: 5 }), (exchanges) => {
      const path = `/${turn++ % 100}`;
      for (const [verb, request, response, code, wait] of exchanges) {
        const stream = plugin
          .openStream()
          .sendRequestHeaders([
            [":method", Buffer.from(verb, "latin1")],
            [":scheme", "http"],
            [":authority", "a.example"],
            [":path", path],
            ...bytesOf(request),
          ]);
        const hasBody = ![204, 304].includes(code) && verb !== "HEAD";
        if (stream.request.state === "forwarded") {
          stream.respond({ status: code, headers: bytesOf(response), ...(hasBody ? { body: "body" } : {}) });
        }
        expect(stream.response?.complete).toBe(true);
        proxy.clock.advance(wait * SECOND);
      }
      expect(proxy.vm(0).trapped).toBeUndefined();
      expect(proxy.violations).toEqual([]);
    });
  });
});

function bytesOf(fields: Readonly<Record<string, string | undefined>>): (readonly [string, Uint8Array])[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Buffer.from(value, "latin1")] as const],
  );
}

describe("a body", () => {
  const chunks = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.nat(255).chain((byte) => fc.nat(9000).map((n) => new Uint8Array(n).fill(byte))),
    ),
    { maxLength: 12 },
  );

  it("of any bytes in any chunks comes back as it was, from the store and from Redis, or is not stored", async () => {
    const redis = new Redis();
    const sections = { webdis: CACHE_WEBDIS };
    ({ proxy, plugin } = await cacheWith({ maxBodyBytes: "32KiB" }, sections));
    const other = await cacheWith({ maxBodyBytes: "32KiB" }, sections);
    proxy.recording = false;
    other.proxy.recording = false;
    check(
      chunks,
      (parts) => {
        const path = `/${turn++}`;
        const first = get(plugin, path);
        redis.answerAll(proxy);
        first.respondHeaders({ ":status": "200", ...FRESH });
        for (const part of parts) first.respondBody(part);
        first.respondBody("", true);
        redis.answerAll(proxy);
        const body = Buffer.concat(parts);
        expect(Buffer.compare(first.response?.body ?? Buffer.alloc(0), body)).toBe(0);
        for (const gateway of [{ proxy, plugin }, other]) {
          const stream = get(gateway.plugin, path);
          redis.answerAll(gateway.proxy);
          expect(stream.request.state).toBe(body.length > 32 * 1024 ? "forwarded" : "answered");
          if (stream.request.state === "answered") {
            expect(Buffer.compare(stream.response?.body ?? Buffer.alloc(1), body)).toBe(0);
          }
          stream.disconnect();
        }
        redis.values.clear();
        redis.commands.splice(0);
      },
      2000,
    );
    expect(proxy.violations).toEqual([]);
  });

  it("of the largest size that is stored is, and of one byte more is not", async () => {
    ({ proxy, plugin } = await cacheWith({ maxBodyBytes: "64KiB" }));
    for (const [size, outcome] of [
      [64 * 1024, "answered"],
      [64 * 1024 + 1, "forwarded"],
    ] as const) {
      fill(plugin, `/${size}`, answer(FRESH, new Uint8Array(size).fill(7)));
      const stream = get(plugin, `/${size}`);
      expect(stream.request.state).toBe(outcome);
      if (outcome === "answered") expect(hitOf(stream)).toHaveLength(size);
    }
  });
});
