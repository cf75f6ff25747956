import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  PROTOCOLS,
  cacheClient,
  cacheStatus,
  essence,
  isHit,
  type CacheClient,
  type CacheRequest,
} from "./support/cache-client.ts";
import { CacheGateway, cacheFilter } from "./support/cache-gateway.ts";
import { ENVOY_VERSIONS } from "./support/envoy-versions.ts";
import { answer, inTurn, type Fields, type Script } from "./support/scripted-upstream.ts";

const FRESH = ["cache-control", "max-age=600"] as const;
const STALE = ["cache-control", "max-age=0"] as const;
const TEXT = ["content-type", "text/plain"] as const;
const BODY = "0123456789".repeat(10);

describe.each(ENVOY_VERSIONS)("a response cache in Envoy %s,", (version) => {
  const gateway = new CacheGateway();
  const envoy = gateway.envoy("envoy", { version, listeners: { cached: [cacheFilter()] } });

  beforeAll(async () => {
    await gateway.start(envoy);
  });

  afterAll(async () => {
    await gateway.stop();
  });

  describe.each(PROTOCOLS)("asked by %s,", (protocol) => {
    const { upstream } = gateway;
    let client: CacheClient;
    let tests = 0;
    let path = "";

    beforeEach(() => {
      client = cacheClient(protocol, envoy.at());
      path = `/${protocol}/${++tests}`;
    });

    afterEach(() => {
      client.close();
    });

    /** Scripts this test's path, and sends a request for it. */
    async function first(script: Script, request: CacheRequest = {}) {
      upstream.on(path, script);
      return client.send(path, request);
    }

    async function get(...headers: Fields) {
      return client.send(path, { headers });
    }

    it("answers the second request from the store, with its age and with what it did", async () => {
      const stored = await first(answer(200, [FRESH, TEXT, ["age", "60"], ["x-a", "1"]], BODY));
      const hit = await get();
      expect(cacheStatus(stored)).toBe("signpost; fwd=uri-miss; stored");
      expect(cacheStatus(hit)).toMatch(/^signpost; hit; ttl=5(40|3\d)$/);
      expect(Number(hit.headers["age"]?.[0])).toBeGreaterThanOrEqual(60);
      expect(essence(hit)).toEqual(essence(stored));
      expect(hit.headers["content-length"]).toEqual([String(BODY.length)]);
      expect(upstream.count(path)).toBe(1);
    });

    it("adds itself to what the caches before it say", async () => {
      await first(answer(200, [FRESH, ["cache-status", "origin-cache; hit"]], BODY));
      expect(cacheStatus(await get())).toMatch(/^origin-cache; hit, signpost; hit; ttl=\d+$/);
    });

    it.each([
      ["200", 200, BODY],
      ["an empty 200", 200, ""],
      ["204", 204, ""],
      ["301", 301, "moved"],
      ["an empty 301", 301, ""],
      ["404", 404, "nothing"],
      ["410", 410, "gone"],
    ] as const)("gives back %s as it was, content type included", async (_, status, body) => {
      const fields = [FRESH, TEXT, ["location", "/elsewhere"], ["x-a", "1"], ["x-b", ""], ["x-a", "2"]] as const;
      const stored = await first(answer(status, fields, body));
      const hit = await get();
      expect(isHit(hit)).toBe(true);
      expect(essence(hit)).toEqual(essence(stored));
      expect(upstream.count(path)).toBe(1);
    });

    it("gives no content type to what has none", async () => {
      const stored = await first(answer(200, [FRESH], BODY));
      const hit = await get();
      expect(isHit(hit)).toBe(true);
      expect(hit.headers).not.toHaveProperty("content-type");
      expect(essence(hit)).toEqual(essence(stored));
    });

    it("leaves encoded content as it is", async () => {
      const encoded = randomBytes(2_000);
      const fields = [FRESH, TEXT, ["content-encoding", "gzip"], ["vary", "accept-encoding"]] as const;
      const stored = await first(answer(200, fields, encoded), { headers: [["accept-encoding", "gzip"]] });
      const hit = await get(["accept-encoding", "gzip"]);
      expect(isHit(hit)).toBe(true);
      expect(hit.headers["content-encoding"]).toEqual(["gzip"]);
      expect(hit.body.equals(encoded)).toBe(true);
      expect(essence(hit)).toEqual(essence(stored));
    });

    it("gives back repeated fields one by one, in their order", async () => {
      const fields = [FRESH, ["link", "</a>; rel=a"], ["x-tag", "1"], ["link", "</b>; rel=b"], ["link", ""]] as const;
      await first(answer(200, fields, BODY));
      const hit = await get();
      expect(isHit(hit)).toBe(true);
      expect(hit.headers["link"]).toEqual(["</a>; rel=a", "</b>; rel=b", ""]);
    });

    it("joins the chunks of a body of unknown length", async () => {
      await first(answer(200, [FRESH, TEXT], "in ", "three ", "parts"));
      const hit = await get();
      expect(hit.body.toString()).toBe("in three parts");
      expect(hit.headers["content-length"]).toEqual(["14"]);
      expect(upstream.count(path)).toBe(1);
    });

    it("answers HEAD from what GET stored, with its length and without its body", async () => {
      const stored = await first(answer(200, [FRESH, TEXT], BODY));
      const head = await client.send(path, { method: "HEAD" });
      expect(isHit(head)).toBe(true);
      expect(head.headers["content-length"]).toEqual([String(BODY.length)]);
      expect(head.body).toHaveLength(0);
      expect(essence(head)).toEqual(essence({ ...stored, body: Buffer.alloc(0) }));
      expect((await get()).body.toString()).toBe(BODY);
      expect(upstream.count(path)).toBe(1);
    });

    it("does not answer GET from what HEAD brought", async () => {
      upstream.on(path, answer(200, [FRESH, TEXT], BODY));
      await client.send(path, { method: "HEAD" });
      expect((await get()).body.toString()).toBe(BODY);
      expect(upstream.count(path)).toBe(2);
    });

    it("tells a client that its own copy is good", async () => {
      await first(answer(200, [FRESH, TEXT, ["etag", '"1"'], ["x-a", "1"]], BODY));
      const reply = await get(["if-none-match", 'W/"0", "1"']);
      expect(reply.status).toBe(304);
      expect(reply.headers["etag"]).toEqual(['"1"']);
      expect(reply.headers).not.toHaveProperty("content-type");
      expect(reply.headers).not.toHaveProperty("content-length");
      expect(reply.body).toHaveLength(0);
      expect((await get(["if-none-match", '"2"'])).status).toBe(200);
      expect(upstream.count(path)).toBe(1);
    });

    it("answers with what it has when the upstream says that it is still good", async () => {
      const script = inTurn(
        answer(200, [STALE, TEXT, ["etag", '"1"'], ["x-a", "old"]], BODY),
        answer(304, [FRESH, ["etag", '"1"'], ["x-a", "new"]]),
      );
      const stored = await first(script);
      const validated = await get();
      const [, asked] = upstream.asked(path);
      expect(asked?.headers["if-none-match"]).toBe('"1"');
      expect(cacheStatus(validated)).toMatch(/^signpost; fwd=stale; fwd-status=304; stored; ttl=\d+$/);
      expect([validated.status, validated.body.toString()]).toEqual([200, stored.body.toString()]);
      expect(validated.headers["x-a"]).toEqual(["new"]);
      expect(validated.headers["content-type"]).toEqual(["text/plain"]);
      expect(essence(await get())).toEqual(essence(validated));
      expect(upstream.count(path)).toBe(2);
    });

    it("validates an empty response, whose content type stays", async () => {
      const script = inTurn(answer(200, [STALE, TEXT, ["etag", '"1"']], ""), answer(304, [FRESH, ["etag", '"1"']]));
      const stored = await first(script);
      const validated = await get();
      expect(validated.status).toBe(200);
      expect(validated.headers["content-type"]).toEqual(["text/plain"]);
      expect(validated.body).toHaveLength(0);
      expect(essence(await get())).toEqual(essence(validated));
      expect(stored.status).toBe(200);
      expect(upstream.count(path)).toBe(2);
    });

    it.each([
      ["bytes=0-9", 206, "0123456789", "bytes 0-9/100"],
      ["bytes=95-", 206, "56789", "bytes 95-99/100"],
      ["bytes=-3", 206, "789", "bytes 97-99/100"],
      ["bytes=0-999", 206, BODY, "bytes 0-99/100"],
      ["bytes=100-", 416, "", "bytes */100"],
    ])("cuts %s out of a stored whole", async (range, status, body, contentRange) => {
      await first(answer(200, [FRESH, TEXT, ["etag", '"1"']], BODY));
      const part = await get(["range", range]);
      expect([part.status, part.body.toString()]).toEqual([status, body]);
      expect(part.headers["content-range"]).toEqual([contentRange]);
      // HTTP/2 tells of an end without a body in another way.
      if (status === 206) expect(part.headers["content-length"]).toEqual([String(body.length)]);
      expect(upstream.count(path)).toBe(1);
    });

    it("gives all to a client whose If-Range is about something else", async () => {
      await first(answer(200, [FRESH, TEXT, ["etag", '"1"']], BODY));
      const whole = await get(["range", "bytes=0-9"], ["if-range", '"0"']);
      expect([whole.status, whole.body.toString()]).toEqual([200, BODY]);
      expect(upstream.count(path)).toBe(1);
    });

    it("keeps the variants of a URL beside each other", async () => {
      const script: Script = (request, response) => {
        response.writeHead(200, ["cache-control", "max-age=600", "vary", "accept-language"]);
        response.end(`in ${request.headers["accept-language"] ?? "any"}`);
      };
      upstream.on(path, script);
      for (const language of ["de", "fr", "de", "fr"]) {
        expect((await get(["accept-language", language])).body.toString()).toBe(`in ${language}`);
      }
      expect((await get()).body.toString()).toBe("in any");
      expect(upstream.count(path)).toBe(3);
    });

    it.each([
      ["no-store", [["cache-control", "no-store"]]],
      ["private", [["cache-control", "private, max-age=600"]]],
      ["a cookie", [FRESH, ["set-cookie", "a=1"]]],
      ["Vary: *", [FRESH, ["vary", "*"]]],
    ] satisfies [string, Fields][])("does not store what says %s", async (_, fields) => {
      await first(answer(200, fields, BODY));
      const second = await get();
      expect(isHit(second)).toBe(false);
      expect(second.body.toString()).toBe(BODY);
      expect(upstream.count(path)).toBe(2);
    });

    it("does not store half a response", async () => {
      const half: Script = (_, response) => {
        response.writeHead(200, ["cache-control", "max-age=600", "content-length", "100"]);
        response.write(BODY.slice(0, 50), () => response.destroy());
      };
      await expect(first(inTurn(half, answer(200, [FRESH], BODY)))).rejects.toThrow();
      client.close();
      client = cacheClient(protocol, envoy.at());
      expect((await get()).body.toString()).toBe(BODY);
      expect(isHit(await get())).toBe(true);
      expect(upstream.count(path)).toBe(2);
    });

    it("says 504 where nothing but a stored response will do", async () => {
      upstream.on(path, answer(200, [FRESH], BODY));
      const reply = await get(["cache-control", "only-if-cached"]);
      expect([reply.status, cacheStatus(reply)]).toEqual([504, "signpost; detail=only-if-cached"]);
      expect(upstream.count(path)).toBe(0);
    });
  });
});
