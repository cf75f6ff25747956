import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmFilter } from "../../envoy-local/lib/envoy-config.ts";
import { FILTER_WASM, requireFilter } from "../../envoy-local/lib/project.ts";
import { HOST, Http1Client, isHit, type CacheReply } from "./support/cache-client.ts";
import { CacheGateway, SHARED, cacheFilter } from "./support/cache-gateway.ts";
import type { Fields, Script } from "./support/scripted-upstream.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters.http";
const ISSUER = "https://issuer.example.com";
const TENANTS = ["red", "blue", "green"];

/** Stands before the cache as it does in a gateway: who the tenant is gets into a header that the client cannot set. */
const routing = wasmFilter({
  module: requireFilter(FILTER_WASM),
  name: "routing",
  configuration: {
    ...SHARED,
    lookups: [
      { name: "tenant", key: "tenant:{header[x-tenant]}", owns: ["x-cell"], onMiss: "continue", onError: "continue" },
    ],
  },
});

/** The tenant's name goes; only what the lookup did is left to tell tenants apart. */
const withoutTenant = {
  name: "without-tenant",
  typed_config: {
    "@type": `${EXTENSIONS}.header_mutation.v3.HeaderMutation`,
    mutations: { request_mutations: [{ remove: "x-tenant" }, { remove: "x-cell" }] },
  },
};

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = createPublicKey(createPrivateKey(privateKey.export({ type: "pkcs1", format: "pem" }))).export({
  format: "jwk",
});

/** As `RequestAuthentication` makes it: a token that is there has to be good, and goes no further (`forward: false`). */
const jwtAuthn = {
  name: "envoy.filters.http.jwt_authn",
  typed_config: {
    "@type": `${EXTENSIONS}.jwt_authn.v3.JwtAuthentication`,
    providers: {
      issuer: {
        issuer: ISSUER,
        forward: false,
        payload_in_metadata: "payload",
        local_jwks: { inline_string: JSON.stringify({ keys: [{ ...jwk, alg: "RS256", use: "sig", kid: "1" }] }) },
      },
    },
    rules: [
      {
        match: { prefix: "/" },
        requires: { requires_any: { requirements: [{ provider_name: "issuer" }, { allow_missing: {} }] } },
      },
    ],
  },
};

const cache = wasmFilter({
  module: requireFilter(FILTER_WASM),
  name: "cache",
  configuration: { ...SHARED, responseCache: {} },
});

const gateway = new CacheGateway({ redis: true });
const { upstream } = gateway;
const envoy = gateway.envoy("envoy", {
  listeners: {
    tenants: [routing, withoutTenant, cache],
    jwt: [routing, jwtAuthn, cache],
    plain: [cacheFilter()],
  },
});

beforeAll(async () => {
  await gateway.start(envoy);
  for (const tenant of TENANTS) {
    await gateway.admin.set(`signpost:tenant:${tenant}`, JSON.stringify({ headers: { "x-cell": `cell-${tenant}` } }));
  }
});

afterAll(async () => {
  await gateway.stop();
});

async function ask(listener: string, path: string, headers: Fields): Promise<CacheReply> {
  const client = new Http1Client(envoy.at(listener));
  try {
    return await client.send(path, { headers, host: HOST });
  } finally {
    client.close();
  }
}

/** Answers each request with its number, as something that anybody may have again. */
const numbered: Script = (_, response, call) => {
  response.writeHead(200, ["cache-control", "public, max-age=600"]);
  response.end(String(call));
};

/** The same without a word that lets shared caches store what is somebody's own. */
const numberedFor = (cacheControl: string): Script => {
  return (_, response, call) => {
    response.writeHead(200, ["cache-control", cacheControl, "access-control-allow-origin", "*"]);
    response.end(String(call));
  };
};

