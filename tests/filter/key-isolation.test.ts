import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpCall, RequestState } from "proxy-wasm-host";
import { hostileRequest, type HostileOptions } from "../fixtures/keys/hostile-request.ts";
import { KEY_LOOKUPS } from "../fixtures/keys/lookups.ts";
import { verdictOf, type ModelLookup, type ModelRequest, type Verdict } from "../fixtures/keys/model.ts";
import { webdisCommand } from "../fixtures/keys/webdis-command.ts";
import type { PluginConfig } from "../fixtures/route/fixture.ts";
import { filterWith } from "./support/filter.ts";
import { KEY_PREFIX, KeyRegister, SEED, latin1Of, sendHostile } from "./support/hostile.ts";
import { webdisSays } from "./support/tiers.ts";

const RUNS = 1200;
/** Of requests on their way at once. */
const BATCH_RUNS = 150;
const WRITE_RUNS = 400;
const HOSTILE: HostileOptions = { breaks: true, tenant: "tenant", longest: 20_000 };
const ON_ERROR = { status: 503 };
/** What reaches Webdis as it was written, whatever stands between it and us. */
const PLAIN_PATH = /^\/GET\/[A-Za-z0-9\-_~%]+\.json\?jsonp=t[0-9a-f]{16}_[0-9a-f]{16}$/;

function configOf(lookup: ModelLookup, fields: PluginConfig = {}): PluginConfig {
  return {
    webdis: { cluster: "webdis" },
    lookups: [{ name: "tested", ...lookup, onError: ON_ERROR, ...fields }],
  };
}

/** The key a call asks Redis for, which is all it may do. */
function keyAskedBy(call: HttpCall): string {
  const path = latin1Of(call.headers.getBytes(":path")) ?? "";
  expect(path).toMatch(PLAIN_PATH);
  const { arguments: asked, ...command } = webdisCommand(path);
  expect(command).toEqual({ database: undefined, command: "GET", format: "json" });
  expect(asked).toHaveLength(1);
  expect([call.cluster, call.headers.get(":method"), call.headers.get(":authority")]).toEqual([
    "webdis",
    "GET",
    "webdis",
  ]);
  expect([call.headers.size, call.body.length, call.trailers.size]).toEqual([3, 0, 0]);
  return asked[0] ?? "";
}

/** What a call writes to Redis, which is all it may do. */
function writeOf(call: HttpCall): { key: string | undefined; body: string } {
  const path = latin1Of(call.headers.getBytes(":path")) ?? "";
  const { arguments: words, ...command } = webdisCommand(path);
  expect([call.cluster, call.headers.get(":method"), command]).toEqual([
    "webdis",
    "PUT",
    { database: undefined, command: "PSETEX", format: "raw" },
  ]);
  expect(words.slice(1)).toEqual(["7000"]);
  return { key: words[0], body: call.bodyText };
}

/** Where a request is that waits for nothing. What no codec would write, the proxy answers itself. */
function stateAfter(verdict: Verdict, request: ModelRequest): RequestState {
  const isSendable = ![request.authority, request.path, ...request.headers.flat()].some((text) =>
    /[\r\n\0]/.test(text),
  );
  return verdict.kind !== "invalid" && isSendable ? "forwarded" : "answered";
}

describe(`whatever a client sends (SEED=${SEED})`, () => {
  it.each(KEY_LOOKUPS)(
    "Redis is asked for the key of the client's own values, and nothing else: $key",
    async (lookup) => {
      const { proxy, plugin } = await filterWith(configOf(lookup, { local: false }), { recording: false });
      const register = new KeyRegister();
      fc.assert(
        fc.property(hostileRequest(HOSTILE), (request) => {
          const verdict = verdictOf(lookup, request);
          const stream = sendHostile(plugin, request);
          const keys = proxy.calls.map(keyAskedBy);
          expect(keys).toEqual(verdict.kind === "asks" ? [KEY_PREFIX + verdict.key] : []);
          if (verdict.kind === "asks") expect(register.belongsTo(verdict.key, verdict.values)).toBe(true);
          expect(stream.request.state).toBe(keys.length > 0 ? "paused" : stateAfter(verdict, request));
          stream.disconnect();
          for (const call of proxy.calls) webdisSays(call, null);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(proxy.vm(0).trapped).toBeUndefined();
      // But for what no client can send: line breaks and NUL, which the filter leaves to the proxy.
      expect(proxy.violations.filter((each) => !each.includes("was to be forwarded: CR, LF or NUL"))).toEqual([]);
      // Enough of these requests met the lookup, in enough different ways, to mean something.
      expect(register.size).toBeGreaterThan(RUNS / 40);
    },
  );

  it.each(KEY_LOOKUPS)(
    "nobody is served what was found for others, from a call or from memory: $key",
    async (lookup) => {
      const { proxy, plugin } = await filterWith(configOf(lookup), { recording: false });
      /** The number of each key's record. */
      const records = new Map<string, string>();
      const recordOf = (key: string): string => {
        const number = records.get(key) ?? String(records.size);
        records.set(key, number);
        return number;
      };
      let served = 0;
      fc.assert(
        fc.property(fc.array(hostileRequest(HOSTILE), { minLength: 2, maxLength: 12 }), (requests) => {
          const sent = requests.map((request) => ({ request, stream: sendHostile(plugin, request) }));
          for (const call of proxy.calls) {
            webdisSays(call, JSON.stringify({ headers: { "x-record": recordOf(keyAskedBy(call)) } }));
          }
          for (const { request, stream } of sent) {
            const verdict = verdictOf(lookup, request);
            expect(stream.request.state).toBe(stateAfter(verdict, request));
            const expected = verdict.kind === "asks" ? [recordOf(KEY_PREFIX + verdict.key)] : [];
            expect(stream.request.headers.getAll("x-record")).toEqual(expected);
            served += expected.length;
            stream.disconnect();
          }
        }),
        { numRuns: BATCH_RUNS, seed: SEED },
      );
      // Many more were served than were asked for: keys met again in memory and in flight.
      expect(served).toBeGreaterThan(records.size);
      expect(records.size).toBeGreaterThan(BATCH_RUNS / 40);
    },
  );

  it.each(KEY_LOOKUPS)("what a service answers is written under the key it was asked for: $key", async (lookup) => {
    const service = { cluster: "routing-service", path: "/routes", fill: true };
    const { proxy, plugin } = await filterWith(configOf(lookup, { local: false, service }), { recording: false });
    let written = 0;
    fc.assert(
      fc.property(hostileRequest(HOSTILE), (request) => {
        const verdict = verdictOf(lookup, request);
        const stream = sendHostile(plugin, request);
        for (const call of proxy.calls) webdisSays(call, null);
        for (const call of proxy.calls) call.reply({ status: 200, body: '{"ttl": 7}' });
        const writes = proxy.calls.map(writeOf);
        expect(writes).toEqual(verdict.kind === "asks" ? [{ key: KEY_PREFIX + verdict.key, body: '{"ttl": 7}' }] : []);
        written += writes.length;
        for (const call of proxy.calls) call.reply({ body: "+OK\r\n" });
        stream.disconnect();
      }),
      { numRuns: WRITE_RUNS, seed: SEED },
    );
    expect(written).toBeGreaterThan(WRITE_RUNS / 40);
  });
});
