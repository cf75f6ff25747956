import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deltaSeconds, requestDirectives, responseDirectives, stored } from "../support/cache-policy.ts";

const LARGEST = 2 ** 31 * 1000;

function response(...fields: string[]): string {
  return responseDirectives({ "cache-control": fields });
}

function request(...fields: string[]): string {
  return requestDirectives({ "cache-control": fields });
}

function targeted(...fields: string[]): string {
  return responseDirectives({ "cdn-cache-control": fields, "cache-control": "max-age=7, must-revalidate" });
}

describe("delta-seconds", () => {
  it.each([
    ["0", 0],
    ["3600", 3_600_000],
    ["003600", 3_600_000],
    ["2147483647", LARGEST - 1000],
    ["2147483648", LARGEST],
    ["2147483649", LARGEST],
    ["99999999999", LARGEST],
    ["9".repeat(400), LARGEST],
  ])("%s is so many milliseconds: %i", (text, milliseconds) => {
    expect(deltaSeconds(text)).toBe(BigInt(milliseconds));
  });

  it.each(["", "-1", "+1", "1.0", "1.5", "1e3", "0x10", " 1", "1 ", "1a", "a1", "'1'", '"1"', "1,2", "١"])(
    "is not %j",
    (text) => {
      expect(deltaSeconds(text)).toBe(-1n);
    },
  );
});

describe("the directives of a response", () => {
  it.each([
    ["", ""],
    ["max-age=60", "max-age=60000"],
    ["MaX-aGe=60, No-StOrE", "max-age=60000 no-store"],
    ["public,max-age=1 ,\ts-maxage=2", "max-age=1000 s-maxage=2000 public"],
    [",, ,max-age=60,,", "max-age=60000"],
    ["stale-while-revalidate=5, stale-if-error=6", "stale-while-revalidate=5000 stale-if-error=6000"],
    ["no-cache, private, no-transform", "no-cache no-transform private"],
    ["must-revalidate, proxy-revalidate, must-understand", "must-revalidate proxy-revalidate must-understand"],
    ['foobar, x=1, max-age=60, y="z"', "max-age=60000"],
    ["max-ages=60, xmax-age=60, max-age-=60", ""],
  ])("%j are %j", (field, directives) => {
    expect(response(field)).toBe(directives);
  });

  it("may stand in several fields", () => {
    expect(response("public", "max-age=60, no-transform")).toBe("max-age=60000 no-transform public");
  });

  it.each([
    ['max-age="60"', "max-age=60000"],
    ['extension="max-age=3600", max-age=1', "max-age=1000"],
    ['max-age=1, extension="max-age=3600, no-store"', "max-age=1000"],
    ['extension="\\", no-store, \\"", public', "public"],
    ['extension="max-age=3600', ""],
    ['max-age=1, extension="no-store, public', "max-age=1000"],
  ])("are read with quotes as one argument: %j are %j", (field, directives) => {
    expect(response(field)).toBe(directives);
  });

  it.each([
    "max-age",
    "max-age=",
    'max-age=""',
    "max-age=-3600",
    "max-age=3600.0",
    "max-age=3600.5",
    "max-age='3600'",
    'max-age="3600',
    'max-age="3600"0',
    "max-age=a3600",
    "max-age=3600a",
    "max-age =3600",
    "max-age= 3600",
    "max-age=3600 s-maxage",
    "max-age=3600;x",
    "max-age=1e3",
  ])("make a response stale by %j: it is no number of seconds", (field) => {
    expect(response(field)).toBe("max-age=0");
  });

  it.each([
    ["max-age=1800, max-age=1", "max-age=1800000"],
    ["max-age=1, max-age=1800", "max-age=1000"],
    ["max-age=x, max-age=1800", "max-age=0"],
    ["max-age=1800, max-age=x", "max-age=1800000"],
  ])("that are repeated count once, the first: %j are %j", (field, directives) => {
    expect(response(field)).toBe(directives);
  });

  it.each([
    ['max-age=60, ext="a, private', "max-age=60000 private"],
    ['max-age=60, ext="a, no-store, b', "max-age=60000 no-store"],
    ['ext="a, private, b="c", max-age=60', "max-age=0 private"],
    ['ext="a, no-store, b="c, d", max-age=60', "max-age=0 no-store"],
    ['ext="a, b="c", d="e", no-cache=1, max-age=60', "max-age=0 no-cache"],
    ['x y"a, must-revalidate', "must-revalidate"],
    ['ext="a\\", private', "private"],
    ['ext="a, public, must-understand', ""],
    ['public, ext="a, must-understand, s-maxage=60', "s-maxage=0 public"],
  ])("are not hidden by a quote that nothing closes: %j are %j", (field, directives) => {
    expect(response(field)).toBe(directives);
  });

  it.each([
    ["public; private, max-age=60", "max-age=60000 private"],
    ["public private, max-age=60", "max-age=60000 private"],
    ["max-age=60; no-store", "max-age=0 no-store"],
    ["public;no-cache;max-age=60", "max-age=0 no-cache"],
    ["ext=a; private=x; b, s-maxage=60", "s-maxage=60000 private"],
    ['ext="a" "private, x" no-store', "no-store"],
    ["ext / public / s-maxage=60 / must-revalidate", ""],
    ["max-age=60 =, @no-store", "max-age=0 no-store"],
  ])("are not hidden by what stands before them in the place of a comma: %j are %j", (field, directives) => {
    expect(response(field)).toBe(directives);
  });

  it("are not hidden by a quote that an earlier field leaves open", () => {
    expect(response('max-age=60, ext="a', "private")).toBe("max-age=60000 private");
    expect(request('ext="a', "no-store")).toBe("no-store");
  });

  it("that are malformed still restrict but do not permit", () => {
    expect(response("no-store;x, private x, no-cache = a, must-revalidate@")).toBe(
      "no-cache no-store must-revalidate private",
    );
    expect(response('x y="a, no-store, ", public z="\\", public, "')).toBe("");
    expect(response("public x, must-understand;y, &public")).toBe("");
  });
});

