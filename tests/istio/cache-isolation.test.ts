import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOST, WEBDIS, lookupsConfig } from "../fixtures/route/fixture.ts";
import { CacheMesh } from "./support/cache-mesh.ts";
import { Cell, type Asked, type Answer } from "./support/cell.ts";
import { meshForTests } from "./support/for-tests.ts";
import { GATEWAY_LABELS } from "./support/ingress-gateway.ts";
import { TokenIssuer } from "./support/json-web-token.ts";
import type { Manifest } from "./support/kubernetes-api.ts";
import { manifest } from "./support/manifests.ts";

const TENANTS = { acme: "cell-1", globex: "cell-2" } as const;
type Tenant = keyof typeof TENANTS;

/** Whom an answer was made for, as a cell writes it into the body. */
interface Made {
  readonly cell: string;
  readonly path: string;
  readonly language: string;
  /** Of a token that the gateway has verified; Istio tells the upstream in a header. */
  readonly user: string;
}

/** Says who it is for, and that it may be stored, also where it is for one user: what a careless upstream does. */
function respond(cell: string): (asked: Asked) => Answer {
  return ({ path, headers }) => {
    const made: Made = {
      cell,
      path,
      language: path.startsWith("/language/") ? (headers["accept-language"] ?? "none") : "any",
      user: String(headers["x-user"] ?? "anyone"),
    };
    return {
      headers: {
        "cache-control": "public, max-age=60",
        "content-type": "application/json",
        ...(path.startsWith("/language/") ? { vary: "accept-language" } : {}),
      },
      body: JSON.stringify(made),
    };
  };
}

const cells = [new Cell("cell-1", respond("cell-1")), new Cell("cell-2", respond("cell-2"))] as const;
const around = new CacheMesh(cells);
const issuer = new TokenIssuer("https://issuer.signpost.test");

beforeAll(async () => {
  await around.start();
  for (const [tenant, cell] of Object.entries(TENANTS)) {
    await around.put(`route:${tenant}`, JSON.stringify({ headers: { "x-cell": cell } }));
  }
});

afterAll(async () => {
  await around.stop();
});

const selector = { matchLabels: { istio: GATEWAY_LABELS.istio } };

function denying(name: string, rule: object): Manifest {
  return manifest("security.istio.io/v1", "AuthorizationPolicy", name, { selector, action: "DENY", rules: [rule] });
}

const POLICIES = [
  manifest("security.istio.io/v1", "RequestAuthentication", "jwt", {
    selector,
    jwtRules: [{ issuer: issuer.name, jwks: issuer.jwks, outputClaimToHeaders: [{ header: "x-user", claim: "sub" }] }],
  }),
  denying("no-mallory", { from: [{ source: { requestPrincipals: [`${issuer.name}/mallory`] } }] }),
  denying("members-only", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { paths: ["/members/*"] } }],
  }),
];

const mesh = meshForTests({}, async (started) => {
  const routing = lookupsConfig([{ name: "route", key: "route:{header[x-tenant]}", owns: ["x-cell"] }]);
  await around.open(started, { routing, caching: { webdis: WEBDIS, responseCache: {} } }, POLICIES);
});

/** A request of a client. */
interface Sent {
  readonly tenant: Tenant;
  readonly path: string;
  readonly method: string;
  readonly language: string;
  /** Whose token it carries; null: it carries none. */
  readonly user: string | null;
}

async function ask(request: Partial<Sent> & { readonly path: string }): Promise<HttpReply> {
  const { tenant = "acme", path, method = "GET", language = "de", user = null } = request;
  return mesh().send({
    port: around.port,
    path,
    method,
    headers: {
      host: HOST,
      "x-tenant": tenant,
      "accept-language": language,
      ...(user === null ? {} : { authorization: `Bearer ${issuer.token(user)}` }),
    },
  });
}

function cacheStatus({ headers }: HttpReply): string {
  return String(headers["cache-status"]);
}

