import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Http1Client, PROTOCOLS, cacheClient, isHit } from "./support/cache-client.ts";
import { CacheGateway, cacheFilter } from "./support/cache-gateway.ts";
import type { Script } from "./support/scripted-upstream.ts";

const LARGE = 200_000;
const FRESH = ["cache-control", "max-age=600"] as const;

/** Stands between the cache and the upstream, and holds each body until it is whole. */
const READS = {
  name: "reads",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
    default_source_code: {
      inline_string: `function envoy_on_response(handle)
        local body = handle:body()
        handle:headers():replace("x-seen", body and tostring(body:length()) or "none")
      end`,
    },
  },
};

const gateway = new CacheGateway();
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", {
  listeners: { cached: [cacheFilter()], reads: [cacheFilter(), READS] },
});

beforeAll(async () => {
  await gateway.start(envoy);
});

afterAll(async () => {
  await gateway.stop();
});

function large(byte: string): Script {
  return (_, response) => {
    response.writeHead(200, [...FRESH]);
    response.end(byte.repeat(LARGE));
  };
}

describe("a large body from the store", () => {
  it.each(PROTOCOLS)("and what follows it on the connection come as they are, by %s", async (protocol) => {
    const client = cacheClient(protocol, envoy.at("cached"));
    const path = `/${protocol}`;
    upstream.on(path, large("a"));
    upstream.on(`${path}/small`, (_, response) => void response.writeHead(200, [...FRESH]).end("small"));
    for (const isFromStore of [false, true, true]) {
      const reply = await client.send(path);
      expect(isHit(reply)).toBe(isFromStore);
      expect(reply.headers["content-length"] ?? [String(LARGE)]).toEqual([String(LARGE)]);
      expect(reply.body.equals(Buffer.alloc(LARGE, "a"))).toBe(true);
      expect((await client.send(`${path}/small`)).body.toString()).toBe("small");
    }
    const part = await client.send(path, { headers: [["range", "bytes=100000-199999"]] });
    expect([part.status, part.body.length]).toEqual([206, 100_000]);
    client.close();
  });

  it("passes a filter between the cache and the upstream that holds bodies until they are whole", async () => {
    const client = new Http1Client(envoy.at("reads"));
    upstream.on("/reads", large("r"));
    const first = await client.send("/reads");
    expect(first.headers["x-seen"]).toEqual([String(LARGE)]);
    const hit = await client.send("/reads");
    expect(isHit(hit)).toBe(true);
    expect(hit.headers["x-seen"]).toEqual([String(LARGE)]);
    expect(hit.body.equals(Buffer.alloc(LARGE, "r"))).toBe(true);
    client.close();
  });
});
