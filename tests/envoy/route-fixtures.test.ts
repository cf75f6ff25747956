import { afterAll, beforeAll, describe, it } from "vitest";
import { expectOutcome } from "../fixtures/route/observed.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { ENVOY_VERSIONS } from "./support/envoy-versions.ts";
import { FakeService } from "./support/fake-service.ts";
import { ageless, fixtureGateway, runOnEnvoy } from "./support/route-fixtures.ts";

describe.each(ENVOY_VERSIONS)("on Envoy %s,", (envoyVersion) => {
  const fake = new FakeService();
  const gateway = fixtureGateway(fake, envoyVersion);

  beforeAll(async () => {
    await fake.start();
    await gateway.start();
  });

  afterAll(async () => {
    await gateway.stop();
    await fake.stop();
  });

  ROUTE_SUITES.forEach((suite, index) => {
    describe(suite.name, () => {
      it.each(suite.fixtures)("$name", async (fixture) => {
        const observed = await runOnEnvoy(fixture, gateway, index);
        if (fixture.earlier === undefined) expectOutcome(observed, fixture.expect);
        else expectOutcome(ageless(observed), ageless(fixture.expect));
      });
    });
  });
});
