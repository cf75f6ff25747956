import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import { HOST } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter } from "./support/cache-gateway.ts";
import { answer } from "./support/scripted-upstream.ts";
import { statsReach } from "./support/stats.ts";

const TIMES = 200;

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", {
  // Nobody is to be rescued by the end of its own waiting.
  listeners: { cached: [cacheFilter({ collapse: { wait: "1m" } }, SHARED)] },
});
let session: ClientHttp2Session;

beforeAll(async () => {
  await gateway.start(envoy);
  session = connect(`http://${LOOPBACK}:${envoy.at()}`);
});

afterAll(async () => {
  session.destroy();
  await gateway.stop();
});

function ask(path: string, fields: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
  const stream = session.request({ ":method": "GET", ":authority": HOST, ":path": path, ...fields });
  // What a stream that is reset does not want to know.
  stream.on("error", () => undefined);
  return stream.resume();
}

async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  return Number(headers[":status"]);
}

describe("a request whose leader gives up, and whose next leader leaves before its turn", () => {
  it(`is answered, ${TIMES} times of ${TIMES}`, async () => {
    for (let i = 0; i < TIMES; i++) {
      const path = `/page-${i}`;
      upstream.on(path, answer(200, [["cache-control", "max-age=60"]], "here"));
      const first = ask(path, { "cache-control": "only-if-cached" });
      const next = ask(path);
      const last = ask(path);
      const answered = statusOf(last);
      expect(await statusOf(first)).toBe(504);
      next.close(constants.NGHTTP2_CANCEL);
      expect(await answered).toBe(200);
      expect(upstream.count(path)).toBeGreaterThan(0);
    }
    await statsReach(envoy, { "wasmcustom.signpost.responses.fetches": 0 });
  });
});
