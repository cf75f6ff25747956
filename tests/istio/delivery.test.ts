import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { pluginIn } from "./support/config-dump.ts";
import { meshForTests } from "./support/for-tests.ts";
import { trafficExtension, wasmPlugin } from "./support/manifests.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

/** How the module gets to the gateway, in the order of the gateway's listeners. */
const WAYS = [
  "WasmPlugin, oci:// with the manifest's digest as sha256",
  "WasmPlugin, oci:// with the manifest's digest in the URL",
  "WasmPlugin, oci:// without a digest",
  "WasmPlugin, http:// with the file's digest as sha256",
  "TrafficExtension, oci:// with the manifest's digest as sha256",
  "TrafficExtension, http:// with the file's digest as sha256",
] as const;

const route = new RouteMesh(WAYS.length);
/** The digest that a module's file is named after, for each way. */
let digests: readonly string[] = [];

beforeAll(async () => {
  await route.start();
  await route.put(keyOf(HOST, "acme"), '{"path": "/svc/acme", "headers": {"x-cell": "7"}}');
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests(undefined, async (mesh) => {
  const image = await mesh.pushImage();
  const file = mesh.serveWasm();
  digests = WAYS.map((way) => (way.includes("http://") ? file.digest : image.digest));
  const pluginConfig = inMesh(routeConfig());
  const plugin = (index: number, module: { url: string; sha256?: string }) =>
    (WAYS[index]?.startsWith("WasmPlugin") ? wasmPlugin : trafficExtension)(`way-${index}`, {
      ...module,
      pluginConfig,
      ports: [route.port(index)],
    });
  await route.open(mesh, [
    plugin(0, { url: image.url, sha256: image.digest }),
    plugin(1, { url: `${image.url.replace(/:latest$/, "")}@sha256:${image.digest}` }),
    plugin(2, { url: image.url }),
    plugin(3, { url: file.url, sha256: file.digest }),
    plugin(4, { url: image.url, sha256: image.digest }),
    plugin(5, { url: file.url, sha256: file.digest }),
  ]);
});

describe.each(WAYS.map((way, index) => ({ way, index })))("by $way", ({ index }) => {
  it("routes by what Redis holds", async () => {
    const reply = await mesh().send({ port: route.port(index), path: "/api/acme/orders", headers: { host: HOST } });
    expect(reply.status).toBe(200);
    expect(reply.headers["x-signpost"]).toMatch(/^lookup=route; tier=(webdis|local); age=\d+$/);
    const seen = json(reply) as { path: string; headers: Record<string, string[]> };
    expect(seen.path).toBe("/svc/acme");
    expect(seen.headers["x-cell"]).toEqual(["7"]);
  });

  it("loads this very module, which Envoy's configuration shows", async () => {
    const plugin = pluginIn(await mesh().configDump(), `way-${index}`);
    expect(plugin?.file?.split("/").at(-1)).toBe(`${digests[index] ?? ""}.wasm`);
    expect(plugin?.rootId).toBe(`way-${index}`);
    expect(plugin?.failurePolicy).toBe("FAIL_RELOAD");
  });
});
