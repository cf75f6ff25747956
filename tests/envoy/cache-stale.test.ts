import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Http1Client, cacheStatus, type CacheReply } from "./support/cache-client.ts";
import { CacheGateway, TO_UPSTREAM, cacheFilter } from "./support/cache-gateway.ts";
import { ScriptedUpstream, answer, inTurn, type Script } from "./support/scripted-upstream.ts";

/** As short as freshness can be told. */
const LIFETIME = 1_100;
const UPSTREAM_TIMEOUT = 500;

const STALE_IF_ERROR = ["cache-control", "max-age=1, stale-if-error=60"] as const;
const STALE_WHILE_REVALIDATE = ["cache-control", "max-age=1, stale-while-revalidate=60"] as const;
const ETAG = ["etag", '"1"'] as const;

const gateway = new CacheGateway();
const { upstream } = gateway;
/** Goes away in the middle. */
const mortal = new ScriptedUpstream();
const envoy = gateway.envoy("envoy", {
  listeners: { cached: [cacheFilter()], configured: [cacheFilter({ staleIfError: "1m", staleWhileRevalidate: "1m" })] },
  routes: [
    { match: { prefix: "/mortal" }, route: { cluster: "mortal" } },
    { match: { prefix: "/slow" }, route: { cluster: "upstream", timeout: `${UPSTREAM_TIMEOUT / 1000}s` } },
    { match: { prefix: "/" }, ...TO_UPSTREAM },
  ],
  clusters: () => ({ mortal: mortal.port }),
});

let client: Http1Client;

beforeAll(async () => {
  await mortal.start();
  await gateway.start(envoy);
  client = new Http1Client(envoy.at("cached"));
});

afterAll(async () => {
  client.close();
  await gateway.stop();
  await mortal.stop();
});

function brief(reply: CacheReply): string {
  return `${reply.status} ${reply.body.toString()} (${cacheStatus(reply).replace(/ttl=-?\d+/, (ttl) => (ttl.includes("-") ? "ttl<0" : "ttl>=0"))})`;
}

/** A response, and what comes instead of the next one. */
async function afterExpiry(path: string, then: Script): Promise<string[]> {
  upstream.on(path, inTurn(answer(200, [STALE_IF_ERROR, ETAG], "good"), then));
  await client.send(path);
  await sleep(LIFETIME);
  return [brief(await client.send(path)), brief(await client.send(path))];
}

describe("stale-if-error: the stored response stands in", () => {
  // That the upstream is asked again only after a second is for a clock that stands still: tests/filter/cache-validation.test.ts.
  it.each([500, 502, 503, 504])("for a %d of the upstream", async (status) => {
    const path = `/error/${status}`;
    const replies = await afterExpiry(path, answer(status, [["content-type", "text/plain"]], "an error"));
    expect(replies[0]).toBe(`200 good (signpost; fwd=stale; fwd-status=${status}; ttl<0)`);
    expect(replies[1]).toMatch(/^200 good /);
  });

  it("for a connection that is refused", async () => {
    mortal.on("/mortal", answer(200, [STALE_IF_ERROR], "good"));
    await client.send("/mortal");
    const { port } = mortal;
    await mortal.stop();
    await sleep(LIFETIME);
    expect(brief(await client.send("/mortal"))).toBe("200 good (signpost; fwd=stale; fwd-status=503; ttl<0)");
    await mortal.start(port);
  });

  it("for an upstream that does not answer in time", async () => {
    const replies = await afterExpiry("/slow", () => new Promise(() => undefined));
    expect(replies[0]).toBe("200 good (signpost; fwd=stale; fwd-status=504; ttl<0)");
  });

  it("for a connection that is cut before the response", async () => {
    const replies = await afterExpiry("/cut", (request) => {
      request.socket.destroy();
    });
    expect(replies[0]).toBe("200 good (signpost; fwd=stale; fwd-status=503; ttl<0)");
  });

  it("not for what is no error of the server", async () => {
    const replies = await afterExpiry("/gone", answer(404, [["cache-control", "no-store"]], "gone"));
    expect(replies[0]).toMatch(/^404 gone /);
  });

  it("not where the response forbids it", async () => {
    const fields = [["cache-control", "max-age=1, stale-if-error=60, must-revalidate"]] as const;
    upstream.on("/must", inTurn(answer(200, fields, "good"), answer(503, [], "an error")));
    await client.send("/must");
    await sleep(LIFETIME);
    expect(brief(await client.send("/must"))).toMatch(/^503 an error /);
  });

  it("as configured, where the response does not say", async () => {
    const configured = new Http1Client(envoy.at("configured"));
    upstream.on("/configured", inTurn(answer(200, [["cache-control", "max-age=1"]], "good"), answer(503, [], "error")));
    await configured.send("/configured");
    await sleep(LIFETIME);
    expect(brief(await configured.send("/configured"))).toMatch(/^200 good /);
    configured.close();
  });

  it("and gives way to the upstream when that is back", async () => {
    const script = inTurn(
      answer(200, [STALE_IF_ERROR], "good"),
      answer(503, [], "error"),
      answer(200, [STALE_IF_ERROR], "new"),
    );
    upstream.on("/back", script);
    await client.send("/back");
    await sleep(LIFETIME);
    expect((await client.send("/back")).body.toString()).toBe("good");
    await sleep(LIFETIME);
    expect((await client.send("/back")).body.toString()).toBe("new");
  });
});

describe("stale-while-revalidate", () => {
  it("has the first request validate, and serves all others at once meanwhile", async () => {
    let goOn: () => void = () => undefined;
    const held: Script = async (request, response, call) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      return answer(200, [["cache-control", "max-age=60"]], "new")(request, response, call);
    };
    upstream.on("/revalidated", inTurn(answer(200, [STALE_WHILE_REVALIDATE, ETAG], "old"), held));
    await client.send("/revalidated");
    await sleep(LIFETIME);
    const validating = new Http1Client(envoy.at("cached"));
    const first = validating.send("/revalidated");
    while (upstream.count("/revalidated") < 2) await sleep(5);
    // The upstream holds its answer until these have theirs.
    for (let i = 0; i < 20; i++) {
      expect(brief(await client.send("/revalidated"))).toBe("200 old (signpost; hit; ttl<0)");
    }
    goOn();
    expect((await first).body.toString()).toBe("new");
    expect(brief(await client.send("/revalidated"))).toBe("200 new (signpost; hit; ttl>=0)");
    expect(upstream.count("/revalidated")).toBe(2);
    validating.close();
  });

  it("keeps what is stored when validation says that it is still good", async () => {
    const script = inTurn(
      answer(200, [STALE_WHILE_REVALIDATE, ETAG, ["content-type", "text/plain"]], "old"),
      answer(304, [["cache-control", "max-age=60"], ETAG]),
    );
    upstream.on("/unchanged", script);
    await client.send("/unchanged");
    await sleep(LIFETIME);
    expect((await client.send("/unchanged")).body.toString()).toBe("old");
    expect(brief(await client.send("/unchanged"))).toBe("200 old (signpost; hit; ttl>=0)");
    expect(upstream.count("/unchanged")).toBe(2);
  });
});
