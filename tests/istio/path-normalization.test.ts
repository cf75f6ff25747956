import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { meshForTests } from "./support/for-tests.ts";
import { wasmPlugin } from "./support/manifests.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

const route = new RouteMesh(1);

beforeAll(async () => {
  await route.start();
  await route.put(keyOf(HOST, "acme"), '{"path": "/svc/acme"}');
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests({}, async (mesh) => {
  const { url, digest } = await mesh.pushImage();
  await route.open(mesh, [wasmPlugin("signpost", { url, sha256: digest, pluginConfig: inMesh(routeConfig()) })]);
});

/** The path that the upstream sees. */
async function routedPath(path: string): Promise<string> {
  const reply = await mesh().send({ port: route.port(0), path, headers: { host: HOST } });
  return (json(reply) as { path: string }).path;
}

describe("where a mesh says nothing else, Istio puts a path right before the filter sees it:", () => {
  it.each([
    ["dot segments are resolved", "/api/x/../acme/orders", "/svc/acme"],
    ["encoded dot segments are resolved", "/api/x/%2e%2E/acme/orders", "/svc/acme"],
    ["what need not be encoded is decoded", "/%61pi/%61cme/orders", "/svc/acme"],
    ["a path may climb out of what a lookup matches", "/api/acme/../../other", "/other"],
  ])("%s", async (_, path, expected) => {
    expect(await routedPath(path)).toBe(expected);
  });

  it.each([
    ["an encoded slash stays", "/api/ac%2Fme/orders"],
    ["two slashes stay two", "/api//acme/orders"],
  ])("%s, and is part of the key", async (_, path) => {
    expect(await routedPath(path)).toBe(path);
  });
});
