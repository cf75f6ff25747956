import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { answer, cacheWith, counted, get, hitOf, send, SECOND, type Fields } from "./support/cache.ts";
import { CACHE_WEBDIS, Redis, commandOf } from "./support/redis.ts";

const FRESH = { "cache-control": "max-age=6000", "content-type": "text/plain" };

interface Gateway {
  readonly proxy: ProxyHost;
  readonly plugin: Plugin;
}

let redis: Redis;

beforeEach(() => {
  redis = new Redis();
});

/** A gateway of the fleet, with a memory and a clock of its own. */
function gateway(webdis: Record<string, unknown> = {}): Promise<Gateway> {
  return cacheWith({}, { webdis: { ...CACHE_WEBDIS, ...webdis } });
}

/** What a client gets there; the upstream answers with `body` where it is asked. */
function ask({ proxy, plugin }: Gateway, fields: Fields, body: string): string | undefined {
  const stream = get(plugin, "/a");
  redis.answerAll(proxy);
  if (stream.request.state === "forwarded") stream.respond(answer(fields, body));
  redis.answerAll(proxy);
  return stream.response?.text;
}

describe("a gateway whose clock is an hour ahead", () => {
  it.each([{}, { vary: "x-a" }])("keeps no response out of the others' memory: %j", async (vary) => {
    const fields = { ...FRESH, ...vary };
    const [ahead, ours, other] = [await gateway(), await gateway(), await gateway()];
    ahead.proxy.clock.advance(3600 * SECOND);
    ask(ahead, fields, "from the future");
    expect(ask(ours, fields, "ours")).toBe("ours");
    expect(hitOf(get(ours.plugin, "/a"))).toBe("ours");
    expect(counted(ours.proxy)).toMatchObject({ "redis.errors.invalid": 1 });
    // And what that one has written is what others find.
    expect(ask(other, fields, "theirs")).toBe("ours");
  });
});

describe("an invalidation that has to wait for Redis", () => {
  /** A gateway with an invalidation that it could not send at once. */
  async function waitingGateway(): Promise<Gateway> {
    const late = await gateway({ breaker: { failures: 1, open: "60s" } });
    send(late.plugin, "POST", "/a").respond({ status: 200 });
    late.proxy.calls[0]?.refuse();
    return late;
  }

  it("does not undo a later one of another gateway", async () => {
    const [late, storing, changing, reading] = [
      await waitingGateway(),
      await gateway(),
      await gateway(),
      await gateway(),
    ];
    const pass = (seconds: number): void => {
      for (const { proxy } of [late, storing, changing, reading]) proxy.clock.advance(seconds * SECOND);
    };
    pass(20);
    ask(storing, FRESH, "old");
    pass(1);
    send(changing.plugin, "POST", "/a").respond({ status: 200 });
    redis.answerAll(changing.proxy);
    pass(40);
    redis.answerAll(late.proxy);
    expect(ask(reading, FRESH, "new")).toBe("new");
  });

  it("says when it was sent, and is kept for as long from then on", async () => {
    const { proxy } = await waitingGateway();
    const waitsSince = proxy.clock.now;
    proxy.clock.advance(61 * SECOND);
    const { value, ttl } = commandOf(proxy.calls[0]);
    expect(Number(Buffer.from(value).toString())).toBeGreaterThanOrEqual(waitsSince + 60 * SECOND);
    expect(ttl).toBe((24 * 3600 + 10) * SECOND);
  });
});
