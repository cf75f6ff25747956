import { beforeAll, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost, Stream } from "proxy-wasm-host";
import { HOST, keyOf, tenantOf, type RouteFixture, type RouteSuite } from "../fixtures/route/fixture.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { ask, filterWith } from "./support/filter.ts";
import { Tiers } from "./support/tiers.ts";

function send(fixture: RouteFixture, proxy: ProxyHost, plugin: Plugin): Stream {
  const { body } = fixture.request;
  const tiers = new Tiers();
  const tenant = tenantOf(fixture);
  if (fixture.redis !== undefined) tiers.redis.set(keyOf(HOST, tenant), fixture.redis);
  if (fixture.tenant !== undefined) tiers.tenants.set(keyOf(HOST, tenant), fixture.tenant);
  const stream = ask(plugin, fixture.request, { endOfStream: body === undefined });
  if (body !== undefined) stream.sendRequestBody(body);
  tiers.answerAll(proxy);
  if (stream.request.state === "forwarded") stream.respond({ status: 200, body: "seen" });
  return stream;
}

function check(fixture: RouteFixture, stream: Stream): void {
  const { upstream, answer, report } = fixture.expect;
  const { request, response } = stream;
  expect(request.state).toBe(upstream ? "forwarded" : "answered");
  if (upstream) {
    expect(request.headers.get(":path")).toBe(upstream.path);
    if (upstream.host !== undefined) expect(request.headers.get(":authority")).toBe(upstream.host);
    if (upstream.body !== undefined) expect(Buffer.from(request.body).toString()).toBe(upstream.body);
    for (const [name, value] of Object.entries(upstream.headers ?? {})) {
      expect([name, request.headers.getAll(name)]).toEqual([name, value === null ? [] : [value]]);
    }
  }
  if (answer) {
    expect(response?.headers.get(":status")).toBe(String(answer.status));
    if (answer.body !== undefined) expect(Buffer.from(response?.body ?? []).toString()).toBe(answer.body);
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      expect([name, response?.headers.get(name) ?? null]).toEqual([name, value]);
    }
  }
  expect(response?.headers.get("x-signpost")).toBe(report);
}

function runSuite(suite: RouteSuite): void {
  describe(suite.name, () => {
    let proxy: ProxyHost;
    let plugin: Plugin;

    beforeAll(async () => {
      ({ proxy, plugin } = await filterWith(suite.config));
    });

    it.each(suite.fixtures)("$name", (fixture) => {
      const stream = send(fixture, proxy, plugin);
      check(fixture, stream);
      expect(proxy.violations).toEqual([]);
    });
  });
}

ROUTE_SUITES.forEach(runSuite);
