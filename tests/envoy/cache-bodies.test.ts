import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../envoy-local/lib/readiness.ts";
import { Http1Client, cacheStatus, essence, isHit } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter, type CacheEnvoy } from "./support/cache-gateway.ts";
import { generator, randomResponse, sendRandom } from "./support/random-response.ts";
import { stat, statsReach } from "./support/stats.ts";

/** Another one every run; `SEED=… npx vitest …` repeats one. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Each comes back from the local store and from Redis: 10,000 answers in all. */
const RESPONSES = 5_000;
/** Written to Redis before the next ones are asked for: what waits to be written is bounded. */
const BATCH = 500;
const CONNECTIONS = 8;

const MAX_BODY = 256 * 1024;
/** One in so many is of any size; the others are small. */
const LARGE_EVERY = 50;
const SMALL = 4 * 1024;
/** Sizes at which something else begins: nothing, blocks of recordings, the limit. */
const EDGES = [0, 1, 4095, 4096, 4097, 16_384, 65_535, 65_536, MAX_BODY - 1, MAX_BODY];

const CONFIG = { maxBodyBytes: "256KiB", local: { maxBytes: "128MiB" } };
const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const options = { listeners: { cached: [cacheFilter(CONFIG, SHARED)] } };
const first = gateway.envoy("first", options);
const second = gateway.envoy("second", options);

beforeAll(async () => {
  await gateway.start(first, second);
});

afterAll(async () => {
  await gateway.stop();
});

function sizeOf(index: number): number {
  const random = generator(SEED + index);
  const any = Math.floor(random() * (index % LARGE_EVERY === 0 ? MAX_BODY : SMALL));
  return EDGES[index] ?? any;
}

/** What has to come back for the `index`-th response, whoever answers. */
function expected(index: number): unknown {
  const { status, fields, body } = randomResponse(SEED + index, sizeOf(index));
  const headers: Record<string, string[]> = {};
  for (const [name, value] of fields) (headers[name] ??= []).push(value);
  return { status, headers, body: body.toString("latin1") };
}

/** Asks for all of a batch, by a few connections, and gives what was wrong. */
async function faults(envoy: CacheEnvoy, from: number, isFromStore: boolean): Promise<string[]> {
  const wrong: string[] = [];
  let next = from;
  const ask = async (): Promise<void> => {
    const client = new Http1Client(envoy.at());
    for (let index = next++; index < from + BATCH; index = next++) {
      const reply = await client.send(`/${index}`);
      const { date, server, ...headers } = reply.headers;
      const isRight = isDeepStrictEqual(essence({ ...reply, headers }), expected(index));
      if (isRight && date?.length === 1 && server?.length === 1 && isHit(reply) === isFromStore) continue;
      wrong.push(`/${index} (${sizeOf(index)} bytes): ${reply.status} ${cacheStatus(reply)}`);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return wrong;
}

describe(`${RESPONSES} responses of random bytes, sizes, chunks and fields (SEED=${SEED})`, () => {
  it("come back as they were from the local store, and from Redis at another gateway", async () => {
    const wrong: string[] = [];
    for (let from = 0; from < RESPONSES; from += BATCH) {
      for (let index = from; index < from + BATCH; index++) {
        const response = randomResponse(SEED + index, sizeOf(index));
        upstream.on(`/${index}`, (...call) => sendRandom(response)(...call));
      }
      wrong.push(...(await faults(first, from, false)), ...(await faults(first, from, true)));
      await until(AbortSignal.timeout(30_000), async () => (await gateway.admin.dbSize()) >= from + BATCH || undefined);
      wrong.push(...(await faults(second, from, true)));
    }
    expect(wrong).toEqual([]);
    const asked = Array.from({ length: RESPONSES }, (_, index) => upstream.count(`/${index}`));
    expect(asked).toEqual(Array(RESPONSES).fill(1));
    await statsReach(first, { "wasmcustom.signpost.responses.hits": RESPONSES });
    await statsReach(second, { "wasmcustom.signpost.responses.redis_hits": RESPONSES });
    expect(await stat(second, "wasmcustom.signpost.responses.redis.damaged")).toBe(0);
  });

  it("pass uncached, and as they are, when they are one byte larger than what is stored", async () => {
    const response = { ...randomResponse(SEED, MAX_BODY + 1), status: 200 };
    for (const isCounted of [true, false]) {
      const path = `/large-${String(isCounted)}`;
      upstream.on(path, sendRandom({ ...response, isCounted }));
      const client = new Http1Client(first.at());
      for (const asked of [1, 2]) {
        const reply = await client.send(path);
        expect(reply.body.equals(response.body)).toBe(true);
        expect(upstream.count(path)).toBe(asked);
      }
      client.close();
    }
    await statsReach(first, {
      "wasmcustom.signpost.responses.too_large": 4,
      // Nothing of what was recorded until then is kept.
      "wasmcustom.signpost.responses.recorded_bytes": 0,
    });
  });
});
