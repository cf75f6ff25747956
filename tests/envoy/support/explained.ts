import { readFileSync } from "node:fs";
import { clientRequest } from "../../../cli/src/explain/client-request.ts";
import { Explainer } from "../../../cli/src/explain/explainer.ts";
import type { Explanation } from "../../../cli/src/explain/explanation.ts";
import { readPluginConfigs } from "../../../cli/src/plugin-config/index.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { FILTER_WASM, requireFilter } from "../../../envoy-local/lib/project.ts";
import { HOST, redisOf, type PluginConfig, type RouteFixture } from "../../fixtures/route/fixture.ts";
import type { Observed } from "../../fixtures/route/observed.ts";
import type { FakeService } from "./fake-service.ts";
import type { RealTiers } from "./real-tiers.ts";
import { teach } from "./route-fixtures.ts";

/** Has `signpost explain` tell what becomes of a fixture's request, with real tiers but without a proxy. */
export async function explainFixture(
  fixture: RouteFixture,
  config: PluginConfig,
  tiers: RealTiers,
  fake: FakeService,
): Promise<Explanation> {
  const explainer = await explainerFor(config, tiers, fake);
  const { request, earlier } = fixture;
  const client = clientRequest({
    url: `http://${request.host ?? HOST}${request.path}`,
    method: request.method ?? "GET",
    headers: (request.headers ?? []).map(([name, value]) => `${name}: ${value}`),
    body: request.body === undefined ? undefined : Buffer.from(request.body),
  });
  if (earlier) {
    await teach(tiers, fixture, earlier);
    await explainer.explain(client);
    explainer.wait(earlier.milliseconds);
    for (const key of Object.keys(redisOf(fixture, earlier))) await tiers.remove(key);
  }
  await teach(tiers, fixture, fixture);
  return explainer.explain(client);
}

async function explainerFor(config: PluginConfig, tiers: RealTiers, fake: FakeService): Promise<Explainer> {
  const [source] = readPluginConfigs(JSON.stringify(config), "fixture.json");
  if (source === undefined) throw new Error("no configuration was read");
  const at = (port: number): string => `http://${LOOPBACK}:${port}`;
  const addresses: Record<string, string> = {
    webdis: at(tiers.webdis.port),
    "routing-service": at(tiers.routingService.port),
    "fake-service": at(fake.port),
    refused: "unreachable",
  };
  const clusters = [...clustersIn(config)].map((name) => `${name}=${addresses[name] ?? "unknown"}`);
  return Explainer.start(source, {
    module: readFileSync(requireFilter(FILTER_WASM)),
    addresses: { services: [], clusters },
  });
}

function clustersIn(config: unknown): Set<string> {
  const names = JSON.stringify(config).matchAll(/"cluster":"([^"]+)"/g);
  return new Set([...names].map((match) => match[1] ?? ""));
}

/** What an explanation says that upstream and client get, in the terms of fixtures. */
export function observeExplanation(explanation: Explanation, { request }: RouteFixture): Observed {
  const { decision, report } = explanation;
  if (decision.kind === "answer") {
    const { status, headers, body } = decision;
    const header = (name: string): string[] => headers.filter(([other]) => other === name).map(([, value]) => value);
    return { report, answer: { status, header, body } };
  }
  const after = (name: string, client: string[]): string[] => [
    ...(decision.changes.find((change) => change.name === name)?.after ?? client),
  ];
  const sent = request.headers ?? [];
  const header = (name: string): string[] =>
    after(
      name,
      sent.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value),
    );
  const path = after("path", [request.path]).join(",");
  const host = after("host", [request.host ?? HOST]).join(",");
  return { report, upstream: { path, host, header, body: request.body ?? "" } };
}
