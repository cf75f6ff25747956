import { beforeAll, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import {
  HOST,
  WEBDIS,
  keyOf,
  redisOf,
  tenantsOf,
  type Knowledge,
  type Outcome,
  type RouteFixture,
  type RouteSuite,
} from "../fixtures/route/fixture.ts";
import { expectOutcome, type Observed } from "../fixtures/route/observed.ts";
import { inStore } from "../fixtures/route/reports.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

function tiersThatKnow(fixture: RouteFixture, known: Knowledge): Tiers {
  const tiers = new Tiers();
  tiers.user = WEBDIS;
  for (const [key, value] of Object.entries(redisOf(fixture, known))) tiers.redis.set(key, value);
  for (const [name, tenant] of Object.entries(tenantsOf(fixture, known))) tiers.tenants.set(keyOf(HOST, name), tenant);
  return tiers;
}

function send(fixture: RouteFixture, tiers: Tiers, proxy: ProxyHost, plugin: Plugin): Stream {
  const { body } = fixture.request;
  const stream = ask(plugin, fixture.request, { endOfStream: body === undefined });
  if (body !== undefined) stream.sendRequestBody(body);
  tiers.answerAll(proxy);
  if (stream.request.state === "forwarded") stream.respond({ status: 200, body: "seen" });
  return stream;
}

function run(fixture: RouteFixture, proxy: ProxyHost, plugin: Plugin): Stream {
  const { earlier } = fixture;
  if (earlier) {
    send(fixture, tiersThatKnow(fixture, earlier), proxy, plugin);
    proxy.clock.advance(earlier.milliseconds);
  }
  return send(fixture, tiersThatKnow(fixture, fixture), proxy, plugin);
}

function observe({ request, response }: Stream): Observed {
  const report = response?.headers.get("x-signpost") ?? null;
  if (request.state === "forwarded") {
    const { headers, body } = request;
    const path = headers.get(":path") ?? "";
    const host = headers.get(":authority") ?? "";
    return { upstream: { path, host, header: (name) => headers.getAll(name), body: text(body) }, report };
  }
  if (request.state !== "answered") throw new Error(`the request is ${request.state}`);
  const status = Number(response?.headers.get(":status"));
  return {
    answer: { status, header: (name) => response?.headers.getAll(name) ?? [], body: text(response?.body) },
    report,
  };
}

function text(body: Uint8Array | undefined): string {
  return Buffer.from(body ?? []).toString();
}

function runSuite(suite: RouteSuite): void {
  describe(suite.name, () => {
    let proxy: ProxyHost;
    let plugin: Plugin;

    beforeAll(async () => {
      ({ proxy, plugin } = await filterWith(suite.config));
    });

    it.each(suite.fixtures)("$name", (fixture) => {
      expectOutcome(observe(run(fixture, proxy, plugin)), fixture.expect);
      expect(proxy.violations).toEqual([]);
    });
  });
}

function secondTime({ expect: expected, again }: RouteFixture): Outcome {
  const { report } = expected;
  return typeof report === "string" ? { ...expected, report: again ?? inStore(report) } : expected;
}

/** What a lookup knows from its store and what a tier has just told it must do the same to a request. */
function runSuiteTwice(suite: RouteSuite): void {
  const fixtures = suite.fixtures.filter(({ earlier }) => earlier === undefined);
  if (fixtures.length === 0) return;
  describe(`${suite.name}, asked twice`, () => {
    let proxy: ProxyHost;
    let plugin: Plugin;

    beforeAll(async () => {
      ({ proxy, plugin } = await filterWith(suite.config));
    });

    it.each(fixtures)("$name", (fixture) => {
      run(fixture, proxy, plugin);
      const stream = run(fixture, proxy, plugin);
      expectOutcome(observe(stream), secondTime(fixture));
    });
  });
}

ROUTE_SUITES.forEach(runSuite);
ROUTE_SUITES.forEach(runSuiteTwice);
