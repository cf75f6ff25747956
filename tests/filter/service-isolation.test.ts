import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpCall } from "proxy-wasm-host";
import { hostileRequest, type HostileOptions } from "../fixtures/keys/hostile-request.ts";
import { SERVICE_LOOKUPS, type ServiceLookup } from "../fixtures/keys/lookups.ts";
import { climbs, decoded, fill, restOf, verdictOf, type ModelRequest } from "../fixtures/keys/model.ts";
import { isHeaderValue } from "../unit/support/http-reference.ts";
import { filterWith } from "./support/filter.ts";
import { SEED, latin1Of, sendHostile } from "./support/hostile.ts";

const RUNS = 1500;
const HOSTILE: HostileOptions = { breaks: true, tenant: "tenant", longest: 20_000 };

/** What the service is to be asked, decoded; undefined when it is not. */
interface Question {
  segments: (string | undefined)[];
  parameters: (string | undefined)[][];
  /** Without those whose value is missing, or such that no header can have it. */
  headers: [string, string][];
}

function expectedOf({ segments, parameters, ...lookup }: ServiceLookup, request: ModelRequest): Question | undefined {
  const rest = restOf(lookup, request);
  if (rest === undefined || verdictOf(lookup, request).kind !== "asks") return undefined;
  if (climbs(fill(lookup.service.path, request, rest)?.text ?? "")) return undefined;
  const text = (template: string): string | undefined => fill(template, request, rest, (value) => value)?.text;
  const headers = Object.entries(lookup.service.headers ?? {}).flatMap(([name, template]): [string, string][] => {
    const value = text(template);
    return value === undefined || !isHeaderValue(value) ? [] : [[name, value]];
  });
  return {
    segments: segments.map(text),
    parameters: parameters.map(([name, value]) => [text(name), text(value)]),
    headers,
  };
}

function askedBy(call: HttpCall): Question {
  const path = latin1Of(call.headers.getBytes(":path")) ?? "";
  const url = new URL(`http://routing-service${path}`);
  // Nothing for a parser to put right, nor to read in another way.
  expect([url.host, url.username, url.hash, url.pathname + url.search]).toEqual(["routing-service", "", "", path]);
  const { headers } = call;
  expect([call.cluster, headers.get(":method"), headers.get(":authority")]).toEqual([
    "routing-service",
    "GET",
    "routing-service",
  ]);
  expect([call.body.length, call.trailers.size, headers.get("accept-encoding")]).toEqual([0, 0, "identity"]);
  const parameters = url.search === "" ? [] : url.search.slice(1).split("&");
  return {
    segments: url.pathname.slice(1).split("/").map(decoded),
    parameters: parameters.map((parameter) => parameter.split("=").map(decoded)),
    headers: [...headers.pairs()]
      .filter(([name]) => !name.startsWith(":") && name !== "accept-encoding")
      .map(([name, value]) => [name, latin1Of(value) ?? ""]),
  };
}

describe(`whatever a client sends (SEED=${SEED}), each value arrives at the service in its own place`, () => {
  it.each(SERVICE_LOOKUPS)("$service.path", async (lookup) => {
    const { key, match, service } = lookup;
    const configured = { name: "tested", key, service: { cluster: "routing-service", ...service }, local: false };
    const { proxy, plugin } = await filterWith(
      { lookups: [match === undefined ? configured : { ...configured, match }] },
      { recording: false },
    );
    let asked = 0;
    fc.assert(
      fc.property(hostileRequest(HOSTILE), (request) => {
        const expected = expectedOf(lookup, request);
        const stream = sendHostile(plugin, request);
        expect(proxy.calls.map(askedBy)).toEqual(expected === undefined ? [] : [expected]);
        asked += proxy.calls.length;
        stream.disconnect();
        for (const call of proxy.calls) call.reply({ status: 404 });
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(proxy.vm(0).trapped).toBeUndefined();
    expect(asked).toBeGreaterThan(RUNS / 10);
  });
});