describe("qualified no-cache and private", () => {
  function withheld(...fields: string[]): string[] {
    const response = stored({ headers: { "cache-control": fields } });
    return ["a", "b", "c-d", "x"].filter((name) => response.withholds(name));
  }

  it.each([
    ['no-cache="a"', ["a"]],
    ['no-cache="a, b"', ["a", "b"]],
    ['private="A,C-D"', ["a", "c-d"]],
    ["private=b", ["b"]],
    ['no-cache=" ,a ,, b ,"', ["a", "b"]],
  ])("%s is for these fields only: %j", (field, names) => {
    expect(response(field)).toBe("");
    expect(withheld(field)).toEqual(names);
  });

  it("add up", () => {
    expect(withheld('no-cache="a"', 'no-cache="b", private="c-d"')).toEqual(["a", "b", "c-d"]);
  });

  it.each(['=""', "=", '=" , "', '="a b"', '="a, b c"', '="a', '="a"b', '="\\a"', '="ä"', '="a", DIRECTIVE'])(
    "are for the whole response with the argument %s",
    (argument) => {
      expect(response(`private${argument.replace("DIRECTIVE", "private")}`)).toBe("private");
      expect(response(`no-cache${argument.replace("DIRECTIVE", "no-cache")}`)).toBe("no-cache");
    },
  );
});

describe("a bad list of field names", () => {
  it("names none at all", () => {
    const response = stored({ headers: { "cache-control": 'max-age=1, no-cache="a, b c"' } });
    expect([response.withholds("a"), response.reuseAfter(0)]).toEqual([false, "revalidate"]);
  });
});

