import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Message, Plugin } from "proxy-wasm-host";
import { answer, cacheWith, fill, header, request, type Fields } from "./support/cache.ts";
import { ask } from "./support/filter.ts";
import { SEED } from "./support/hostile.ts";

const MODIFIED = "Tue, 31 Dec 2024 23:00:00 GMT";
const DATE = "Wed, 01 Jan 2025 00:00:00 GMT";

/** What is said of a content or a representation, truly, for a body. */
const TRUTHS: Readonly<Record<string, (body: Buffer) => string>> = {
  "content-length": (body) => String(body.length),
  "content-digest": (body) => `sha-256=:${digest("sha256", body)}:`,
  "content-md5": (body) => digest("md5", body),
};

const OF_THE_WHOLE: Fields = {
  "repr-digest": "sha-256=:whole:",
  digest: "sha-256=whole",
  etag: '"v1"',
  "last-modified": MODIFIED,
  "content-encoding": "gzip",
  "content-language": "en",
  "content-location": "/a.en",
  expires: "Thu, 01 Jan 2026 00:00:00 GMT",
  pragma: "x",
  "cdn-cache-control": "max-age=60",
  "accept-ranges": "none",
};

/** Of one connection, or of what a multipart answer has in each part. */
const OF_ONE_MESSAGE: Fields = {
  "transfer-encoding": "chunked",
  trailer: "x-sum",
  "keep-alive": "timeout=5",
};

function digest(algorithm: string, body: Uint8Array): string {
  return createHash(algorithm).update(body).digest("base64");
}

const STORED = fc.record({
  body: fc.uint8Array({ maxLength: 24 }),
  type: fc.constantFrom("text/plain", "multipart/byteranges; boundary=x", undefined),
  names: fc.subarray([...Object.keys(TRUTHS), ...Object.keys(OF_THE_WHOLE), ...Object.keys(OF_ONE_MESSAGE)]),
});

const REQUEST = fc.record({
  method: fc.constantFrom("GET", "GET", "GET", "HEAD"),
  fields: fc
    .record(
      {
        range: fc.constantFrom(
          "bytes=0-",
          "bytes=2-5",
          "bytes=-3",
          "bytes=9-",
          "bytes=99-",
          "bytes=0-1,3-4",
          "bytes=-0",
        ),
        "if-range": fc.constantFrom('"v1"', '"v0"', MODIFIED),
        "if-none-match": fc.constantFrom('"v1"', '"v0"', "*"),
        "if-modified-since": fc.constantFrom(MODIFIED, DATE),
      },
      { requiredKeys: [] },
    )
    .map((fields) => fields as Fields),
});

let plugin: Plugin;

beforeAll(async () => {
  ({ plugin } = await cacheWith());
});

describe("an answer from a stored response", () => {
  it("has no field that is false about its content, whatever was stored and asked", () => {
    let path = 0;
    fc.assert(
      fc.property(STORED, fc.array(REQUEST, { minLength: 1, maxLength: 4 }), (stored, requests) => {
        const body = Buffer.from(stored.body);
        const fields = Object.fromEntries(stored.names.map((name) => [name, valueOf(name, body)]));
        const type: Fields = stored.type === undefined ? {} : { "content-type": stored.type };
        const url = `/${path++}`;
        fill(plugin, url, answer({ date: DATE, "cache-control": "max-age=600", ...type, ...fields }, body));
        for (const { method, fields: asked } of requests) {
          const stream = ask(plugin, request(url, asked, { method }));
          expect(stream.request.state).toBe("answered");
          if (stream.response !== undefined) check(stream.response, method, body, fields);
        }
      }),
      { numRuns: 1000, seed: SEED },
    );
  });

  it("is told apart from the origin's own 206, whose fields are its own", () => {
    const part = answer({ "content-range": "bytes 0-1/10", "content-digest": "sha-256=:part:" }, "01", 206);
    const stream = fill(plugin, "/part", part, { range: "bytes=0-1" });
    expect(header(stream, "content-digest")).toBe("sha-256=:part:");
  });
});

function valueOf(name: string, body: Buffer): string {
  return TRUTHS[name]?.(body) ?? String(OF_THE_WHOLE[name] ?? OF_ONE_MESSAGE[name]);
}

function check(response: Message, method: string, body: Buffer, stored: Fields): void {
  const sent = Buffer.from(response.body);
  const get = (name: string): string | undefined => response.headers.get(name);
  for (const name of Object.keys(OF_ONE_MESSAGE)) expect(get(name), name).toBeUndefined();
  for (const name of ["content-digest", "content-md5"]) expect([undefined, valueOf(name, sent)]).toContain(get(name));
  const hasContent = response.status === 200 || response.status === 206;
  for (const name of ["repr-digest", "digest", "content-encoding", "content-language"]) {
    expect(get(name), name).toBe(hasContent ? stored[name] : undefined);
  }
  expect(get("etag")).toBe(stored["etag"]);
  switch (response.status) {
    case 200:
      expect(sent).toEqual(method === "HEAD" ? Buffer.alloc(0) : body);
      expect(get("content-range")).toBeUndefined();
      if (method === "HEAD" || body.length > 0) expect(get("content-length")).toBe(String(body.length));
      return;
    case 206: {
      const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(get("content-range") ?? "") ?? [];
      expect(Number(length)).toBe(body.length);
      expect(sent).toEqual(body.subarray(Number(first), Number(last) + 1));
      expect(get("content-length")).toBe(String(sent.length));
      for (const name of ["content-digest", "content-md5", "accept-ranges"]) expect(get(name), name).toBeUndefined();
      return;
    }
    case 304:
      expect([sent.length, get("content-range"), get("content-length")]).toEqual([0, undefined, undefined]);
      return;
    default:
      expect(response.status).toBe(416);
      expect(get("content-range")).toBe(`bytes */${body.length}`);
      for (const name of ["cache-control", "cdn-cache-control", "expires", "pragma", "age", "accept-ranges"]) {
        expect(get(name), name).toBeUndefined();
      }
  }
}
