import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingId } from "../../cli/src/doctor/catalogue/index.ts";
import { nodeProgram } from "../../envoy-local/lib/node-program.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { DiscoveredFilter } from "./support/discovered-filter.ts";
import { CELL, type Json, ROUTING, WEBDIS, type SetUp, configuration, examine, plugin } from "./support/doctor.ts";

const HTTP = "type.googleapis.com/envoy.extensions.filters.http";

const scratch = scratchDirectory();
const upstream = nodeProgram({ name: "upstream", directory: scratch, script: "envoy-local/origin/echo.ts" });

beforeAll(async () => {
  await upstream.start();
});

afterAll(async () => {
  await upstream.stop();
  removeDirectory(scratch);
});

const EVERYBODY = { action: "ALLOW", policies: { all: { permissions: [{ any: true }], principals: [{ any: true }] } } };

/** What Istio makes of AuthorizationPolicies with ALLOW and DENY. */
const RBAC = { name: "envoy.filters.http.rbac", typed_config: { "@type": `${HTTP}.rbac.v3.RBAC`, rules: EVERYBODY } };

/** What Istio makes of an AuthorizationPolicy with CUSTOM: an RBAC filter that only marks requests, and ext_authz. */
const CUSTOM = [
  {
    name: "envoy.filters.http.rbac",
    typed_config: {
      "@type": `${HTTP}.rbac.v3.RBAC`,
      shadow_rules: { ...EVERYBODY, action: "DENY" },
      shadow_rules_stat_prefix: "istio_ext_authz_",
    },
  },
  {
    name: "envoy.filters.http.ext_authz",
    typed_config: {
      "@type": `${HTTP}.ext_authz.v3.ExtAuthz`,
      grpc_service: { envoy_grpc: { cluster_name: CELL } },
    },
  },
];

/** What Istio makes of a RequestAuthentication. */
const JWT = {
  name: "envoy.filters.http.jwt_authn",
  typed_config: { "@type": `${HTTP}.jwt_authn.v3.JwtAuthentication` },
};

const WRITE = 'handle:body(true):setBytes("written")';

function lua(code: string): object {
  const text = `function envoy_on_response(handle) ${code} end`;
  return {
    name: "envoy.filters.http.lua",
    typed_config: { "@type": `${HTTP}.lua.v3.Lua`, default_source_code: { inline_string: text } },
  };
}

function extProc(mode: Json): object {
  return {
    name: "envoy.filters.http.ext_proc",
    typed_config: {
      "@type": `${HTTP}.ext_proc.v3.ExternalProcessor`,
      grpc_service: { envoy_grpc: { cluster_name: CELL } },
      processing_mode: mode,
    },
  };
}

const LUA = lua(WRITE);
const EXT_PROC = extProc({ response_body_mode: "BUFFERED" });

function nameOf(filter: object): string {
  return (filter as { name: string }).name;
}

const CACHE = { responseCache: { match: { paths: ["/catalog/*"] } } };

function filter(config: Json, name = "signpost"): object {
  return { name, typed_config: plugin(config, {}, {}, name) };
}

/** By discovery, which may also deliver what Envoy then rejects. */
function discovered(directory: string, config: Json, name = "signpost-cache"): object {
  const filter = new DiscoveredFilter(name, `${directory}/${name}.json`);
  filter.send(plugin(config, {}, {}, name));
  return filter.httpFilter;
}

const hosts = (...domains: string[]): object[] => [
  { name: "shop", domains, routes: [{ match: { prefix: "/" }, route: { cluster: CELL } }] },
];

interface Case extends Omit<SetUp, "clusters"> {
  name: string;
  finds: FindingId[];
  seen?: string;
}

