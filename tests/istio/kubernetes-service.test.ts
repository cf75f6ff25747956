import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig, WEBDIS } from "../fixtures/route/fixture.ts";
import { meshForTests } from "./support/for-tests.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import { podStandIn, wasmPlugin } from "./support/manifests.ts";
import { RouteMesh } from "./support/route-mesh.ts";

const NAMESPACE = "signpost";
const LABELS = { app: "webdis" };

const SERVICE: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "webdis", namespace: NAMESPACE },
  spec: { selector: LABELS, ports: [{ name: "http", port: 7379, targetPort: "http" }] },
};

const route = new RouteMesh(1);

beforeAll(async () => {
  await route.start();
  await route.put(keyOf(HOST, "acme"), '{"path": "/svc/acme"}');
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests(undefined, async (mesh) => {
  const { url, digest } = await mesh.pushImage();
  const webdis = { ...WEBDIS, cluster: `outbound|7379||webdis.${NAMESPACE}.svc.cluster.local` };
  await mesh.kubectl("create", "namespace", NAMESPACE);
  const pluginConfig = routeConfig({ service: undefined }, { webdis });
  await route.open(
    mesh,
    [wasmPlugin("signpost", { url, sha256: digest, pluginConfig })],
    [SERVICE, podStandIn("webdis", NAMESPACE, LABELS, { name: "http", number: route.webdis.port })],
  );
});

describe("a Webdis that is a Kubernetes Service", () => {
  it("is asked under the name that Istio gives its cluster", async () => {
    await mesh().eventually("the filter gets its record", async () => {
      const reply = await mesh().send({ port: route.port(0), path: "/api/acme/x", headers: { host: HOST } });
      return (json(reply) as { path: string }).path === "/svc/acme";
    });
    expect(await mesh().kubectl("get", "services", "--namespace", NAMESPACE, "--output=name")).toBe("service/webdis\n");
  });
});
