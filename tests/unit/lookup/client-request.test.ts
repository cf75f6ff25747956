import { beforeEach, describe, expect, it } from "vitest";
import { TestRequest } from "./client-request-fixture.ts";

let request: TestRequest;

beforeEach(() => {
  request = new TestRequest();
});

describe("the host", () => {
  it.each([
    ["Shop.Example.COM", "shop.example.com"],
    ["shop.example.com:8443", "shop.example.com"],
    ["shop.example.com.", "shop.example.com"],
    ["[2001:DB8::1]:80", "[2001:db8::1]"],
    ["", ""],
  ])("of %j is %j", (authority, host) => {
    expect(request.with(":authority", authority).property("host")).toBe(host);
  });

  it("is missing where the request has none", () => {
    expect(request.property("host")).toBeNull();
  });
});

describe("path and query", () => {
  it.each([
    ["/api/acme?a=1", "/api/acme", "a=1"],
    ["/api/acme?", "/api/acme", ""],
    ["/api/acme", "/api/acme", null],
    ["/a?b?c", "/a", "b?c"],
    ["*", "*", null],
  ])("of %j are %j and %j, as received", (target, path, query) => {
    request.with(":path", target);
    expect([request.property("path"), request.property("query")]).toEqual([path, query]);
  });

  it("are missing where the request has none, as of a CONNECT", () => {
    expect([request.property("path"), request.property("query")]).toEqual([null, null]);
  });
});

describe("a path segment", () => {
  it.each([
    ["/api/acme", 0, "api"],
    ["/api/acme", 1, "acme"],
    ["/api/acme", 2, null],
    ["/api/", 1, ""],
    ["/", 0, ""],
    ["/a//b", 1, ""],
    ["/a%2Fb/c%20d?e/f", 0, "a/b"],
    ["/a%2Fb/c%20d?e/f", 1, "c d"],
    ["/a%2Fb/c%20d?e/f", 2, null],
    ["/%zz%4/%252F", 0, "%zz%4"],
    ["/%zz%4/%252F", 1, "%2F"],
    ["/a+b", 0, "a+b"],
  ])("of %j at %i is %j", (path, index, segment) => {
    expect(request.with(":path", path).property("segment", "", index)).toBe(segment);
  });
});

describe("a query parameter", () => {
  it.each([
    ["/?tenant=acme", "acme"],
    ["/?tenant=acme&tenant=other", "acme"],
    ["/?tenant=", ""],
    ["/?tenant", ""],
    ["/?ten%61nt=a%26b+c", "a&b+c"],
    ["/?Tenant=acme", null],
    ["/?x=tenant=1", null],
    ["/", null],
  ])("of %j is %j", (path, value) => {
    expect(request.with(":path", path).property("parameter", "tenant")).toBe(value);
  });
});

describe("a cookie", () => {
  it.each([
    ["plan=gold", "gold"],
    ["a=1; plan=gold; plan=free", "gold"],
    ["plan=", ""],
    ['plan="a b"', '"a b"'],
    ["plan=%41", "%41"],
    ["Plan=gold; xplan=free; planx=free", null],
    ["plan", null],
  ])("of %j is %j", (cookies, value) => {
    expect(request.with("cookie", cookies).property("cookie", "plan")).toBe(value);
  });

  it("is missing without a cookie header", () => {
    expect(request.property("cookie", "plan")).toBeNull();
  });
});

describe("method, scheme and headers", () => {
  it("are as received", () => {
    request.with(":method", "GET").with(":scheme", "https").with("x-tenant", " Acme,other ");
    expect(request.property("method")).toBe("GET");
    expect(request.property("scheme")).toBe("https");
    expect(request.property("header", "x-tenant")).toBe(" Acme,other ");
  });

  it("tell an empty header from a missing one", () => {
    request.with("x-empty", "");
    expect(request.property("header", "x-empty")).toBe("");
    expect(request.property("header", "x-missing")).toBeNull();
  });
});

describe("reading a request", () => {
  it("asks the host for nothing that nobody asks for", () => {
    request.with(":path", "/api").with(":authority", "a");
    expect(request.headersRead()).toEqual([]);
  });

  it("asks for each pseudo-header and the cookies at most once, also where they are missing", () => {
    for (let i = 0; i < 3; i++) {
      for (const property of ["host", "path", "query", "segment", "parameter", "method", "scheme", "cookie"]) {
        request.property(property);
      }
    }
    expect(request.headersRead()).toEqual([":authority", ":path", ":method", ":scheme", "cookie"]);
  });

  it("knows nothing of the request before", () => {
    request.with(":authority", "a").with(":path", "/a").with("cookie", "plan=a");
    request.property("host");
    request.property("path");
    request.property("cookie", "plan");
    request.begin();
    expect(request.property("host")).toBeNull();
    expect(request.property("path")).toBeNull();
    expect(request.property("cookie", "plan")).toBeNull();
  });

  it("keeps a decoded value while a longer one is decoded", () => {
    const long = "%62".repeat(5000);
    request.with(":path", `/%61/${long}`);
    expect(request.pathSegments(0, 1)).toBe(`a|${"b".repeat(5000)}`);
  });
});
