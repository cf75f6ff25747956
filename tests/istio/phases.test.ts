import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, lookupsConfig, routeConfig } from "../fixtures/route/fixture.ts";
import { ecdsName, filtersOn } from "./support/config-dump.ts";
import { meshForTests } from "./support/for-tests.ts";
import { GATEWAY_LABELS } from "./support/ingress-gateway.ts";
import { TokenIssuer } from "./support/json-web-token.ts";
import { manifest, wasmPlugin } from "./support/manifests.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

/** Tells what it sees of a request: whether there is a token, by the record it finds. */
const OBSERVING = lookupsConfig(
  [{ name: "seen", match: { paths: ["/svc/*"] }, key: "route:seen:{header[authorization]|none}" }],
  { debugHeader: "x-signpost-stats" },
);

const issuer = new TokenIssuer("https://issuer.signpost.test");
const route = new RouteMesh(1);

beforeAll(async () => {
  await route.start();
  await route.put(keyOf(HOST, "acme"), '{"path": "/svc/acme"}');
  await route.put("route:seen:none", '{"headers": {"x-seen": "no token"}}');
});

afterAll(async () => {
  await route.stop();
});

const mesh = meshForTests({}, async (mesh) => {
  const { url, digest } = await mesh.pushImage();
  const module = { url, sha256: digest };
  const selector = { matchLabels: { istio: GATEWAY_LABELS.istio } };
  await route.open(
    mesh,
    [
      wasmPlugin("routing", { ...module, pluginConfig: inMesh(routeConfig()), phase: "AUTHN" }),
      wasmPlugin("after", { ...module, pluginConfig: inMesh(OBSERVING), phase: "STATS" }),
    ],
    [
      manifest("security.istio.io/v1", "RequestAuthentication", "jwt", {
        selector,
        jwtRules: [{ issuer: issuer.name, jwks: issuer.jwks }],
      }),
      manifest("security.istio.io/v1", "AuthorizationPolicy", "allow", {
        selector,
        action: "ALLOW",
        rules: [{ to: [{ operation: { paths: ["/svc/*"] } }] }],
      }),
    ],
  );
});

describe("two instances of the filter, at AUTHN and at STATS,", () => {
  it("are before and after authentication and authorization", async () => {
    const dump = await mesh().configDump();
    const names = filtersOn(dump, route.port(0));
    const order = [
      ecdsName(dump, "routing"),
      "envoy.filters.http.jwt_authn",
      "envoy.filters.http.rbac",
      ecdsName(dump, "after"),
      "envoy.filters.http.router",
    ];
    expect(names.filter((name) => order.includes(name))).toEqual(order);
  });

  it("both see a request: the second one as it was routed, and without the token that was verified", async () => {
    const headers = { host: HOST, authorization: `Bearer ${issuer.token("alice")}` };
    const reply = await mesh().send({ port: route.port(0), path: "/api/acme/orders", headers });
    expect(reply.status).toBe(200);
    expect(reply.headers["x-signpost"]).toMatch(/^lookup=route; tier=webdis; /);
    expect(reply.headers["x-signpost-stats"]).toMatch(/^lookup=seen; tier=webdis; /);
    const seen = json(reply) as { path: string; headers: Record<string, string[]> };
    expect(seen.path).toBe("/svc/acme");
    expect(seen.headers["x-seen"]).toEqual(["no token"]);
  });

  it("and the second one sees nothing of what a policy refuses", async () => {
    const reply = await mesh().send({ port: route.port(0), path: "/elsewhere", headers: { host: HOST } });
    expect(reply.status).toBe(403);
    expect(reply.headers["x-signpost-stats"]).toBeUndefined();
  });
});
