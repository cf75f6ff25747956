import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Http1Client, isHit } from "./support/cache-client.ts";
import { CacheGateway, cacheFilter } from "./support/cache-gateway.ts";
import { answer, type Script } from "./support/scripted-upstream.ts";

const TEXT = ["content-type", "text/plain"] as const;
const FRESH = ["cache-control", "max-age=60"] as const;

const gateway = new CacheGateway();
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", {
  workers: 1,
  listeners: { cached: [cacheFilter({ collapse: { wait: "0s" } })] },
});
let slow: Http1Client;
let others: Http1Client;

beforeAll(async () => {
  await gateway.start(envoy);
  slow = new Http1Client(envoy.at());
  others = new Http1Client(envoy.at());
});

afterAll(async () => {
  slow.close();
  others.close();
  await gateway.stop();
});

const start = Date.now();

/** Said and not left to the upstream's clock: which answer is older must not depend on when a second ends. */
function dateAt(seconds: number): ["date", string] {
  return ["date", new Date(start + seconds * 1000).toUTCString()];
}

/** An answer, or the rest of one, that the upstream keeps back until the test says so. */
class Held {
  #release: () => void = () => undefined;
  #ask: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });
  readonly asked = new Promise<void>((resolve) => {
    this.#ask = resolve;
  });

  release(): void {
    this.#release();
  }

  async wait(): Promise<void> {
    this.#ask();
    await this.#released;
  }
}

/** What everybody gets now: twice, and from the store. */
async function stored(path: string): Promise<string[]> {
  const replies = [await others.send(path), await others.send(path)];
  return replies.map((reply) => `${isHit(reply) ? "hit" : "miss"} ${reply.status} ${reply.body.toString()}`);
}

describe("a 304 that comes when what it confirms has been replaced", () => {
  it.each([
    ["by another 200", 200, [TEXT, FRESH, dateAt(0), ["etag", '"v2"']], "v2"],
    ["by a 410", 410, [TEXT, FRESH, dateAt(0)], "gone"],
  ] as const)("answers its own client and nobody else: %s", async (name, status, fields, body) => {
    const path = `/late/${name.length}`;
    const held = new Held();
    const script: Script = async (request, response, call) => {
      // It is stale as soon as it is stored, and of use as what is validated only.
      if (call === 1)
        return answer(200, [TEXT, ["cache-control", "max-age=0"], dateAt(-5), ["etag", '"v1"']], "v1")(
          request,
          response,
          call,
        );
      if (call > 2) return answer(status, fields, body)(request, response, call);
      expect(request.headers["if-none-match"]).toBe('"v1"');
      await held.wait();
      // By its Date it is the newest: it confirms what is not stored any more all the same.
      return answer(304, [FRESH, dateAt(5), ["etag", '"v1"']])(request, response, call);
    };
    upstream.on(path, script);
    await others.send(path);
    const late = slow.send(path);
    await held.asked;
    expect((await others.send(path)).body.toString()).toBe(body);
    held.release();
    expect((await late).body.toString()).toBe("v1");
    expect(await stored(path)).toEqual([`hit ${status} ${body}`, `hit ${status} ${body}`]);
    expect(upstream.count(path)).toBe(3);
  });
});

describe("an older response that ends later", () => {
  it.each([
    ["with its body", true],
    ["with its headers", false],
  ])("does not take the newer one's place: %s", async (name, isBegun) => {
    const path = `/older/${name.length}`;
    const held = new Held();
    const old = [TEXT, FRESH, dateAt(-5)];
    upstream.on(path, async (request, response, call) => {
      if (call > 1) return answer(200, [TEXT, FRESH, dateAt(0)], "new")(request, response, call);
      if (isBegun) {
        response.writeHead(200, old.flat());
        response.write("o");
      }
      await held.wait();
      if (!isBegun) response.writeHead(200, old.flat());
      response.end(isBegun ? "ld" : "old");
    });
    const late = slow.send(path);
    await held.asked;
    expect((await others.send(path)).body.toString()).toBe("new");
    held.release();
    expect((await late).body.toString()).toBe("old");
    expect(await stored(path)).toEqual(["hit 200 new", "hit 200 new"]);
    expect(upstream.count(path)).toBe(2);
  });
});