describe("a request that a policy refuses", () => {
  it("is not given what is stored", async () => {
    await ask({ path: "/any/refused" });
    expect(cacheStatus(await ask({ path: "/any/refused" }))).toMatch(/^signpost; hit; /);
    const reply = await ask({ path: "/any/refused", user: "mallory" });
    expect([reply.status, reply.body.toString()]).toEqual([403, "RBAC: access denied"]);
    expect(cacheStatus(reply)).toBe("undefined");
  });

  it("gets a 401, not what is stored, where its token is no good", async () => {
    await ask({ path: "/any/forged" });
    const headers = { host: HOST, "x-tenant": "acme", authorization: "Bearer nonsense" };
    const reply = await mesh().send({ port: around.port, path: "/any/forged", headers });
    expect(reply.status).toBe(401);
    expect(cacheStatus(reply)).toBe("undefined");
  });
});

describe("a response to a request whose token was verified, and stripped before the cache,", () => {
  it("is never stored, though the upstream says that it may be", async () => {
    for (const user of ["alice", "bob", "alice"]) {
      const reply = await ask({ path: "/members/account", user });
      expect(json(reply)).toMatchObject({ user } satisfies Partial<Made>);
      expect(cacheStatus(reply)).toMatch(/^signpost; fwd=/);
      expect(cacheStatus(reply)).not.toContain("stored");
    }
  });

  it("is not what one without a token gets", async () => {
    expect(json(await ask({ path: "/any/home", user: "alice" }))).toMatchObject({ user: "alice" });
    expect(json(await ask({ path: "/any/home" }))).toMatchObject({ user: "anyone" });
    expect((await ask({ path: "/members/account" })).status).toBe(403);
  });
});

describe("two tenants that are routed by a header", () => {
  it("never share a response", async () => {
    for (const round of ["miss", "hit"]) {
      for (const tenant of ["acme", "globex"] as const) {
        const reply = await ask({ path: "/any/shared", tenant });
        expect(json(reply)).toMatchObject({ cell: TENANTS[tenant] } satisfies Partial<Made>);
        expect(cacheStatus(reply)).toMatch(round === "hit" ? /^signpost; hit; / : /^signpost; fwd=uri-miss; stored$/);
      }
    }
  });

  it("cannot have the other one's by naming its cell", async () => {
    await ask({ path: "/any/named", tenant: "globex" });
    const headers = { host: HOST, "x-tenant": "acme", "x-cell": "cell-2" };
    const reply = await mesh().send({ port: around.port, path: "/any/named", headers });
    expect(json(reply)).toMatchObject({ cell: "cell-1" });
  });
});

describe("whoever asks for what, and in whatever order,", () => {
  const sent: fc.Arbitrary<Sent> = fc.record({
    tenant: fc.constantFrom("acme", "globex"),
    path: fc.constantFrom("/any/1", "/any/2", "/language/1", "/language/2", "/members/1"),
    method: fc.constantFrom("GET", "GET", "GET", "GET", "HEAD", "POST"),
    language: fc.constantFrom("de", "en"),
    user: fc.constantFrom(null, null, null, "alice", "bob", "mallory"),
  });

  function isRefused({ path, user }: Sent): boolean {
    return user === "mallory" || (path.startsWith("/members/") && user === null);
  }

  /** What the answer has to say of itself. Anyone's may be given to a user, and never the other way round. */
  function expectRightful(request: Sent, reply: HttpReply): void {
    if (isRefused(request)) {
      expect([reply.status, reply.body.toString()]).toEqual([
        403,
        request.method === "HEAD" ? "" : "RBAC: access denied",
      ]);
      return;
    }
    expect(reply.status).toBe(200);
    expect(reply.headers["x-served-by"]).toBe(TENANTS[request.tenant]);
    if (request.method === "HEAD") return;
    const made = json(reply) as Made;
    expect(made).toMatchObject({
      cell: TENANTS[request.tenant],
      path: request.path,
      language: request.path.startsWith("/language/") ? request.language : "any",
    });
    expect(["anyone", ...(request.user === null ? [] : [request.user])]).toContain(made.user);
    if (request.path.startsWith("/members/")) expect(made.user).toBe(request.user);
  }

  it("nobody gets another's answer, and some get a stored one", async () => {
    let hits = 0;
    const together = fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 20 }), async (requests) => {
      const replies = await Promise.all(requests.map(ask));
      replies.forEach((reply, index) => {
        const request = requests[index];
        if (request !== undefined) expectRightful(request, reply);
        if (cacheStatus(reply).includes("; hit")) hits++;
      });
    });
    // What is stored by then is part of the case: one that fails is not made smaller.
    await fc.assert(together, { numRuns: 100, endOnFailure: true });
    expect(hits).toBeGreaterThan(100);
  });
});
