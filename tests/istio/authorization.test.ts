import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../../envoy-local/lib/http-client.ts";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { ExternalAuthorizer } from "./support/external-authorizer.ts";
import { meshForTests } from "./support/for-tests.ts";
import { GATEWAY_LABELS } from "./support/ingress-gateway.ts";
import { TokenIssuer } from "./support/json-web-token.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import { manifest, meshHost, serviceEntry, wasmPlugin } from "./support/manifests.ts";
import { RouteMesh, inMesh } from "./support/route-mesh.ts";

const ORIGINAL = "/api/acme/orders";
const ROUTED = "/svc/acme";

const issuer = new TokenIssuer("https://issuer.signpost.test");
const stranger = new TokenIssuer(issuer.name);
const authorizer = new ExternalAuthorizer();
const route = new RouteMesh(1);

beforeAll(async () => {
  await Promise.all([route.start(), authorizer.start()]);
  await route.put(keyOf(HOST, "acme"), `{"path": "${ROUTED}", "headers": {"x-cell": "7"}}`);
});

afterAll(async () => {
  await authorizer.stop();
  await route.stop();
});

const mesh = meshForTests(
  () => ({
    meshConfig: {
      extensionProviders: [
        { name: "authorizer", envoyExtAuthzHttp: { service: meshHost("authorizer"), port: 80, timeout: "5s" } },
      ],
    },
  }),
  async (mesh) => {
    const { url, digest } = await mesh.pushImage();
    const plugin = wasmPlugin("signpost", { url, sha256: digest, pluginConfig: inMesh(routeConfig()) });
    await route.open(mesh, [plugin], [serviceEntry("authorizer", authorizer.port)]);
  },
);

interface Answer {
  readonly status: number;
  /** What the upstream saw; undefined when it saw nothing. */
  readonly path?: string;
  readonly authorization?: readonly string[];
}