const CASES: Case[] = [
  {
    name: "lookups, authentication, authorization: as it should be",
    filters: () => [filter(configuration()), JWT, RBAC],
    finds: [],
  },
  {
    name: "lookups between authentication and authorization (phase AUTHZ)",
    filters: () => [JWT, filter(configuration()), RBAC],
    finds: [],
  },
  {
    name: "lookups after authorization",
    filters: () => [JWT, RBAC, filter(configuration())],
    finds: ["lookups-after-authorization"],
    seen: "the lookups of signpost are after envoy.filters.http.rbac",
  },
  {
    name: "ext_authz before the lookups",
    filters: () => [...CUSTOM, filter(configuration()), RBAC],
    finds: ["ext-authz-sees-original"],
    seen: "envoy.filters.http.ext_authz is before the lookups of signpost",
  },
  {
    name: "two plugins with the same lookup",
    filters: () => [filter(configuration()), filter(configuration({ debugHeader: "x-signpost" }), "signpost-2")],
    finds: ["lookups-twice"],
    seen: "signpost looks up route, and signpost-2 route",
  },
  {
    name: "two plugins with different lookups",
    filters: () => [filter(configuration()), filter(configuration({}, { name: "tenant" }), "signpost-2")],
    finds: ["lookups-twice"],
    seen: "signpost looks up route, and signpost-2 tenant",
  },
  {
    name: "two plugins with a responseCache",
    filters: () => [filter(CACHE), filter({ ...CACHE, debugHeader: "x-signpost" }, "signpost-2")],
    finds: ["cache-twice"],
    seen: "signpost and signpost-2 both have a responseCache",
  },
  {
    name: "a virtual host for another domain",
    filters: () => [filter(configuration())],
    virtualHosts: hosts("www.example.org", "example.com"),
    finds: ["host-not-routed"],
    seen: "lookup route is for *.example.com, the proxy routes www.example.org, example.com",
  },
  {
    name: "a virtual host for one of the hosts, with a port",
    filters: () => [filter(configuration())],
    virtualHosts: hosts("shop.example.com:8080"),
    finds: [],
  },
  {
    name: "nothing but Istio's black hole for routes",
    filters: () => [filter(configuration())],
    virtualHosts: [{ name: "blackhole:80", domains: ["*"] }],
    finds: ["routes-missing"],
  },
];

function clusters(): SetUp["clusters"] {
  return { [WEBDIS]: upstream.port, [ROUTING]: upstream.port, [CELL]: upstream.port };
}

describe("the place of the filter, and what comes after it:", () => {
  it.each(CASES)("$name", async ({ finds, seen, ...setUp }) => {
    const examined = await examine({ ...setUp, clusters: clusters() });
    expect(examined.ids).toEqual([...finds].sort());
    if (seen !== undefined) expect(examined.findings[0]?.seen).toBe(seen);
  });
});

describe("a responseCache", () => {
  it.each([
    ["the policies", RBAC],
    ["the tokens", JWT],
    ["ext_authz", CUSTOM[1] ?? {}],
  ])("is refused before the filter that looks at %s", async (_, authorization) => {
    const examined = await examine({
      clusters: clusters(),
      filters: (directory) => [filter(configuration()), discovered(directory, CACHE), authorization],
    });
    expect(examined.ids).toContain("cache-before-authorization");
    expect(examined.code).toBe(1);
  });

  it("is refused before the lookups", async () => {
    const examined = await examine({
      clusters: clusters(),
      filters: (directory) => [discovered(directory, CACHE), filter(configuration())],
    });
    expect(examined.ids).toContain("cache-before-lookups");
    expect(examined.ids).not.toContain("cache-before-authorization");
    expect(examined.code).toBe(1);
  });

  describe.each<[string, object]>([
    ["a Lua filter that writes response bodies", LUA],
    ["ext_proc with a mode for response bodies", EXT_PROC],
  ])("after %s", (_, writer) => {
    it("is warned of", async () => {
      const { findings, code } = await examine({ clusters: clusters(), filters: () => [writer, filter(CACHE)] });
      expect(findings).toEqual([
        expect.objectContaining({
          id: "body-writer-before-cache",
          severity: "warning",
          seen: `${nameOf(writer)} is before the responseCache of signpost, and may write response bodies`,
          where: "listener 0.0.0.0_8080, filter signpost",
        }),
      ]);
      expect(code).toBe(0);
    });

    it("is right where it stands before it", async () => {
      const { ids } = await examine({ clusters: clusters(), filters: () => [filter(CACHE), writer] });
      expect(ids).toEqual([]);
    });

    it("is none of its business without a responseCache", async () => {
      const { ids } = await examine({ clusters: clusters(), filters: () => [writer, filter(configuration())] });
      expect(ids).toEqual([]);
    });
  });

  it("is right after filters that leave the bodies of responses alone, or those of a 304", async () => {
    const examined = await examine({
      clusters: clusters(),
      filters: () => [lua(`if handle:headers():get(":status") == "304" then return end ${WRITE}`), extProc({}), filter(CACHE)],
    }); // prettier-ignore
    expect(examined.ids).toEqual([]);
  });

  it("is right after both", async () => {
    const examined = await examine({
      clusters: clusters(),
      filters: (directory) => [filter(configuration()), JWT, RBAC, discovered(directory, CACHE)],
    });
    expect(examined.ids.filter((id) => id.startsWith("cache-") || id.startsWith("lookups-"))).toEqual([]);
  });
});