function tokenOf(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${part({ alg: "RS256", kid: "1" })}.${part({ iss: ISSUER, sub: subject, exp: expires })}`;
  return `Bearer ${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

describe("a cache behind a routing instance", () => {
  it("never gives one tenant what another one's record led to, though nothing in the request tells them apart", async () => {
    upstream.on("/orders", numbered);
    const seen = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      for (const tenant of TENANTS) {
        const body = (await ask("tenants", "/orders", [["x-tenant", tenant]])).body.toString();
        expect(body).toBe(seen.get(tenant) ?? body);
        seen.set(tenant, body);
      }
    }
    expect(new Set(seen.values()).size).toBe(TENANTS.length);
    expect(upstream.count("/orders")).toBe(TENANTS.length);
    // It is the lookup's outcome that did it: the upstream saw neither header.
    expect(upstream.asked("/orders").map(({ headers }) => [headers["x-tenant"], headers["x-cell"]])).toEqual(
      TENANTS.map(() => [undefined, undefined]),
    );
  });

  it("takes no client's word for what a lookup sets", async () => {
    upstream.on("/claims", numbered);
    const red = await ask("tenants", "/claims", [["x-tenant", "red"]]);
    const liar = await ask("tenants", "/claims", [["x-cell", "cell-red"]]);
    expect(liar.body.toString()).not.toBe(red.body.toString());
  });

  it("neither stores nor serves what belongs to a request whose lookup failed", async () => {
    upstream.on("/failed", numbered);
    await gateway.admin.set("signpost:tenant:broken", "{ no record");
    const known = await ask("tenants", "/failed", [["x-tenant", "none"]]);
    for (const asked of [2, 3]) {
      const reply = await ask("tenants", "/failed", [["x-tenant", "broken"]]);
      expect([isHit(reply), reply.body.toString()]).toEqual([false, String(asked)]);
    }
    const again = await ask("tenants", "/failed", [["x-tenant", "none"]]);
    expect([isHit(again), again.body.toString()]).toEqual([true, known.body.toString()]);
  });
});

describe("a cache behind jwt_authn, which takes the token away", () => {
  it("stores nothing that a verified token's owner got, whatever the response says", async () => {
    upstream.on("/mine", numbered);
    for (const [asked, subject] of [
      [1, "alice"],
      [2, "alice"],
      [3, "bob"],
    ] as const) {
      const reply = await ask("jwt", "/mine", [["authorization", tokenOf(subject)]]);
      expect([reply.status, reply.body.toString()]).toEqual([200, String(asked)]);
    }
    expect(upstream.asked("/mine").map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const stranger = await ask("jwt", "/mine", []);
    expect([isHit(stranger), stranger.body.toString()]).toEqual([false, "4"]);
  });

  it("does not answer who has a bad token", async () => {
    upstream.on("/public", numbered);
    await ask("jwt", "/public", []);
    expect(isHit(await ask("jwt", "/public", []))).toBe(true);
    const forged = `${tokenOf("alice").slice(0, -8)}AAAAAAAA`;
    expect((await ask("jwt", "/public", [["authorization", forged]])).status).toBe(401);
  });
});

describe("responses to requests with Authorization", () => {
  it.each(["max-age=600", "max-age=600, stale-while-revalidate=60", "private, s-maxage=600"])(
    "are nobody else's when the response says %s",
    async (cacheControl) => {
      const path = `/own?${encodeURIComponent(cacheControl)}`;
      upstream.on(path, numberedFor(cacheControl));
      expect((await ask("plain", path, [["authorization", "Basic YTph"]])).body.toString()).toBe("1");
      expect((await ask("plain", path, [["authorization", "Basic YjpiCg"]])).body.toString()).toBe("2");
      const stranger = await ask("plain", path, []);
      expect([isHit(stranger), stranger.body.toString()]).toEqual([false, "3"]);
    },
  );

  it.each(["public, max-age=600", "s-maxage=600", "max-age=600, must-revalidate"])(
    "are everybody's when the response says %s",
    async (cacheControl) => {
      const path = `/shared?${encodeURIComponent(cacheControl)}`;
      upstream.on(path, numberedFor(cacheControl));
      await ask("plain", path, [["authorization", "Basic YTph"]]);
      const stranger = await ask("plain", path, []);
      expect([isHit(stranger), stranger.body.toString()]).toEqual([true, "1"]);
    },
  );
});

describe("origins (CORS)", () => {
  it("get each their own response, though it does not say that it varies", async () => {
    const allowed: Script = (request, response) => {
      const origin = request.headers.origin ?? "none";
      response.writeHead(200, ["cache-control", "max-age=600", "access-control-allow-origin", origin]);
      response.end(origin);
    };
    upstream.on("/cors", allowed);
    for (let round = 0; round < 2; round++) {
      for (const origin of ["https://a.example", "https://b.example"]) {
        const reply = await ask("plain", "/cors", [["origin", origin]]);
        expect(reply.headers["access-control-allow-origin"]).toEqual([origin]);
        expect(isHit(reply)).toBe(round > 0);
      }
    }
    expect((await ask("plain", "/cors", [])).body.toString()).toBe("none");
    expect(upstream.count("/cors")).toBe(3);
  });
});
