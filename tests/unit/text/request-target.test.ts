import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  latin1,
  optionalLatin1,
  pathFromSegment,
  pathOf,
  pathSegment,
  queryOf,
  queryParameter,
} from "../support/text.ts";

const segment = (path: string, index: number): string | null => optionalLatin1(pathSegment(path, index));
const parameter = (query: string | null, name: string): string | null => optionalLatin1(queryParameter(query, name));

describe("a request target", () => {
  it.each([
    ["/a/b?c=d", "/a/b", "c=d"],
    ["/a", "/a", null],
    ["/a?", "/a", ""],
    ["/a?b?c", "/a", "b?c"],
    ["?a", "", "a"],
    ["*", "*", null],
    ["", "", null],
  ])("%j has the path %j and the query %j", (target, path, query) => {
    expect(latin1(pathOf(target))).toBe(path);
    expect(optionalLatin1(queryOf(target))).toBe(query);
  });

  it("is its path, question mark and query", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/?&%.]{0,12}$/), (target) => {
        const query = optionalLatin1(queryOf(target));
        expect(latin1(pathOf(target)) + (query === null ? "" : `?${query}`)).toBe(target);
      }),
    );
  });
});

describe("a path's segments", () => {
  it("are counted from 0", () => {
    expect([0, 1, 2].map((index) => segment("/api/acme", index))).toEqual(["api", "acme", null]);
  });

  it("may be empty", () => {
    expect([0, 1, 2].map((index) => segment("/api/", index))).toEqual(["api", "", null]);
    expect([0, 1, 2, 3].map((index) => segment("//a/", index))).toEqual(["", "a", "", null]);
    expect([0, 1].map((index) => segment("/", index))).toEqual(["", null]);
  });

  it("stand as received", () => {
    expect(segment("/a%2Fb/c", 0)).toBe("a%2Fb");
  });

  it("are there without a leading slash too", () => {
    expect([0, 1].map((index) => segment("*", index))).toEqual(["*", null]);
    expect(segment("", 0)).toBeNull();
  });

  it.each([-1, -2147483648, 2147483647])("are not there at %i", (index) => {
    expect(segment("/a/b", index)).toBeNull();
  });

  it("are what is between the slashes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\/[a-b/]{0,8}$/), fc.nat({ max: 9 }), (path, index) => {
        expect(segment(path, index)).toBe(path.slice(1).split("/")[index] ?? null);
      }),
    );
  });
});

describe("a query parameter", () => {
  it.each([
    ["a=1&b=2", "b", "2"],
    ["a=1&a=2", "a", "1"],
    ["a=&a=2", "a", ""],
    ["a&b", "a", ""],
    ["a=1=2", "a", "1=2"],
    ["a%62c=1", "abc", "1"],
    ["a=%20+x", "a", "%20+x"],
    ["&&a=1&&", "a", "1"],
    ["b=a=1", "a", null],
    ["ab=1", "a", null],
    ["a=1", "ab", null],
    ["A=1", "a", null],
    ["a;b=1", "b", null],
    ["=1", "", "1"],
    ["&", "", null],
    ["", "a", null],
    ["", "", null],
    [null, "a", null],
    ["a%3D=1", "a=", "1"],
    ["x%26a=1", "a", null],
    ["a%", "a%", ""],
    ["caf%C3%A9=1", "café", "1"],
  ])("of %j named %j is %j", (query, name, value) => {
    expect(parameter(query, name)).toBe(value);
  });

  it("is the first that a URLSearchParams has, but for plus and bad UTF-8", () => {
    const query = fc.stringMatching(/^(%6[12]|[ab=&]){0,10}$/);
    fc.assert(
      fc.property(query, fc.constantFrom("a", "b", "ab", "ba", ""), (text, name) => {
        const value = parameter(text, name);
        expect(value === null ? null : decodeURIComponent(value)).toBe(new URLSearchParams(text).get(name));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the path from a segment on", () => {
  it.each([
    ["/api/acme/x/y", 2, "x/y"],
    ["/api/acme/x/y", 0, "api/acme/x/y"],
    ["/api/acme/", 2, ""],
    ["/api/acme//x%2Fy/", 2, "/x%2Fy/"],
    ["/api/acme", 2, null],
    ["/", 0, ""],
    ["/", 1, null],
    ["", 0, null],
    ["*", 0, "*"],
    ["/a", -1, null],
  ])("%s from %i is %j", (path, index, rest) => {
    expect(optionalLatin1(pathFromSegment(path, index))).toBe(rest);
  });
});
