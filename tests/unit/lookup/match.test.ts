import { describe, expect, it } from "vitest";
import { withLookup } from "../../fixtures/config/fixture.ts";
import { TestRequest } from "./client-request-fixture.ts";

interface Case {
  match: Record<string, unknown>;
  host?: string;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** A request to a lookup with that match, whose key needs `{rest}` and nothing else of the request. */
function requestOf({ match, host, path, method, headers = {} }: Case, key = "k:{rest}"): TestRequest {
  const request = new TestRequest().configure(withLookup({ match, key })).begin();
  if (host !== undefined) request.with(":authority", host);
  if (path !== undefined) request.with(":path", path);
  if (method !== undefined) request.with(":method", method);
  for (const [name, value] of Object.entries(headers)) request.with(name, value);
  return request;
}

describe("hosts", () => {
  it.each([
    ["shop.example.com", "shop.example.com", true],
    ["Shop.Example.com.", "SHOP.example.COM:8443", true],
    ["shop.example.com", "shop.example.com.", true],
    ["shop.example.com", "xshop.example.com", false],
    ["*.example.com", "shop.example.com", true],
    ["*.example.com", "a.b.c.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", ".example.com", false],
    ["*.example.com", "badexample.com", false],
    ["*.example.com", "shop.example.com.evil.org", false],
    ["[::1]", "[::1]:8080", true],
    ["*", "anything", true],
    ["*", "", false],
  ])("%j and a request to %j: %j", (pattern, host, matches) => {
    expect(requestOf({ match: { hosts: ["other", pattern] }, host, path: "/" }).matches()).toBe(matches);
  });

  it("match no request without a host", () => {
    expect(requestOf({ match: { hosts: ["*"] }, path: "/" }).matches()).toBe(false);
  });
});

describe("paths", () => {
  it.each([
    ["/api/*", "/api/acme/x", "acme/x"],
    ["/api/*", "/api/", ""],
    ["/api/*", "/api", null],
    ["/api*", "/api/acme", "/acme"],
    ["/api", "/api", ""],
    ["/api", "/api/", null],
    ["/api", "/API", null],
    ["/a%2Ab", "/a*b", ""],
    ["/a%2Ab", "/a%2Ab", ""],
    ["/a%2ab", "/axb", null],
    ["/%7bid%7d/*", "/{id}/x", "x"],
    ["/%7bid%7d/*", "/%7bid%7d/x", "x"],
    ["/api/*", "/api/acme?x=/y", "acme"],
    ["/api", "/api?x=y", ""],
    ["/api/*", "/%61pi/acme", null],
    ["*", "/api", "/api"],
    ["/*", "/api", "api"],
  ])("%j and a request for %j leave %j", (pattern, path, rest) => {
    const request = requestOf({ match: { paths: [pattern] }, path });
    expect(request.matches()).toBe(rest !== null);
    if (rest !== null) expect(request.rest()).toBe(rest);
  });

  it("leave what follows the first pattern that matches", () => {
    const request = requestOf({ match: { paths: ["/v2/*", "/v1/*", "/v1/api/*"] }, path: "/v1/api/x" });
    expect(request.matches()).toBe(true);
    expect(request.rest()).toBe("api/x");
  });

  it("match no request without a path", () => {
    expect(requestOf({ match: { paths: ["*"] }, host: "a" }).matches()).toBe(false);
  });

  it("not given leave the path without its leading slash", () => {
    const request = requestOf({ match: {}, path: "/api/acme?x" });
    expect(request.matches()).toBe(true);
    expect(request.rest()).toBe("api/acme");
  });

  it("not given leave nothing of a request without a path", () => {
    const request = requestOf({ match: {}, host: "a" });
    expect(request.matches()).toBe(true);
    expect(request.rest()).toBeNull();
  });
});

describe("methods", () => {
  it.each([
    ["GET", true],
    ["POST", true],
    ["PUT", false],
    ["get", false],
    [undefined, false],
  ])("GET and POST, and a %s request: %j", (method, matches) => {
    const match = { methods: ["GET", "POST"] };
    expect(requestOf(method === undefined ? { match } : { match, method }).matches()).toBe(matches);
  });
});

describe("headers", () => {
  const match = { headers: { "X-Tenant": "*", "x-plan": "gold" } };

  it.each([
    [{ "x-tenant": "acme", "x-plan": "gold" }, true],
    [{ "x-tenant": "", "x-plan": "gold" }, true],
    [{ "x-plan": "gold" }, false],
    [{ "x-tenant": "acme" }, false],
    [{ "x-tenant": "acme", "x-plan": "Gold" }, false],
    [{ "x-tenant": "acme", "x-plan": "gold,free" }, false],
  ])("%j: %j", (headers, matches) => {
    expect(requestOf({ match, headers, path: "/" }).matches()).toBe(matches);
  });

  it("with an empty value match an empty header, not a missing one", () => {
    const empty = { headers: { "x-tenant": "" } };
    expect(requestOf({ match: empty, headers: { "x-tenant": "" } }).matches()).toBe(true);
    expect(requestOf({ match: empty }).matches()).toBe(false);
  });
});

describe("a match reads of a request", () => {
  const all = { hosts: ["a"], paths: ["/api"], methods: ["GET"], headers: { "x-a": "*" } };

  it("nothing when it is about every request and nobody needs the rest", () => {
    const request = requestOf({ match: {}, host: "a", path: "/" }, "everyone");
    expect(request.matches()).toBe(true);
    expect(request.headersRead()).toEqual([]);
  });

  it("all that it has patterns for when all of them match", () => {
    const request = requestOf({ match: all, host: "a", path: "/api", method: "GET", headers: { "x-a": "1" } });
    expect(request.matches()).toBe(true);
    expect(request.headersRead()).toEqual([":path", ":method", ":authority", "x-a"]);
  });

  it("only the path when that is no match", () => {
    const request = requestOf({ match: all, host: "a", path: "/", method: "GET", headers: { "x-a": "1" } });
    expect(request.matches()).toBe(false);
    expect(request.headersRead()).toEqual([":path"]);
  });
});