describe("the directives of a request", () => {
  it.each([
    ["max-age=1, min-fresh=2, max-stale=3", "max-age=1000 max-stale=3000 min-fresh=2000"],
    ["max-stale", `max-stale=${2n ** 63n - 1n}`],
    ["no-cache, no-store, no-transform, only-if-cached", "no-cache no-store no-transform only-if-cached"],
    ["stale-if-error=60", "stale-if-error=60000"],
    ['no-cache="a"', "no-cache"],
  ])("%s are %s", (field, directives) => {
    expect(request(field)).toBe(directives);
  });

  it.each([
    ["max-age=x", "max-age=0"],
    ["min-fresh=x", `min-fresh=${LARGEST}`],
    ["max-stale=x", ""],
    ["max-stale=", ""],
    ["max-stale x", ""],
    ["max-stale=x, max-stale=9", ""],
    ["stale-if-error=-1", "stale-if-error=0"],
  ])("restrict as much as they can where they are invalid: %s are %j", (field, directives) => {
    expect(request(field)).toBe(directives);
  });
});

describe("Pragma", () => {
  it.each([
    ["no-cache", "no-cache"],
    ["No-Cache", "no-cache"],
    ["x=1, no-cache", "no-cache"],
    ["max-age=0", ""],
    ["x-no-cache", ""],
    ["", ""],
  ])("%j in a request without Cache-Control is %j", (pragma, directives) => {
    expect(requestDirectives({ pragma })).toBe(directives);
  });

  it("in a request with Cache-Control says nothing", () => {
    expect(requestDirectives({ pragma: "no-cache", "cache-control": "max-age=60" })).toBe("max-age=60000");
    expect(requestDirectives({ pragma: "no-cache", "cache-control": "" })).toBe("");
  });

  it("in a response says nothing", () => {
    expect(responseDirectives({ pragma: "no-cache" })).toBe("");
  });
});

describe("CDN-Cache-Control (RFC 9213)", () => {
  it.each([
    ["max-age=60", "max-age=60000 targeted"],
    ["no-store", "no-store targeted"],
    ["max-age=60;x=1, foobar;y", "max-age=60000 targeted"],
    ["foobar", "targeted"],
    ["max-age=1, max-age=60", "max-age=60000 targeted"],
    ["no-store, no-store=?0, max-age=60", "max-age=60000 targeted"],
    ['no-cache, private, no-cache="a", private=b', "targeted"],
    ['no-cache="a", no-cache', "no-cache targeted"],
    ["max-age=99999999999", `max-age=${LARGEST} targeted`],
  ])("%j replaces Cache-Control: %j", (field, directives) => {
    expect(targeted(field)).toBe(directives);
  });

  it.each(["", " ", "max-age=60,", "Max-Age=60", "max-age =60", "max-age=60, &&&&&", "no-store, x=1.", '"a"'])(
    "%j is none: Cache-Control speaks",
    (field) => {
      expect(targeted(field)).toBe("max-age=7000 must-revalidate");
    },
  );

  it.each(['max-age="60"', "max-age=60.5", "max-age=-60", "max-age", "max-age=?0", "max-age=a", "max-age=(60)"])(
    "makes a response stale by %s: it is no number of seconds",
    (field) => {
      expect(targeted(field)).toBe("max-age=0 targeted");
    },
  );

  it("that has values of wrong types still restricts but does not permit", () => {
    expect(targeted("no-store=1, no-cache=2, private=:YQ==:, public=1, must-understand=a")).toBe(
      "no-cache no-store private targeted",
    );
  });

  it("may stand in several fields", () => {
    expect(targeted("max-age=60", "must-revalidate")).toBe("max-age=60000 must-revalidate targeted");
  });
});

describe("whatever the bytes, directives", () => {
  const PIECE = fc.constantFrom(
    "max-age",
    "no-cache",
    "private",
    "public",
    "=",
    '"',
    "\\",
    ",",
    " ",
    "\t",
    "1",
    "a",
    "\x00",
    "\xff",
  );

  it("are read, as far as a no-store goes that stands alone", () => {
    fc.assert(
      fc.property(fc.array(PIECE, { maxLength: 20 }), (pieces) => {
        const field = pieces.join("");
        request(field);
        targeted(field);
        expect(response(`no-store,${field}`)).toContain("no-store");
        // Whatever is open before it, it is no string that a quote closes.
        expect(response(`${field.replace(/[\\"]/g, "")},x="${field.replaceAll('"', "")},no-store`)).toContain(
          "no-store",
        );
      }),
      { numRuns: 10_000 },
    );
  });
});
