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

describe("no header list", () => {
  it("has no fields", () => {
    lookAtHeaders(new Uint8Array([1, 2, 3]));
    expect(headerValue("link")).toBeNull();
  });
});
