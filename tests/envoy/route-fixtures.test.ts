import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, tenantOf, type Outcome, type RouteFixture } from "../fixtures/route/fixture.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { Gateway } from "./support/gateway.ts";

/** The releases that the module has to work in; test.sh installs them. 1.38.3 is on PyPI without any Wasm runtime. */
const ENVOY_VERSIONS = ["1.36.4", "1.38.2", "1.40.0"];

/** What the echoing upstream saw. */
interface Seen {
  path: string;
  headers: Record<string, string[]>;
  body: string;
}

async function run(fixture: RouteFixture, gateway: Gateway, index: number): Promise<HttpReply> {
  const { request } = fixture;
  const tenant = tenantOf(fixture);
  // First the service: a changed tenant's record is removed from Redis.
  if (fixture.tenant !== undefined) await gateway.addTenant(HOST, tenant, fixture.tenant);
  if (fixture.redis !== undefined) await gateway.put(keyOf(HOST, tenant), fixture.redis);
  const repeatable: Record<string, string[]> = {};
  for (const [name, value] of request.headers ?? []) (repeatable[name] ??= []).push(value);
  const headers = { ...repeatable, host: request.host ?? HOST };
  return send({
    port: gateway.port(index),
    path: request.path,
    method: request.method ?? "GET",
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

function seenBy(reply: HttpReply): NonNullable<Outcome["upstream"]> {
  expect(reply.status).toBe(200);
  const { path, headers, body } = json(reply) as Seen;
  const values = Object.entries(headers).map(([name, all]) => [name, text(all.join(","))] as const);
  return { path, host: headers["host"]?.join(",") ?? "", headers: Object.fromEntries(values), body };
}

/** Node reads header bytes as Latin-1; they are UTF-8. */
function text(header: string): string {
  return Buffer.from(header, "latin1").toString("utf8");
}

function check(fixture: RouteFixture, reply: HttpReply): void {
  const { upstream, answer, report } = fixture.expect;
  if (upstream) {
    const seen = seenBy(reply);
    expect(seen.path).toBe(upstream.path);
    if (upstream.host !== undefined) expect(seen.host).toBe(upstream.host);
    if (upstream.body !== undefined) expect(seen.body).toBe(upstream.body);
    for (const [name, value] of Object.entries(upstream.headers ?? {})) {
      expect([name, seen.headers?.[name] ?? null]).toEqual([name, value]);
    }
  }
  if (answer) {
    expect(reply.status).toBe(answer.status);
    if (answer.body !== undefined) expect(reply.body.toString()).toBe(answer.body);
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      expect([name, reply.headers[name] ?? null]).toEqual([name, value]);
    }
  }
  expect(reply.headers["x-signpost"]).toBe(report);
}

describe.each(ENVOY_VERSIONS)("on Envoy %s,", (envoyVersion) => {
  const gateway = new Gateway(
    ROUTE_SUITES.map((suite) => suite.config),
    { envoyVersion },
  );

  beforeAll(async () => {
    await gateway.start();
  });

  afterAll(async () => {
    await gateway.stop();
  });

  ROUTE_SUITES.forEach((suite, index) => {
    describe(suite.name, () => {
      it.each(suite.fixtures)("$name", async (fixture) => {
        check(fixture, await run(fixture, gateway, index));
      });
    });
  });
});
