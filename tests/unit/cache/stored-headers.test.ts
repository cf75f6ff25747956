import { beforeEach, describe, expect, it } from "vitest";
import { bothValues, firstValue, headerList, headerValue, lookAtHeaders, nextValue } from "../support/header-list.ts";
import { latin1, optionalLatin1 } from "../support/text.ts";

beforeEach(() => {
  lookAtHeaders(
    headerList([
      ["cache-control", "max-age=1"],
      ["x-empty", ""],
      ["cache-control", "public"],
      ["link", "<a>"],
      ["link", ""],
      ["link", "<b>"],
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ]),
  );
});

describe("the value of a stored field", () => {
  it.each([
    ["cache-control", "max-age=1,public"],
    ["link", "<a>,,<b>"],
    ["x-empty", ""],
    ["cookie", "a=1; b=2"],
  ])("%s has all its lines in one", (name, value) => {
    expect(optionalLatin1(headerValue(name))).toBe(value);
  });

  it("that is not there is missing, not empty", () => {
    expect(headerValue("etag")).toBeNull();
    expect(headerValue("link2")).toBeNull();
    expect(headerValue("")).toBeNull();
  });

  it("stays when another one is joined", () => {
    expect(latin1(bothValues("cache-control", "link"))).toBe("max-age=1,public|<a>,,<b>");
  });
});

describe("the lines of a stored field", () => {
  it("come one after the other", () => {
    expect(optionalLatin1(firstValue("link"))).toBe("<a>");
    expect(optionalLatin1(nextValue("link"))).toBe("");
    expect(optionalLatin1(nextValue("link"))).toBe("<b>");
    expect(nextValue("link")).toBeNull();
    expect(optionalLatin1(firstValue("link"))).toBe("<a>");
  });
});

describe("however many names there are,", () => {
  /** More than there are marks, so that many share one: those that are there, and those that are not. */
  const names = Array.from({ length: 200 }, (_, i) => `x-${i.toString(36)}-${"abcdefg".charAt(i % 7)}`);

  it("each finds its own values and no other one's", () => {
    const there = names.filter((_, i) => i % 3 !== 0);
    const fields = [
      ...there.map((name) => [name, name] as const),
      ...there.slice(50).map((name) => [name, "2"] as const),
    ];
    lookAtHeaders(headerList(fields.map(([name, value]) => [name, value])));
    for (const [i, name] of names.entries()) {
      const at = there.indexOf(name);
      const expected = i % 3 === 0 ? undefined : at < 50 ? name : `${name},2`;
      const value = headerValue(name);
      expect(value === null ? undefined : optionalLatin1(value)).toBe(expected);
    }
  });
});

describe("no header list", () => {
  it("has no fields", () => {
    lookAtHeaders(new Uint8Array([1, 2, 3]));
    expect(headerValue("link")).toBeNull();
  });
});
