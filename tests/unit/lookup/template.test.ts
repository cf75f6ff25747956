import { beforeEach, describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";
import { TestRequest, textOf } from "./client-request-fixture.ts";

const ENCODING = { key: 0, servicePath: 1, applyPath: 2, raw: 3 };

const RECORD = JSON.stringify({
  cell: "7",
  path: "/svc a/%2e",
  number: 1e3,
  yes: true,
  nothing: null,
  list: ["first"],
  "a/b": { "c~d": "deep" },
  empty: "",
});

let request: TestRequest;

beforeEach(() => {
  request = new TestRequest()
    .with(":authority", "Shop.example.com:443")
    .with(":path", "/api/a%2Fb/c?v=1%262&w")
    .with(":method", "GET")
    .with(":scheme", "https")
    .with("x-tenant", "A/c me")
    .with("x-empty", "")
    .with("cookie", "plan=gold/1");
});

function filled(template: string, encoding: number): string | null {
  return textOf(request.fill(template, encoding, "a%2Fb/c", RECORD));
}

describe("a value in a key or in a service's path is percent-encoded", () => {
  it.each([
    ["k:{host}", "k:shop.example.com"],
    ["k:{path}", "k:%2Fapi%2Fa%252Fb%2Fc"],
    ["k:{path[1]}", "k:a%2Fb"],
    ["k:{path[01]}", "k:a%2Fb"],
    ["k:{path[1..]}", "k:a%252Fb%2Fc"],
    ["k:{path[02..]}", "k:c"],
    ["k:{/path[02..]}", "k:/c"],
    ["k:{/path[3..]}", "k:"],
    ["k:{rest}", "k:a%252Fb%2Fc"],
    ["k:{query}", "k:v%3D1%25262%26w"],
    ["k:{query[v]}", "k:1%262"],
    ["k:{query[w]}", "k:"],
    ["k:{method}-{scheme}", "k:GET-https"],
    ["k:{header[X-Tenant]}", "k:A%2Fc%20me"],
    ["k:{header[x-empty]}!", "k:!"],
    ["k:{cookie[plan]}", "k:gold%2F1"],
    ["k:{header[x-missing]|a/b}", "k:a%2Fb"],
    ["k:{header[x-missing]|}!", "k:!"],
    ["k:{header[x-missing]|a|b:c]}", "k:a%7Cb%3Ac%5D"],
    ["k:{host|unused}", "k:shop.example.com"],
    ["k:%2F é {host}", "k:%2F é shop.example.com"],
    ["everyone", "everyone"],
    ["k:{record:/path}", "k:%2Fsvc%20a%2F%252e"],
  ])("%j: %j", (template, text) => {
    expect(filled(template, ENCODING.key)).toBe(text);
    expect(filled(template, ENCODING.servicePath)).toBe(text);
  });

  it("byte by byte, so that two values that are not UTF-8 stay different", () => {
    request = new TestRequest().with("x-a", Uint8Array.of(0xff, 0x00, 0x80));
    expect(filled("k:{header[x-a]}", ENCODING.key)).toBe("k:%FF%00%80");
  });
});

describe("a value in a path to apply", () => {
  it.each([
    ["path, rest and query stand as received", "/x{path}/{rest}?{query}", "/x/api/a%2Fb/c/a%2Fb/c?v=1%262&w"],
    ["the path from a segment on stands as received", "/x/{path[1..]}", "/x/a%2Fb/c"],
    ["the path from a segment on brings its slash along", "/x{/path[1..]}", "/x/a%2Fb/c"],
    ["the path from a segment on with its slash is nothing where there is no such segment", "/x{/path[3..]}", "/x"],
    ["a record's value stands as it is", "{record:/path}", "/svc a/%2e"],
    ["a default stands as it is", "/{header[x-missing]|a/b}", "/a/b"],
    ["anything else of the client's is encoded", "/{header[x-tenant]}/{path[1]}", "/A%2Fc%20me/a%2Fb"],
  ])("%s", (_, template, text) => {
    expect(filled(template, ENCODING.applyPath)).toBe(text);
  });
});

describe("a value in a header", () => {
  it("stands as it is, also the path from a segment on", () => {
    expect(filled("{path[1..]}", ENCODING.raw)).toBe("a%2Fb/c");
  });

  it("stands as it is", () => {
    expect(filled("{header[x-tenant]} {path[1]} {header[x-missing]|a b}", ENCODING.raw)).toBe("A/c me a/b a b");
  });
});

describe("a value from a record", () => {
  it.each([
    ["/cell", "7"],
    ["/number", "1000"],
    ["/yes", "true"],
    ["/empty", ""],
    ["/list/0", "first"],
    ["/a~1b/c~0d", "deep"],
    ["/nothing", null],
    ["/list", null],
    ["/a~1b", null],
    ["/missing", null],
    ["/list/1", null],
  ])("at %j is %j", (pointer, text) => {
    expect(filled(`{record:${pointer}}`, ENCODING.raw)).toBe(text);
  });

  it("of an earlier lookup comes from that lookup's record", () => {
    expect(filled("{tenant-2:/cell}", ENCODING.raw)).toBe("tenant-2=7");
  });

  it("takes its default where it is missing", () => {
    expect(filled("{record:/nothing|none}", ENCODING.raw)).toBe("none");
  });
});

describe("a missing value without a default", () => {
  it.each(["{header[x-missing]}", "a{host}b{query[x]}c", "{cookie[x]}", "{path[3]}", "{path[3..]}", "{record:/x}"])(
    "leaves nothing of %j",
    (template) => {
      expect(filled(template, ENCODING.key)).toBeNull();
    },
  );

  it("is also each part of a request that has none", () => {
    request = new TestRequest();
    for (const value of [
      "host",
      "path",
      "path[0]",
      "path[0..]",
      "query",
      "query[a]",
      "method",
      "scheme",
      "cookie[a]",
    ]) {
      expect(filled(`{${value}}`, ENCODING.key)).toBeNull();
    }
    expect(textOf(request.fill("{rest}", ENCODING.key, null))).toBeNull();
  });
});

describe("a template knows what it reads", () => {
  const needsOfTemplate = new UnitModule().function("needsOfTemplate", ["text"], "i32");

  it.each([
    ["literal", 0],
    ["{host}", 1],
    ["{path}{path[1]}{path[1..]}{/path[1..]}{query}{query[a]}", 2],
    ["{method}", 4],
    ["{scheme}", 8],
    ["{header[a]}", 16],
    ["{cookie[a]}", 16],
    ["{rest}", 32 | 2],
    ["{record:/a}{x:/a}", 0],
    ["{host}:{path}|{method}", 1 | 2 | 4],
  ])("%j: %i", (template, needs) => {
    expect(needsOfTemplate(template)).toBe(needs);
  });

  it("and reads nothing else", () => {
    filled("k:{host}:{path[0]}:{query[v]}", ENCODING.key);
    expect(request.headersRead()).toEqual([":authority", ":path"]);
  });
});
