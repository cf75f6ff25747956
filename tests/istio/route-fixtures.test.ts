import { afterAll, beforeAll, describe, it } from "vitest";
import { ageless, runOnEnvoy } from "../envoy/support/route-fixtures.ts";
import { expectOutcome } from "../fixtures/route/observed.ts";
import { ROUTE_SUITES } from "../fixtures/route/suites.ts";
import { meshForTests } from "./support/for-tests.ts";
import { wasmPlugin } from "./support/manifests.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

const route = new RouteMesh(ROUTE_SUITES.length);

beforeAll(async () => {
  await route.start();
});

afterAll(async () => {
  await route.stop();
});

meshForTests(undefined, async (mesh) => {
  const { url, digest } = await mesh.pushImage();
  const plugins = ROUTE_SUITES.map(({ config }, index) =>
    wasmPlugin(`suite-${index}`, { url, sha256: digest, pluginConfig: inMesh(config), ports: [route.port(index)] }),
  );
  await route.open(mesh, plugins);
});

describe("through the ingress gateway, by an image with the digest of its manifest,", () => {
  ROUTE_SUITES.forEach((suite, index) => {
    describe(suite.name, () => {
      it.each(suite.fixtures)("$name", async (fixture) => {
        const observed = await runOnEnvoy(fixture, route, index);
        if (fixture.earlier === undefined) expectOutcome(observed, fixture.expect);
        else expectOutcome(ageless(observed), ageless(fixture.expect));
      });
    });
  });
});
