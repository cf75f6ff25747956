import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig, type PluginConfig } from "../fixtures/route/fixture.ts";
import { ecdsName, filterTypeIn } from "./support/config-dump.ts";
import { meshForTests } from "./support/for-tests.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import { wasmPlugin, type WasmPluginSpec } from "./support/manifests.ts";
import type { ServedModule } from "./support/module-server.ts";
import type { PushedImage } from "./support/registry.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

const STRATEGIES = ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] as const;
type Strategy = (typeof STRATEGIES)[number];

const SOUND_CONFIG = inMesh(routeConfig());

let image: PushedImage;
let file: ServedModule;

/** Modules that the agent cannot have, or will not take. */
const UNAVAILABLE: Readonly<Record<string, () => WasmPluginSpec>> = {
  "an image with another digest": () => ({ url: image.url, sha256: "0".repeat(64) }),
  // The mistake that is easily made: for oci:// the manifest's digest is meant.
  "an image, and the digest of the file in it": () => ({ url: image.url, sha256: file.digest }),
  "an image that is not there": () => ({ url: image.url.replace("signpost", "nobody") }),
  "a file with another digest": () => ({ url: file.url, sha256: image.digest }),
  "a file that is not there": () => ({ url: `${file.url}.gone` }),
};
const CONFIGURED = "a module that is there";
const SOUND = "a sound plugin";

/** What this file has listeners for, each with a plugin of its own. */
const CASES = [...Object.keys(UNAVAILABLE), CONFIGURED]
  .flatMap((what) => STRATEGIES.map((strategy) => ({ what, strategy })))
  .concat({ what: SOUND, strategy: "FAIL_RELOAD" });

const route = new RouteMesh(CASES.length);

beforeAll(async () => {
  await route.start();
  await route.put(keyOf(HOST, "acme"), '{"path": "/svc/acme"}');
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests(undefined, async (mesh) => {
  image = await mesh.pushImage();
  file = mesh.serveWasm();
  const unavailable = Object.entries(UNAVAILABLE).flatMap(([what, spec]) =>
    STRATEGIES.map((strategy) => plugin(what, strategy, { ...spec(), pluginConfig: SOUND_CONFIG })),
  );
  await route.open(mesh, [...unavailable, configured(SOUND, "FAIL_RELOAD", SOUND_CONFIG)]);
});

function indexOf(what: string, strategy: Strategy): number {
  return CASES.findIndex((each) => each.what === what && each.strategy === strategy);
}

function nameOf(what: string, strategy: Strategy): string {
  return `case-${indexOf(what, strategy)}`;
}

function plugin(what: string, strategy: Strategy, spec: WasmPluginSpec): Manifest {
  const ports = [route.port(indexOf(what, strategy))];
  return wasmPlugin(nameOf(what, strategy), { ...spec, failStrategy: strategy, ports });
}

/** A plugin with a module that is there, and this configuration. */
function configured(what: string, strategy: Strategy, pluginConfig: PluginConfig): Manifest {
  return plugin(what, strategy, { url: image.url, sha256: image.digest, pluginConfig });
}

/** What becomes of a request that the filter would route: its status, and the path that the upstream saw. */
async function outcome(what: string, strategy: Strategy): Promise<{ status: number; path?: string }> {
  const port = route.port(indexOf(what, strategy));
  const reply = await mesh().send({ port, path: "/api/acme/orders", headers: { host: HOST } });
  if (reply.headers["x-served-by"] === undefined) return { status: reply.status };
  return { status: reply.status, path: (json(reply) as { path: string }).path };
}

/** Gives the plugin a configuration that it refuses, for a field of this name, and waits until it has. */
async function breakWith(field: string, strategy: Strategy): Promise<void> {
  await mesh().apply([configured(CONFIGURED, strategy, { ...SOUND_CONFIG, [field]: 1 })]);
  const line = `${nameOf(CONFIGURED, strategy)}: configuration refused: ${field}: unknown field`;
  await mesh().eventually(`Envoy's log has "${line}"`, () => Promise.resolve(mesh().gateway.log.all().includes(line)));
}

async function mend(strategy: Strategy, pluginConfig = SOUND_CONFIG): Promise<void> {
  await mesh().apply([configured(CONFIGURED, strategy, pluginConfig)]);
  await mesh().eventually(
    `${strategy} is mended`,
    async () => (await outcome(CONFIGURED, strategy)).path === ROUTED.path,
  );
}

const ROUTED = { status: 200, path: "/svc/acme" };
const UNFILTERED = { status: 200, path: "/api/acme/orders" };

describe.each(Object.keys(UNAVAILABLE))("%s", (what) => {
  it.each([
    { strategy: "FAIL_CLOSE", expected: { status: 403 } },
    { strategy: "FAIL_OPEN", expected: UNFILTERED },
    { strategy: "FAIL_RELOAD", expected: { status: 403 } },
  ] as const)("with $strategy ends with $expected.status", async ({ strategy, expected }) => {
    expect(await outcome(what, strategy)).toEqual(expected);
    // The agent puts another filter in its place, which lets all pass or none.
    expect(filterTypeIn(await mesh().configDump(), nameOf(what, strategy))).toMatch(/\.rbac\.v3\.RBAC$/);
  });

  it("does not touch other plugins", async () => {
    expect(await outcome(SOUND, "FAIL_RELOAD")).toEqual(ROUTED);
  });
});

// One at a time: Istio sends all plugins of a gateway together, and Envoy takes what comes before a broken one and
// refuses the rest, in an order of its own.
describe.each(STRATEGIES)("a broken configuration, with %s,", (strategy) => {
  it("from the start: 500, as the listener has no filter where it must have one", async () => {
    await breakWith("first", strategy);
    // A moment later the listener has the plugin among its filters.
    await mesh().eventually("500", async () => (await outcome(CONFIGURED, strategy)).status === 500);
    expect(await outcome(SOUND, "FAIL_RELOAD")).toEqual(ROUTED);
  });

  it("is in Envoy's configuration as if it were at work; the stats tell", async () => {
    const name = nameOf(CONFIGURED, strategy);
    expect(filterTypeIn(await mesh().configDump(), name)).toMatch(/\.wasm\.v3\.Wasm$/);
    const fails = `extension_config_discovery.http_filter.${ecdsName(await mesh().configDump(), name) ?? ""}.config_fail`;
    expect(await mesh().gateway.stat(fails)).toBe(1);
  });

  it("needs no more than to be mended", async () => {
    await mend(strategy);
  });

  it("later: the one before stays at work", async () => {
    await breakWith("later", strategy);
    expect(await outcome(CONFIGURED, strategy)).toEqual(ROUTED);
    await mend(strategy);
  });
});
