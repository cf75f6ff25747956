import { afterAll, beforeAll, describe, it } from "vitest";
import { ageless, runOnEnvoy } from "../../envoy/support/route-fixtures.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import { expectOutcome } from "../../fixtures/route/observed.ts";
import { ROUTE_SUITES } from "../../fixtures/route/suites.ts";
import { meshForTests } from "./for-tests.ts";
import type { Manifest } from "./kubernetes-api.ts";
import type { IstioMesh, MeshOptions } from "./mesh.ts";
import { RouteMesh } from "./route-mesh.ts";

/** An instance of the filter that is wanted: for one suite of fixtures, on a listener of its own. */
export interface WantedInstance {
  readonly name: string;
  readonly config: PluginConfig;
  /** Of the listener. */
  readonly port: number;
}

/**
 * Runs all route fixtures through the ingress gateway, all suites in one mesh.
 *
 * @param how the filter gets there, as a phrase
 * @param deliver makes the manifests of all instances, in their order
 */
export function runRouteSuites(
  how: string,
  deliver: (mesh: IstioMesh, wanted: readonly WantedInstance[]) => Promise<Manifest[]>,
  options: MeshOptions = {},
): void {
  const route = new RouteMesh(ROUTE_SUITES.length);

  beforeAll(async () => {
    await route.start();
  });

  afterAll(async () => {
    await route.stop();
  });

  // Some fixtures are about paths that Istio would put right before the filter sees them; see path-normalization.test.ts.
  const meshConfig = { ...options.meshConfig, pathNormalization: { normalization: "NONE" } };

  meshForTests({ ...options, meshConfig }, async (mesh) => {
    const wanted = ROUTE_SUITES.map(({ config }, index) => ({
      name: `suite-${index}`,
      config,
      port: route.port(index),
    }));
    await route.open(mesh, await deliver(mesh, wanted));
  });

  describe(`through the ingress gateway, by ${how},`, () => {
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
}
