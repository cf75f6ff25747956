import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Explanation } from "../../cli/src/explain/explanation.ts";
import type { RouteFixture } from "../fixtures/route/fixture.ts";
import { expectOutcome, type Observed } from "../fixtures/route/observed.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { explainFixture, observeExplanation } from "./support/explained.ts";
import { FakeService } from "./support/fake-service.ts";
import { RealTiers } from "./support/real-tiers.ts";
import { ageless, fixtureGateway, runOnEnvoy } from "./support/route-fixtures.ts";

/** Every header that the fixture or the explanation has something to say of. */
function headersToCompare({ request, expect: expected }: RouteFixture, { decision }: Explanation): string[] {
  const names = [
    ...(request.headers ?? []).map(([name]) => name),
    ...Object.keys(expected.upstream?.headers ?? {}),
    ...Object.keys(expected.answer?.headers ?? {}),
    ...(decision.kind === "answer"
      ? decision.headers.map(([name]) => name)
      : decision.changes.map(({ name }) => name).filter((name) => name !== "path" && name !== "host")),
  ];
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

/** Whether a fixture leaves it open what the report says, or how it ends when another request went before. */
function isUpToTime({ earlier, expect: { report } }: RouteFixture): boolean {
  return report === undefined || (earlier !== undefined && report?.endsWith("…") === true);
}

/** An outcome with all that can be compared. */
function spelledOut({ upstream, answer, report }: Observed, names: readonly string[]): object {
  const headersOf = (header: (name: string) => string[]): object =>
    // An upstream gets repeated headers as one list or as several, as the proxy likes.
    Object.fromEntries(names.map((name) => [name, header(name).join(",")]));
  return {
    report,
    ...(upstream && { upstream: { ...upstream, header: headersOf(upstream.header) } }),
    ...(answer && { answer: { ...answer, header: headersOf(answer.header) } }),
  };
}

describe("what explain says and what the real Envoy does are the same:", () => {
  const fake = new FakeService();
  const gateway = fixtureGateway(fake);
  /** Its own, because what one of them asks for is stored for the other one. */
  const tiers = new RealTiers();

  beforeAll(async () => {
    await fake.start();
    await Promise.all([gateway.start(), tiers.start()]);
  });

  afterAll(async () => {
    await Promise.all([gateway.stop(), tiers.stop()]);
    await fake.stop();
  });

  ROUTE_SUITES.forEach((suite, index) => {
    describe(suite.name, () => {
      it.each(suite.fixtures)("$name", async (fixture) => {
        const explanation = await explainFixture(fixture, suite.config, tiers, fake);
        const explained = ageless(observeExplanation(explanation, fixture));
        const envoys = ageless(await runOnEnvoy(fixture, gateway, index));
        // Without a debug header nobody but explain tells; and some reports depend on who is faster.
        const report = envoys.report === null || isUpToTime(fixture) ? envoys.report : explained.report;
        expectOutcome({ ...explained, report }, ageless(fixture.expect));
        const names = headersToCompare(fixture, explanation);
        expect(spelledOut({ ...explained, report }, names)).toEqual(spelledOut(envoys, names));
      });
    });
  });
});
