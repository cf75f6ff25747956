import { describe, expect, it } from "vitest";
import { hasOriginPrecondition, isNotModified, isSentWithNotModified } from "../support/cache-messages.ts";

const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
const DATE_IN_MS = Date.parse(DATE);

describe("If-None-Match", () => {
  it.each([
    ['"a"', '"a"'],
    ['"1", "a", "2"', '"a"'],
    ['W/"a"', '"a"'],
    ['"a"', 'W/"a"'],
    ["abc", "abc"],
    ["*", '"a"'],
    [" * ", '"a"'],
  ])("%s is answered with 304 when %s is stored", (field, etag) => {
    expect(isNotModified({ "if-none-match": field }, { etag })).toBe(true);
  });

  it("of several lines is one list", () => {
    expect(isNotModified({ "if-none-match": ['"1"', '"a"'] }, { etag: '"a"' })).toBe(true);
  });

  it("with a star is answered with 304 by any stored response", () => {
    expect(isNotModified({ "if-none-match": "*" }, {})).toBe(true);
  });

  it.each(['"b"', '"A"', "a", '"*"', "", '"1", *'])(
    "%j is answered with the response when it has another tag",
    (field) => {
      expect(isNotModified({ "if-none-match": field }, { etag: '"a"' })).toBe(false);
    },
  );

  it("is answered with the response when that has no tag", () => {
    expect(isNotModified({ "if-none-match": '"a"' }, { "last-modified": DATE })).toBe(false);
  });

  it("goes before If-Modified-Since", () => {
    const stored = { etag: '"a"', "last-modified": DATE };
    expect(isNotModified({ "if-none-match": '"a"', "if-modified-since": EARLIER }, stored)).toBe(true);
    expect(isNotModified({ "if-none-match": '"b"', "if-modified-since": LATER }, stored)).toBe(false);
  });
});

describe("If-Modified-Since", () => {
  it.each([
    [LATER, true],
    [DATE, true],
    [EARLIER, false],
    ["Sunday, 06-Nov-94 08:49:37 GMT", true],
    ["Sun Nov  6 08:49:37 1994", true],
  ])("%s is answered by a response of that second with 304: %s", (since, expected) => {
    expect(isNotModified({ "if-modified-since": since }, { "last-modified": DATE }, 200, DATE_IN_MS)).toBe(expected);
  });

  it.each(["yesterday", "", "0", `${LATER}, ${LATER}`])("%j is no date and does not count", (since) => {
    expect(isNotModified({ "if-modified-since": since }, { "last-modified": DATE })).toBe(false);
  });

  it("of several lines does not count", () => {
    expect(isNotModified({ "if-modified-since": [LATER, LATER] }, { "last-modified": DATE })).toBe(false);
  });

  it("is held against Date where the response has no Last-Modified", () => {
    expect(isNotModified({ "if-modified-since": DATE }, { date: DATE }, 200, DATE_IN_MS + 60_000)).toBe(true);
    expect(isNotModified({ "if-modified-since": EARLIER }, { date: DATE }, 200, DATE_IN_MS - 60_000)).toBe(false);
  });

  it("is held against the time of its receipt where it has neither", () => {
    expect(isNotModified({ "if-modified-since": DATE }, {}, 200, DATE_IN_MS)).toBe(true);
    expect(isNotModified({ "if-modified-since": DATE }, {}, 200, DATE_IN_MS + 1000)).toBe(false);
  });
});

describe("preconditions", () => {
  it.each(["GET", "HEAD"])("of %s are the cache's to answer", (method) => {
    expect(isNotModified({ ":method": method, "if-none-match": '"a"' }, { etag: '"a"' })).toBe(true);
  });

  it.each(["POST", "get", "PUT"])("of %s are not", (method) => {
    expect(isNotModified({ ":method": method, "if-none-match": '"a"' }, { etag: '"a"' })).toBe(false);
    expect(isNotModified({ ":method": method, "if-modified-since": LATER }, { "last-modified": DATE })).toBe(false);
  });

  it.each([204, 301, 404, 410, 500])("do not count where the stored response is a %i", (status) => {
    expect(isNotModified({ "if-none-match": "*" }, { etag: '"a"' }, status)).toBe(false);
  });

  it("that are only the origin's are told apart", () => {
    expect(hasOriginPrecondition({ "if-match": "*" })).toBe(true);
    expect(hasOriginPrecondition({ "if-unmodified-since": DATE })).toBe(true);
    expect(hasOriginPrecondition({ "if-none-match": "*", "if-modified-since": DATE, "if-range": '"a"' })).toBe(false);
  });

  it("that are missing are answered with the response", () => {
    expect(isNotModified({}, { etag: '"a"', "last-modified": DATE })).toBe(false);
  });
});

describe("a 304", () => {
  it.each(["cache-control", "content-location", "date", "etag", "expires", "vary"])("has the response's %s", (name) => {
    expect(isSentWithNotModified(name, true)).toBe(true);
  });

  it.each(["content-security-policy", "access-control-allow-origin", "x-own", "age"])("has its %s", (name) => {
    expect(isSentWithNotModified(name, true)).toBe(true);
  });

  it.each(["content-type", "content-length", "content-encoding", "content-language", "content-range"])(
    "does not have its %s",
    (name) => {
      expect(isSentWithNotModified(name, true)).toBe(false);
    },
  );

  it("has Last-Modified where there is no entity tag to go by", () => {
    expect(isSentWithNotModified("last-modified", true)).toBe(false);
    expect(isSentWithNotModified("last-modified", false)).toBe(true);
  });
});
