import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, Stream } from "proxy-wasm-host";
import { answer, cacheWith, hitOf } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60" };

type Pairs = readonly (readonly [string, string])[];

/** A request in other bytes than most send for the same URI. */
interface AsReceived {
  scheme?: string;
  authority?: string;
  fields?: Pairs;
}

let plugin: Plugin;

beforeEach(async () => {
  ({ plugin } = await cacheWith());
});

function send(method: string, { scheme = "https", authority = "shop.example.com", fields = [] }: AsReceived): Stream {
  const pseudo: Pairs = [[":method", method], [":scheme", scheme], [":authority", authority], [":path", "/a"]]; // prettier-ignore
  return plugin.openStream().sendRequestHeaders([...pseudo, ...fields]);
}

const ALIKE: readonly [string, AsReceived][] = [
  ["X-Forwarded-Proto in capitals", { fields: [["x-forwarded-proto", "HTTPS"]] }],
  ["X-Forwarded-Proto in some of them", { fields: [["x-forwarded-proto", "hTTps"]] }],
  ["a host in capitals", { authority: "Shop.Example.com" }],
  ["the scheme's own port", { authority: "shop.example.com:443" }],
  ["an empty port", { authority: "shop.example.com:" }],
  ["a trailing dot", { authority: "shop.example.com." }],
  ["another scheme than X-Forwarded-Proto", { scheme: "http", fields: [["x-forwarded-proto", "https"]] }],
  ["a port of a proxy in front", { fields: [["x-forwarded-port", "443"]] }],
  ["a host of a proxy in front", { fields: [["x-forwarded-host", "shop.example.com"]] }],
];

describe("a request for a URI in other bytes than most have it", () => {
  it.each(ALIKE)("neither gets what was stored for them nor leaves them anything: %s", (_, other) => {
    send("GET", {}).respond(answer(FRESH, "usual"));
    const stream = send("GET", other);
    expect(hitOf(stream)).toBe("forwarded");
    stream.respond(answer({ ...FRESH, location: "HTTPS://Shop.Example.com:443/" }, "unusual", 301));
    expect([hitOf(send("GET", {})), hitOf(send("GET", other))]).toEqual(["usual", "unusual"]);
  });

  it.each(ALIKE.filter(([name]) => name !== "a trailing dot"))("invalidates what is stored for all: %s", (_, other) => {
    send("GET", {}).respond(answer(FRESH, "usual"));
    send("GET", other).respond(answer(FRESH, "unusual"));
    send("POST", other).respond(answer({}));
    expect([hitOf(send("GET", {})), hitOf(send("GET", other))]).toEqual(["forwarded", "forwarded"]);
  });
});

describe("X-Forwarded-Port", () => {
  it("that Envoy adds, of the port that its client came to, keeps no request out of the cache", () => {
    const properties = { destination: { port: 8443n } };
    const ask = (port: string): Stream =>
      plugin.openStream({ properties }).sendRequestHeaders([
        [":method", "GET"],
        [":scheme", "https"],
        [":authority", "shop.example.com"],
        [":path", "/a"],
        ["x-forwarded-port", port],
      ]);
    ask("8443").respond(answer(FRESH, "from 8443"));
    expect(hitOf(ask("8443"))).toBe("from 8443");
    expect(hitOf(ask("8444"))).toBe("forwarded");
    expect(hitOf(send("GET", {}))).toBe("forwarded");
  });
});