async function ask(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const reply = await mesh().send({ port: route.port(0), path, headers: { host: HOST, ...headers } });
  if (reply.headers["x-served-by"] === undefined) return { status: reply.status };
  const seen = json(reply) as { path: string; headers: Record<string, string[]> };
  return { status: reply.status, path: seen.path, authorization: seen.headers["authorization"] ?? [] };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** A policy for the gateway. */
function authorizationPolicy(name: string, spec: object): Manifest {
  return manifest("security.istio.io/v1", "AuthorizationPolicy", name, {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    ...spec,
  });
}

/** Has the policies in force while `check` runs. */
async function underPolicies(
  policies: readonly Manifest[],
  inForce: () => Promise<boolean>,
  check: () => Promise<void>,
): Promise<void> {
  await mesh().apply(policies);
  try {
    await mesh().eventually("the policies are in force", inForce);
    await check();
  } finally {
    await mesh().remove(policies);
    await mesh().eventually("the policies are gone", async () => {
      const answers = [await ask(ORIGINAL), await ask("/anything"), await ask(ORIGINAL, bearer("nonsense"))];
      return answers.every(({ status }) => status === 200);
    });
  }
}

/** Lets requests to these paths pass, and no others. */
function allowing(...paths: readonly string[]): Manifest {
  return authorizationPolicy("allow", { action: "ALLOW", rules: [{ to: [{ operation: { paths } }] }] });
}

/** Refuses requests to these paths. */
function denying(...paths: readonly string[]): Manifest {
  return authorizationPolicy("deny", { action: "DENY", rules: [{ to: [{ operation: { paths } }] }] });
}

describe("an AuthorizationPolicy judges the path that the filter has routed to", () => {
  it("with ALLOW: the routed path has to be allowed", async () => {
    await underPolicies(
      [allowing(ROUTED)],
      async () => (await ask("/anything")).status === 403,
      async () => {
        expect(await ask(ORIGINAL)).toMatchObject({ status: 200, path: ROUTED });
        expect(await ask(ROUTED)).toMatchObject({ status: 200, path: ROUTED });
        expect((await ask("/api/nobody/orders")).status).toBe(403);
      },
    );
  });

  it("with ALLOW: the path that the client asked for does not count", async () => {
    await underPolicies(
      [allowing(ORIGINAL)],
      async () => (await ask("/anything")).status === 403,
      async () => {
        expect((await ask(ORIGINAL)).status).toBe(403);
      },
    );
  });

  it("with DENY: a client gets to a denied path by no other name", async () => {
    await underPolicies(
      [denying(ROUTED)],
      async () => (await ask(ROUTED)).status === 403,
      async () => {
        expect((await ask(ORIGINAL)).status).toBe(403);
        expect((await ask("/anything")).status).toBe(200);
      },
    );
  });

  it("with DENY: a denied path is no obstacle once the filter has routed away from it", async () => {
    await underPolicies(
      [denying("/api/*")],
      async () => (await ask("/api/nobody/orders")).status === 403,
      async () => {
        expect(await ask(ORIGINAL)).toMatchObject({ status: 200, path: ROUTED });
      },
    );
  });
});

describe("an AuthorizationPolicy with CUSTOM", () => {
  const custom = (...paths: readonly string[]): Manifest =>
    authorizationPolicy("custom", {
      action: "CUSTOM",
      provider: { name: "authorizer" },
      rules: [{ to: [{ operation: { paths } }] }],
    });

  it("sees the path that the client asked for, in its rules and at the authorizer", async () => {
    authorizer.seen.length = 0;
    await underPolicies(
      [custom("/api/*")],
      async () => (await ask("/api/denied/x")).status === 403,
      async () => {
        authorizer.seen.length = 0;
        expect(await ask(ORIGINAL)).toMatchObject({ status: 200, path: ROUTED });
        expect(authorizer.seen).toEqual([ORIGINAL]);
      },
    );
  });

  it("does not see the path that the filter routes to", async () => {
    await underPolicies(
      [custom(`${ROUTED}*`)],
      async () => (await ask(`${ROUTED}/denied`)).status === 403,
      async () => {
        authorizer.seen.length = 0;
        expect(await ask(ORIGINAL)).toMatchObject({ status: 200, path: ROUTED });
        expect(authorizer.seen).toEqual([]);
      },
    );
  });
});

describe("a RequestAuthentication", () => {
  const authentication = manifest("security.istio.io/v1", "RequestAuthentication", "jwt", {
    selector: { matchLabels: { istio: GATEWAY_LABELS.istio } },
    jwtRules: [{ issuer: issuer.name, jwks: issuer.jwks }],
  });
  const requiring = authorizationPolicy("require", {
    action: "ALLOW",
    rules: [
      {
        from: [{ source: { requestPrincipals: [`${issuer.name}/alice`] } }],
        to: [{ operation: { paths: [ROUTED] } }],
      },
    ],
  });

  it("holds for routed requests: only who a valid token is for gets to the routed path", async () => {
    await underPolicies(
      [authentication, requiring],
      async () => (await ask(ORIGINAL)).status === 403 && (await ask(ORIGINAL, bearer("nonsense"))).status === 401,
      async () => {
        expect(await ask(ORIGINAL, bearer(issuer.token("alice")))).toMatchObject({ status: 200, path: ROUTED });
        expect((await ask(ORIGINAL, bearer(issuer.token("bob")))).status).toBe(403);
        expect((await ask(ORIGINAL, bearer(stranger.token("alice")))).status).toBe(401);
        expect((await ask(ORIGINAL, bearer(issuer.token("alice", -600)))).status).toBe(401);
        expect((await ask("/anything", bearer(issuer.token("alice")))).status).toBe(403);
      },
    );
  });

  it("keeps a token that it has verified from the upstream", async () => {
    await underPolicies(
      [authentication],
      async () => (await ask(ORIGINAL, bearer("nonsense"))).status === 401,
      async () => {
        expect(await ask(ORIGINAL, bearer(issuer.token("alice")))).toEqual({
          status: 200,
          path: ROUTED,
          authorization: [],
        });
      },
    );
  });
});
