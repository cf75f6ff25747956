import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWholeSecondaryKey, matches, namesOf, secondaryKey, varyNames } from "../support/cache-keys.ts";
import type { Field } from "../support/header-list.ts";

describe("the names in Vary", () => {
  it.each([
    ["Accept-Encoding", "accept-encoding"],
    ["Origin, Accept", "accept,origin"],
    ["accept,ACCEPT ,\tAccept", "accept"],
    [", ,accept,, origin ,", "accept,origin"],
    ["a,ab,A-B", "a,a-b,ab"],
    ["", ""],
    [" , ", ""],
    [null, ""],
  ])("%j are %j: in lower case, in order, each once", (field, names) => {
    expect(varyNames(field)).toBe(names);
  });

  it.each(["*", "*, *", ", *", "*, foo", "foo, *", "foo,*", " * "])("%j has a star: it never matches", (field) => {
    expect(varyNames(field)).toBeNull();
  });

  it.each(["foo bar", "foo;q=1", '"foo"', "föö", "a, b c"])("%j is no list of names: it never matches", (field) => {
    expect(varyNames(field)).toBeNull();
  });

  it("are as many as anybody sends, and no more", () => {
    const names = Array.from({ length: 33 }, (_, i) => `x-${i + 10}`);
    expect(varyNames(names.slice(0, 32).join())).toBe(names.slice(0, 32).join());
    expect(varyNames(names.join())).toBeNull();
    // The same ones again are none more.
    expect(varyNames([...names.slice(0, 32), ...names.slice(0, 32)].join())).toBe(names.slice(0, 32).join());
  });

  it("are the same for every order and case of the same names", () => {
    const name = fc.constantFrom("accept", "origin", "x-a", "x-b", "accept-encoding", "accept-language");
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), fc.infiniteStream(fc.boolean()), (list, upper) => {
        const sent = list.map((item) => (upper.next().value ? item.toUpperCase() : item));
        expect(varyNames(sent.join(", "))).toBe([...new Set(list)].sort().join());
      }),
    );
  });
});

const GZIP: Field = ["accept-encoding", "gzip"];

describe("two requests match", () => {
  it.each<[string, string, Field[], Field[]]>([
    ["in nothing at all without names", "", [GZIP], []],
    ["with equal values", "accept-encoding", [GZIP], [GZIP]],
    ["whatever other fields they have", "accept-encoding", [GZIP, ["x", "1"]], [["x", "2"], GZIP]],
    ["where neither has the field", "x-a", [GZIP], []],
    ["with a list in one line or in several", "x-a", [["x-a", "1, 2"]], [["x-a", "1"], ["x-a", "2"]]], // prettier-ignore
    ["but for spaces around commas and values", "x-a", [["x-a", "1,2"]], [["x-a", " 1 ,\t2 "]]],
    [
      "but for the order of codings",
      "accept-encoding",
      [["accept-encoding", "gzip, br"]],
      [["accept-encoding", "br,gzip"]],
    ],
    [
      "but for the case of languages",
      "accept-language",
      [["accept-language", "en, de"]],
      [["accept-language", "eN, De"]],
    ],
    [
      "but for the order of languages of one weight",
      "accept-language",
      [["accept-language", "en, de"]],
      [["accept-language", "de, en"]],
    ],
    [
      "but for spaces around semicolons of weights",
      "accept-encoding",
      [["accept-encoding", "gzip;q=0.5"]],
      [["accept-encoding", "gzip ; q=0.5"]],
    ],
    [
      "but for empty members of preferences",
      "accept-charset",
      [["accept-charset", "utf-8,,latin1,"]],
      [["accept-charset", "latin1, utf-8"]],
    ],
    ["with two fields, each the same", "a, b", [["a", "1"], ["b", "2"]], [["b", "2"], ["a", "1"]]], // prettier-ignore
  ])("%s", (_, vary, one, other) => {
    expect(matches(vary, one, other)).toBe(true);
  });
});

