import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheStatus } from "../support/cache-messages.ts";

describe("Cache-Status", () => {
  it("of a hit has its remaining lifetime in seconds", () => {
    expect(cacheStatus({ ttl: 376_000, detail: "local" })).toBe("signpost; hit; ttl=376; detail=local");
  });

  it.each([
    [999, "0"],
    [1999, "1"],
    [0, "0"],
    [-1, "-1"],
    [-1000, "-1"],
    [-1001, "-2"],
  ])("never tells more than is left: %i ms are %s", (ttl, seconds) => {
    expect(cacheStatus({ ttl })).toBe(`signpost; hit; ttl=${seconds}`);
  });

  it("of a miss has its reason, and what became of it", () => {
    expect(cacheStatus({ forwarded: "uri-miss", stored: true })).toBe("signpost; fwd=uri-miss; stored");
    expect(cacheStatus({ forwarded: "stale", forwardedStatus: 304, ttl: 60_000 })).toBe(
      "signpost; fwd=stale; fwd-status=304; ttl=60",
    );
    expect(cacheStatus({ forwarded: "vary-miss", collapsed: true })).toBe("signpost; fwd=vary-miss; collapsed");
  });

  it.each(["bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"] as const)(
    "knows the reason %s",
    (forwarded) => {
      expect(cacheStatus({ forwarded })).toBe(`signpost; fwd=${forwarded}`);
    },
  );

  it("tells of a hit nothing that only a forwarded request has", () => {
    expect(cacheStatus({ forwardedStatus: 200, stored: true, collapsed: true })).toBe("signpost; hit");
  });

  it("comes behind what the caches before said", () => {
    expect(cacheStatus({ existing: 'Origin; hit, "CDN"; fwd=miss' })).toBe(
      'Origin; hit, "CDN"; fwd=miss, signpost; hit',
    );
    expect(cacheStatus({ existing: "" })).toBe("signpost; hit");
  });

  it.each([
    ["local", "local"],
    ["*a/b:c", "*a/b:c"],
    ["two words", '"two words"'],
    ["1st", '"1st"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["a\nb\x7f", '"a?b?"'],
    ["", '""'],
  ])("has the detail %j as %s", (detail, item) => {
    expect(cacheStatus({ detail })).toBe(`signpost; hit; detail=${item}`);
  });

  it("has any detail as one token or one string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (detail) => {
        expect(cacheStatus({ detail })).toMatch(
          /^signpost; hit; detail=(?:[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*|"(?:[ !#-[\]-~]|\\["\\])*")$/,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
