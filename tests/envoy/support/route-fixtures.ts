import { setTimeout as sleep } from "node:timers/promises";
import { json, send, type HttpReply } from "../../../envoy-local/lib/http-client.ts";
import { HOST, redisOf, tenantsOf, type Knowledge, type RouteFixture } from "../../fixtures/route/fixture.ts";
import type { Observed } from "../../fixtures/route/observed.ts";
import { ROUTE_SUITES } from "../../fixtures/route/suites.ts";
import type { FakeService } from "./fake-service.ts";
import { Gateway } from "./gateway.ts";
import type { RealTiers } from "./real-tiers.ts";

/** What the echoing upstream saw. */
interface Seen {
  path: string;
  headers: Record<string, string[]>;
  body: string;
}

/** Tells the tiers what they know of a fixture. First the service: a changed tenant's record is removed from Redis. */
export async function teach(tiers: RealTiers, fixture: RouteFixture, known: Knowledge): Promise<void> {
  for (const [name, tenant] of Object.entries(tenantsOf(fixture, known))) await tiers.addTenant(HOST, name, tenant);
  for (const [key, value] of Object.entries(redisOf(fixture, known))) await tiers.put(key, value);
}

async function ask({ request }: RouteFixture, port: number): Promise<HttpReply> {
  const headers = (request.headers ?? []).map(([name, value]) => [name, onTheWire(value)] as const);
  return send({
    port,
    path: request.path,
    method: request.method ?? "GET",
    headers: [["host", request.host ?? HOST], ...headers],
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** A gateway with a listener for each suite of fixtures, in their order. */
export interface FixtureGateway extends RealTiers {
  port(index: number): number;
}

/** Runs a fixture of the `index`-th suite. */
export async function runOnEnvoy(fixture: RouteFixture, gateway: FixtureGateway, index: number): Promise<Observed> {
  const { earlier } = fixture;
  if (earlier) {
    await teach(gateway, fixture, earlier);
    await ask(fixture, gateway.port(index));
    await sleep(earlier.milliseconds);
    for (const key of Object.keys(redisOf(fixture, earlier))) await gateway.remove(key);
  }
  await teach(gateway, fixture, fixture);
  return observe(await ask(fixture, gateway.port(index)));
}

function observe(reply: HttpReply): Observed {
  const report = reply.headers["x-signpost"];
  const answered = { report: typeof report === "string" ? report : null };
  // Only the echoing upstream says who it is.
  if (reply.headers["x-served-by"] === undefined) {
    const header = (name: string): string[] => reply.distinct[name] ?? [];
    return { ...answered, answer: { status: reply.status, header, body: reply.body.toString() } };
  }
  const { path, headers, body } = json(reply) as Seen;
  const header = (name: string): string[] => (headers[name] ?? []).map(fromTheWire);
  return { ...answered, upstream: { path, host: header("host").join(","), header, body } };
}

/** Node reads and writes header bytes as Latin-1; they are UTF-8. */
function fromTheWire(header: string): string {
  return Buffer.from(header, "latin1").toString("utf8");
}

function onTheWire(header: string): string {
  return Buffer.from(header, "utf8").toString("latin1");
}

/** Real time passes while a request is under way: an age may be more than a fixture says. */
export function ageless<T extends { report?: string | null }>(outcome: T): T {
  const { report } = outcome;
  return typeof report === "string" ? { ...outcome, report: report.replaceAll(/age=\d+/g, "age=*") } : outcome;
}

/** A gateway with a listener for each suite of fixtures, in their order. */
export function fixtureGateway(fake: FakeService, envoyVersion?: string): Gateway {
  return new Gateway(
    ROUTE_SUITES.map((suite) => suite.config),
    {
      ...(envoyVersion === undefined ? {} : { envoyVersion }),
      fixed: true,
      // Nobody will ever listen on a socket in the gateway's own directory.
      clusters: (directory) => ({ "fake-service": fake.port, refused: `${directory}/nobody.socket` }),
    },
  );
}
