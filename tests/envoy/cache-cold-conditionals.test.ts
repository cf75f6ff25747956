import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Http1Client, PROTOCOLS, cacheClient, cacheStatus, isHit, type CacheClient } from "./support/cache-client.ts";
import { CacheGateway, cacheFilter } from "./support/cache-gateway.ts";
import { ENVOY_VERSIONS } from "./support/envoy-versions.ts";
import type { Fields } from "./support/scripted-upstream.ts";

const BODY = Buffer.from("x".repeat(100_000));
const FRESH: Fields = [["cache-control", "max-age=600"], ["content-type", "text/plain"], ["etag", '"v1"']]; // prettier-ignore
const HAS_V1: Fields = [["if-none-match", '"v1"']]; // prettier-ignore

/** Compresses whatever it takes for content, of any length: nothing of it may come behind a 304. */
const COMPRESSOR = {
  name: "envoy.filters.http.compressor",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor",
    response_direction_config: { common_config: { min_content_length: 30 } },
    compressor_library: {
      name: "gzip",
      typed_config: { "@type": "type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip" },
    },
  },
};

/** Writes a body of its own for whatever is no 304, as docs/cache.md has it. */
const LUA = {
  name: "envoy.filters.http.lua",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
    default_source_code: {
      inline_string: `function envoy_on_response(handle)
        if handle:headers():get(":status") == "304" then return end
        local body = handle:body()
        if body then body:setBytes("written") end
      end`,
    },
  },
};

const gateway = new CacheGateway();
const { upstream } = gateway;
const envoys = new Map(
  ENVOY_VERSIONS.map((version) => {
    const listeners = {
      plain: [cacheFilter()],
      compressed: [COMPRESSOR, cacheFilter()],
      written: [LUA, cacheFilter()],
    };
    return [version, gateway.envoy(version, { version, listeners })];
  }),
);

beforeAll(async () => {
  await gateway.start(...envoys.values());
});

afterAll(async () => {
  await gateway.stop();
});

const WAYS = ENVOY_VERSIONS.flatMap((version) =>
  PROTOCOLS.flatMap((protocol) =>
    (["plain", "compressed"] as const).map((listener) => ({ version, protocol, listener })),
  ),
);

describe.each(WAYS)(
  "a client's condition where nothing is stored: Envoy $version, $protocol, $listener",
  ({ version, protocol, listener }) => {
    let client: CacheClient;
    const base = `/${version}/${listener}/${protocol}`;

    beforeEach(() => {
      client = cacheClient(protocol, envoys.get(version)?.at(listener) ?? 0);
    });

    afterEach(() => {
      client.close();
    });

    it.each([
      ["of a known length", [["content-length", String(BODY.length)]]],
      ["in chunks", []],
    ] satisfies [string, Fields][])("is answered with 304, and the content is stored: %s", async (name, length) => {
      const path = `${base}/${encodeURIComponent(name)}`;
      const asked: (string | undefined)[] = [];
      upstream.on(path, (request, response) => {
        asked.push(request.headers["if-none-match"]);
        response.writeHead(200, [...FRESH, ...length].flat());
        response.write(BODY.subarray(0, 10));
        setImmediate(() => response.end(BODY.subarray(10)));
      });
      const headers: Fields = [...HAS_V1, ["accept-encoding", "gzip"]];
      const first = await client.send(path, { headers });
      expect([first.status, first.body.length]).toEqual([304, 0]);
      expect(first.headers["etag"]).toEqual(['"v1"']);
      for (const name of ["content-type", "content-encoding", "transfer-encoding"]) {
        expect(first.headers).not.toHaveProperty(name);
      }
      expect(cacheStatus(first)).toBe("signpost; fwd=uri-miss; fwd-status=200; stored");
      // The same connection: a byte behind the 304 would be read as the beginning of this one.
      const next = await client.send(path);
      expect([next.status, isHit(next), next.body.equals(BODY)]).toEqual([200, true, true]);
      const again = await client.send(path, { headers });
      expect([again.status, isHit(again)]).toEqual([304, true]);
      expect(asked).toEqual([undefined]);
    });

    it("is answered with the whole where that is news", async () => {
      const path = `${base}/news`;
      upstream.on(path, (_, response) => {
        response.writeHead(200, FRESH.flat());
        response.end(BODY);
      });
      const first = await client.send(path, { headers: [["if-none-match", '"v0"']] });
      expect([first.status, first.body.equals(BODY)]).toEqual([200, true]);
      expect(isHit(await client.send(path))).toBe(true);
    });

    it.each([
      [
        "a stream of events",
        [
          ["content-type", "text/event-stream"],
          ["etag", '"v1"'],
        ],
      ],
      [
        "more than is stored",
        [
          ["cache-control", "max-age=600"],
          ["content-length", "2000000"],
          ["etag", '"v1"'],
        ],
      ],
    ] satisfies [string, Fields][])(
      "is answered with 304 at once, and the upstream is let go of: %s",
      async (name, fields) => {
        const path = `${base}/${encodeURIComponent(name)}`;
        const isLetGo = new Promise((resolve) => {
          upstream.on(path, (_, response) => {
            response.writeHead(200, fields.flat());
            response.write("x".repeat(100));
            response.once("close", resolve);
          });
        });
        const first = await client.send(path, { headers: HAS_V1 });
        expect([first.status, first.body.length, first.headers["etag"]]).toEqual([304, 0, ['"v1"']]);
        await isLetGo;
        upstream.on(`${base}/next`, (_, response) => {
          response.end("next");
        });
        expect((await client.send(`${base}/next`)).body.toString()).toBe("next");
      },
    );
  },
);

describe.each(ENVOY_VERSIONS)("a filter before the cache that writes bodies: Envoy %s", (version) => {
  it("writes none behind the 304 where it leaves those alone", async () => {
    const client = new Http1Client(envoys.get(version)?.at("written") ?? 0);
    const path = `/${version}/written`;
    upstream.on(path, (_, response) => void response.writeHead(200, FRESH.flat()).end(BODY));
    const first = await client.send(path, { headers: HAS_V1 });
    expect([first.status, first.body.length, isHit(first)]).toEqual([304, 0, false]);
    for (let i = 0; i < 2; i++) {
      const next = await client.send(path);
      expect([next.status, isHit(next), next.body.toString()]).toEqual([200, true, "written"]);
    }
    client.close();
  });
});
