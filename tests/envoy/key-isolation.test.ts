import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VICTIM, VICTIM_HOST, carriable, hostileRequest } from "../fixtures/keys/hostile-request.ts";
import { KEY_LOOKUPS, TENANT_LOOKUPS } from "../fixtures/keys/lookups.ts";
import { verdictOf, type ModelLookup, type ModelRequest } from "../fixtures/keys/model.ts";
import { KeyGateway, metBy } from "./support/key-gateway.ts";
import { RawHttp1Client, RawHttp2Client, type RawClient } from "./support/raw-client.ts";

/** Another one every run; `SEED=… npx vitest …` repeats one. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Per listener and protocol: more than 5,000 in all. */
const REQUESTS = 120;
/** So many of them Envoy lets through at least: 2,000 in all. */
const PASSED = 48;
const KEY_PREFIX = "signpost:";
/** Where only the victim's requests are sent. */
const VICTIMS_PATH = "/3f9c-for-the-victim-only";

const PROTOCOLS = ["HTTP/1.1", "HTTP/2"] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** Who asks for nothing but what is the victim's to ask for. */
const VICTIMS_REQUEST: ModelRequest = {
  method: "GET",
  scheme: "http",
  authority: VICTIM_HOST,
  path: `/api/${VICTIM}?tenant=${VICTIM}`,
  headers: [
    ["x-tenant", VICTIM],
    ["cookie", `tenant=${VICTIM}`],
  ],
};

/** One for each lookup and way of remembering, with the place of its listener. */
const WATCHED = KEY_LOOKUPS.map((lookup, place) => ({ ...lookup, local: false, place }));
const ATTACKED = TENANT_LOOKUPS.flatMap((lookup) => [
  { ...lookup, local: false, memory: "without memory" },
  { ...lookup, local: {}, memory: "with a memory" },
]).map((lookup, index) => ({ ...lookup, place: WATCHED.length + index }));

const gateway = new KeyGateway([...WATCHED, ...ATTACKED].map(({ key, match, local }) => ({ key, match, local })));
const tally = new Map(PROTOCOLS.map((protocol) => [protocol, { sent: 0, refused: 0, passed: 0, asked: 0 }]));

beforeAll(async () => {
  const records = TENANT_LOOKUPS.map((lookup) => [
    KEY_PREFIX + victimsKey(lookup),
    JSON.stringify({ path: VICTIMS_PATH }),
  ]);
  await gateway.start(Object.fromEntries(records) as Record<string, string>);
});

afterAll(async () => {
  await gateway.stop();
  for (const [protocol, counts] of tally) console.log(`${protocol}: ${JSON.stringify(counts)}`);
});

function victimsKey(lookup: ModelLookup): string {
  const verdict = verdictOf(lookup, VICTIMS_REQUEST);
  if (verdict.kind !== "asks") throw new Error(`the victim has no key under ${lookup.key}`);
  return verdict.key;
}

/** Most of them such that the codec lets them through to the filter; some with a Host beside the authority. */
function hostileRequests(seed: number): ModelRequest[] {
  const anything = hostileRequest({ breaks: true, tenant: "tenant", longest: 3000 });
  return fc.sample(anything, { numRuns: REQUESTS, seed }).map((request, index) => {
    const sent = index % 4 === 0 ? request : carriable(request);
    return index % 10 === 1 ? { ...sent, headers: [...sent.headers, ["host", VICTIM_HOST]] } : sent;
  });
}

function clientOf(protocol: Protocol, port: number): RawClient {
  return protocol === "HTTP/2" ? new RawHttp2Client(port) : new RawHttp1Client(port);
}

/** Sends them one after the other, and gives what the filter met of them, and where each went. */
async function send(protocol: Protocol, place: number, requests: readonly ModelRequest[]) {
  const counts = tally.get(protocol) ?? { sent: 0, refused: 0, passed: 0, asked: 0 };
  const client = clientOf(protocol, gateway.port(place));
  for (const request of requests) {
    counts.sent++;
    if ((await client.send(request)) !== 200) counts.refused++;
  }
  client.close();
  const passed = gateway.takePassed();
  const asked = await gateway.takeAsked();
  counts.passed += passed.length;
  counts.asked += asked.length;
  expect(passed.length).toBeGreaterThanOrEqual(PASSED);
  return { asked, passed: passed.map((head) => ({ met: metBy(head), path: head.path })) };
}

describe.each(PROTOCOLS)(`whatever a client sends by %s (SEED=${SEED}),`, (protocol) => {
  it.each(WATCHED)("Redis is asked for the keys of what Envoy lets through, and nothing else: $key", async (lookup) => {
    const { asked, passed } = await send(protocol, lookup.place, hostileRequests(SEED + lookup.place));
    const keys = passed
      .map(({ met }) => verdictOf(lookup, met))
      .flatMap((verdict) => (verdict.kind === "asks" ? [verdict.key] : []));
    expect(asked).toEqual(keys.map((key) => ({ database: 0, words: ["GET", KEY_PREFIX + key] })));
    expect(keys.length).toBeGreaterThan(0);
  });

  it.each(ATTACKED)("only the victim is sent where its record says, $memory: $key", async (lookup) => {
    const requests = [VICTIMS_REQUEST, ...hostileRequests(SEED + lookup.place), VICTIMS_REQUEST];
    const { passed } = await send(protocol, lookup.place, requests);
    const own = victimsKey(lookup);
    for (const { met, path } of passed) {
      const verdict = verdictOf(lookup, met);
      const isVictim = verdict.kind === "asks" && verdict.key === own;
      expect([met, path.startsWith(VICTIMS_PATH)]).toEqual([met, isVictim]);
    }
    const paths = passed.map(({ path }) => path);
    expect([paths.at(0), paths.at(-1)]).toEqual(Array(2).fill(`${VICTIMS_PATH}?tenant=${VICTIM}`));
  });
});
