import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, percentDecoded } from "../support/text.ts";
import { firstMarks, getPath, psetexPath } from "../support/webdis.ts";

/** How Webdis 0.1.9 takes a path apart: at slashes first, then the last dot, then the escapes. */
function argumentsOf(path: string): string[] {
  const command = path.slice(1, path.lastIndexOf("."));
  return command.split("/").map((argument) => percentDecoded(argument.replaceAll("+", " ")));
}

describe("the path of a GET", () => {
  it.each([
    [0, "route:acme", "/GET/route%3Aacme.json?jsonp=m1"],
    [0, "a/b.c", "/GET/a%2Fb%2Ec.json?jsonp=m1"],
    [0, "..", "/GET/%2E%2E.json?jsonp=m1"],
    [0, "a+b c", "/GET/a%2Bb%20c.json?jsonp=m1"],
    [0, "route:a%2Fb", "/GET/route%3Aa%252Fb.json?jsonp=m1"],
    [0, "", "/GET/.json?jsonp=m1"],
    [3, "k", "/3/GET/k.json?jsonp=m1"],
    [15, "k", "/15/GET/k.json?jsonp=m1"],
  ])("in database %i for %j is %s", (database, key, path) => {
    expect(latin1(getPath(database, key, "m1"))).toBe(path);
  });

  it("names the key, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (key) => {
        const path = latin1(getPath(0, key, "m1"));
        expect(path).toMatch(/^[\w/%.~-]+\.json\?jsonp=m1$/);
        expect(argumentsOf(path)).toEqual(["GET", latin1(key)]);
      }),
    );
  });
});

describe("the path of a PSETEX", () => {
  it("has key and milliseconds, and leaves the value to the body", () => {
    expect(latin1(psetexPath(0, "a/b.c", 60_000n))).toBe("/PSETEX/a%2Fb%2Ec/60000.raw");
    expect(latin1(psetexPath(7, "k", 1n))).toBe("/7/PSETEX/k/1.raw");
    expect(latin1(psetexPath(0, "k", 31_536_000_000n))).toBe("/PSETEX/k/31536000000.raw");
  });
});

describe("the marks that replies carry", () => {
  it("are another one for each call, and in each VM", () => {
    expect(latin1(firstMarks(0x0123456789abcdefn))).toBe(
      "t0123456789abcdef_0000000000000001 t0123456789abcdef_0000000000000002",
    );
    expect(latin1(firstMarks(-1n))).toMatch(/^tffffffffffffffff_/);
  });
});
