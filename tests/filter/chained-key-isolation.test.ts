import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { HttpCall, Plugin, ProxyHost } from "proxy-wasm-host";
import { hostileRequest, hostileValue, type HostileOptions } from "../fixtures/keys/hostile-request.ts";
import { latin1, verdictOf, type ModelRequest } from "../fixtures/keys/model.ts";
import { webdisCommand } from "../fixtures/keys/webdis-command.ts";
import { filterWith } from "./support/filter.ts";
import { KEY_PREFIX, SEED, latin1Of, sendHostile } from "./support/hostile.ts";
import { webdisSays } from "./support/tiers.ts";

const RUNS = 1500;
const HOSTILE: HostileOptions = { breaks: true, tenant: "tenant", longest: 2000 };

/** In memory, so that most requests get the first one's record from there. */
const FIRST = { name: "first", key: "first:{header[x-tenant]}" };
const SECOND = { name: "second", key: "second:{first:/tenant}:{path[1]}" };
const THIRD = { name: "third", key: "third:{first:/more/0|none}/{query[tenant]|}/{second:/tenant|none}" };
const LOOKUPS = [FIRST, { ...SECOND, local: false }, { ...THIRD, local: false }];

/** What Redis holds under a key: a record with values that somebody chose with bad intentions, or nothing. */
interface Held {
  document: string | undefined;
  /** The values that later lookups use, as text. */
  tenant?: string;
  more?: string;
}

/** JSON as written, and the text that it stands for in a template. */
const value: fc.Arbitrary<[json: string, text?: string]> = fc.oneof(
  { weight: 6, arbitrary: hostileValue(HOSTILE).map(jsonOf) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<[string, string?][]>(
      ["1.50", "1.50"],
      ["-0e2", "-0e2"],
      ["true", "true"],
      ["null"],
      ['["victim"]'],
      ["{}"],
    ),
  },
);

const held: fc.Arbitrary<Held> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ document: undefined }) },
  {
    weight: 6,
    arbitrary: fc.tuple(value, value).map(([tenant, more]) => ({
      document: `{"headers":{}, "more": [${more[0]}], "tenant": ${tenant[0]}}`,
      ...(tenant[1] === undefined ? {} : { tenant: tenant[1] }),
      ...(more[1] === undefined ? {} : { more: more[1] }),
    })),
  },
);

/** JSON is text: bytes that are none become U+FFFD. */
function jsonOf(bytes: string): [string, string] {
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return [JSON.stringify(text), latin1(text)];
}

/** The keys that Redis has to be asked for, in order, with what it holds. */
function expectedKeys(request: ModelRequest, redis: (key: string) => Held): string[] {
  const found: Record<string, string> = {};
  return LOOKUPS.flatMap((lookup) => {
    const verdict = verdictOf(lookup, request, found);
    if (verdict.kind !== "asks") return [];
    const { tenant, more } = redis(verdict.key);
    if (tenant !== undefined) found[`${lookup.name}:/tenant`] = tenant;
    if (more !== undefined) found[`${lookup.name}:/more/0`] = more;
    return [verdict.key];
  });
}

describe(`whatever clients and records hold (SEED=${SEED})`, () => {
  let proxy: ProxyHost;
  let plugin: Plugin;

  beforeAll(async () => {
    // Whatever becomes of one lookup, the next one has its turn.
    const lookups = LOOKUPS.map((lookup) => ({ ...lookup, onError: { invalid: "continue" } }));
    ({ proxy, plugin } = await filterWith({ webdis: { cluster: "webdis" }, lookups }, { recording: false }));
  });

  it("a later lookup asks for the key of what the earlier ones found for this very request", () => {
    const contents = new Map<string, Held>();
    const askedFirst = new Set<string>();
    let chained = 0;
    fc.assert(
      fc.property(hostileRequest(HOSTILE), fc.tuple(held, held, held), (request, [one, two, three]) => {
        const fresh = [one, two, three];
        const redis = (key: string): Held => {
          const content = contents.get(key) ?? fresh.pop() ?? one;
          contents.set(key, content);
          return content;
        };
        // What the first lookup found before is in memory.
        const expected = expectedKeys(request, redis).filter((key) => !askedFirst.has(key));
        for (const key of expected) if (key.startsWith("first:")) askedFirst.add(key);
        const stream = sendHostile(plugin, request);
        const asked: string[] = [];
        for (let call = proxy.calls[0]; call !== undefined; call = proxy.calls[0]) {
          const key = keyAskedBy(call);
          asked.push(key);
          const { document } = contents.get(key) ?? { document: undefined };
          webdisSays(call, document ?? null);
        }
        stream.disconnect();
        expect(asked).toEqual(expected);
        if (asked.some((key) => key.startsWith("second:"))) chained++;
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(chained).toBeGreaterThan(RUNS / 20);
  });
});

function keyAskedBy(call: HttpCall): string {
  const { arguments: asked, ...command } = webdisCommand(latin1Of(call.headers.getBytes(":path")) ?? "");
  expect(command).toEqual({ database: undefined, command: "GET", format: "json" });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.startsWith(KEY_PREFIX)).toBe(true);
  return asked[0]?.slice(KEY_PREFIX.length) ?? "";
}