describe("two requests do not match", () => {
  it.each<[string, string, Field[], Field[]]>([
    ["with other values", "accept-encoding", [GZIP], [["accept-encoding", "br"]]],
    ["where one lacks the field", "accept-encoding", [GZIP], []],
    ["where one has it empty and the other lacks it", "x-a", [["x-a", ""]], []],
    ["with the values of two fields exchanged", "a, b", [["a", "1"], ["b", "2"]], [["a", "2"], ["b", "1"]]], // prettier-ignore
    ["with one value that is the other's two", "a, b", [["a", "1"], ["b", "2"]], [["a", "12"], ["b", ""]]], // prettier-ignore
    ["with other case in a field that minds it", "x-a", [["x-a", "Abc"]], [["x-a", "abc"]]],
    ["with another order in a field that minds it", "x-a", [["x-a", "1, 2"]], [["x-a", "2, 1"]]],
    ["with other spaces within a value", "x-a", [["x-a", "a b"]], [["x-a", "a  b"]]],
    ["with other spaces in quotes", "x-a", [["x-a", '"a, b"']], [["x-a", '"a,b"']]],
    ["with other spaces behind an escaped quote", "x-a", [["x-a", '"a\\", b"']], [["x-a", '"a\\",b"']]],
    ["with other spaces behind a quote never closed", "x-a", [["x-a", '"a, b']], [["x-a", '"a,b']]],
    ["with other spaces around semicolons elsewhere", "x-a", [["x-a", "a; b"]], [["x-a", "a;b"]]],
    [
      "with other weights",
      "accept-language",
      [["accept-language", "en, de;q=0.5"]],
      [["accept-language", "en;q=0.5, de"]],
    ],
    ["with other spaces in credentials", "authorization", [["authorization", "A a, b"]], [["authorization", "A a,b"]]],
    ["with other spaces in cookies", "cookie", [["cookie", "a=1, 2"]], [["cookie", "a=1,2"]]],
  ])("%s", (_, vary, one, other) => {
    expect(matches(vary, one, other)).toBe(false);
  });

  it("whose lists are too long to be sorted and come in another order", () => {
    const codings = Array.from({ length: 33 }, (_, i) => `x-${i + 10}`);
    const one: Field[] = [["accept-encoding", codings.join()]];
    expect(matches("accept-encoding", one, one)).toBe(true);
    expect(matches("accept-encoding", one, [["accept-encoding", codings.reverse().join()]])).toBe(false);
  });

  it("where any value differs, whatever the values are", () => {
    const value = fc.string({ unit: fc.constantFrom("a", "b", '"', "\\", ";", "="), maxLength: 6 });
    fc.assert(
      fc.property(value, value, value, value, (a1, b1, a2, b2) => {
        const isSame = a1 === a2 && b1 === b2;
        expect(matches("a, b", [["a", a1], ["b", b1]], [["a", a2], ["b", b2]])).toBe(isSame); // prettier-ignore
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a secondary key", () => {
  const key = secondaryKey("accept,origin", [["accept", "text/html"]]);

  it("begins with its names", () => {
    expect(namesOf(key)).toBe("accept,origin");
    expect(namesOf(new Uint8Array(0))).toBe("");
  });

  it("is whole as it was written, and empty where nothing varies", () => {
    expect(isWholeSecondaryKey(key)).toBe(true);
    expect(isWholeSecondaryKey(secondaryKey("", [["accept", "text/html"]]))).toBe(true);
    expect(secondaryKey("", [])).toHaveLength(0);
  });

  it("is none when it is cut off anywhere, or goes on", () => {
    for (let length = 1; length < key.length; length++) {
      expect(isWholeSecondaryKey(key.subarray(0, length)), `length ${length}`).toBe(false);
    }
    expect(isWholeSecondaryKey(Buffer.concat([key, new Uint8Array(1)]))).toBe(false);
  });

  it("is read without leaving its bytes, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 20 }), (bytes, length) => {
        if (bytes.length >= 4) bytes.set([length, 0, 0, 0]);
        isWholeSecondaryKey(bytes);
        expect((namesOf(bytes) ?? "").length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
