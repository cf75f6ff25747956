import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { answer, cacheWith, counted, get, hitOf, SECOND, type Fields } from "./support/cache.ts";
import { CACHE_WEBDIS, Redis } from "./support/redis.ts";

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
