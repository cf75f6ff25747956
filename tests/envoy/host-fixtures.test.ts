import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ENVOY_VERSION } from "../../envoy-local/lib/project.ts";
import { CRASHES } from "../../packages/proxy-wasm-host/tests/fixtures/crashes.ts";
import { expectedOf } from "../../packages/proxy-wasm-host/tests/fixtures/fixture.ts";
import { FIXTURES } from "../../packages/proxy-wasm-host/tests/fixtures/index.ts";
import { ENVOY_VERSIONS } from "./support/envoy-versions.ts";
import { ScriptedEnvoy } from "./support/scripted-envoy.ts";

const fixtures = Object.values(FIXTURES).flat();

// What the test host does as Envoy does, Envoy does: the host's own tests run the same fixtures.
describe.each(ENVOY_VERSIONS)("Envoy %s", (version) => {
  let envoy: ScriptedEnvoy;

  beforeAll(async () => {
    envoy = await ScriptedEnvoy.start(version, fixtures);
  });

  afterAll(async () => {
    await envoy.stop();
  });

  it.each(fixtures.map((fixture, index) => ({ ...fixture, index })))("$name", async (fixture) => {
    expect(await envoy.run(fixture.index, fixture)).toMatchObject(expectedOf(fixture));
  });
});

describe("Envoy crashes, as the test host says, of", () => {
  it.each(CRASHES.filter(({ sometimes }) => sometimes !== true))("$name", async (fixture) => {
    const envoy = await ScriptedEnvoy.start(DEFAULT_ENVOY_VERSION, [fixture]);
    await envoy.crashOf(0, fixture);
    await envoy.stop();
  });
});
