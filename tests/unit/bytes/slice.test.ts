import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const RUNS = 2000;
const I32_MAX = 2147483647;
const I32_MIN = -2147483648;

const unit = new UnitModule();
const length = unit.function("sliceLength", ["optionalBytes"], "i32");
const isPresent = unit.function("slicePresent", ["optionalBytes"], "bool");
const emptySlicesPresent = unit.function("emptySlicesPresent", [], "bool");
const byteAt = unit.function("sliceByteAt", ["optionalBytes", "i32"], "i32");
const subBytes = unit.function("sliceSub", ["optionalBytes", "i32", "i32"], "optionalBytes");
const fromBytes = unit.function("sliceFrom", ["optionalBytes", "i32"], "optionalBytes");
const equal = unit.function("sliceEqual", ["optionalBytes", "optionalBytes"], "bool");
const equalIgnoreCase = unit.function("sliceEqualIgnoreCase", ["optionalBytes", "optionalBytes"], "bool");
const startsWith = unit.function("sliceStartsWith", ["optionalBytes", "optionalBytes"], "bool");
const endsWith = unit.function("sliceEndsWith", ["optionalBytes", "optionalBytes"], "bool");
const indexOf = unit.function("sliceIndexOf", ["optionalBytes", "i32", "i32"], "i32");
const lowerCase = unit.function("byteLowerCase", ["i32"], "i32");
const textOf = unit.function("sliceText", ["optionalBytes"], "text");
const copyBytes = unit.function("sliceCopy", ["optionalBytes"], "optionalBytes");
const persistBytes = unit.function("slicePersist", ["text"], "optionalBytes");
const keepOwned = unit.function("ownedKeep", ["optionalBytes"], "void");
const ownedView = unit.function("ownedView", [], "optionalBytes");

function text(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString("latin1");
}

function code(character: string): number {
  return character.charCodeAt(0);
}

describe("the missing value", () => {
  it("is not the empty one, and both have no bytes", () => {
    expect([isPresent(null), isPresent(""), isPresent("a")]).toEqual([false, true, true]);
    expect([length(null), length(""), length("abc")]).toEqual([0, 0, 3]);
    expect([byteAt(null, 0), byteAt("", 0)]).toEqual([-1, -1]);
  });

  it("is made of no address: no bytes are empty wherever they are", () => {
    expect(emptySlicesPresent()).toBe(true);
  });

  it("equals nothing, not even itself, and nothing begins or ends with it", () => {
    for (const compare of [equal, equalIgnoreCase, startsWith, endsWith]) {
      expect([compare(null, null), compare(null, ""), compare("", null), compare("a", null)]).toEqual([
        false,
        false,
        false,
        false,
      ]);
      expect(compare("", "")).toBe(true);
    }
  });

  it("stays missing in a copy, and the empty one empty", () => {
    expect([copyBytes(null), text(copyBytes("")), text(copyBytes("abc"))]).toEqual([null, "", "abc"]);
    keepOwned(null);
    expect(ownedView()).toBeNull();
    keepOwned("");
    expect(text(ownedView())).toBe("");
  });
});

describe("a byte", () => {
  it.each([0, 1, 2])("is found at %i", (index) => {
    expect(byteAt("abc", index)).toBe(0x61 + index);
  });

  it.each([-1, 3, I32_MAX, I32_MIN])("is -1 at %i, outside the slice", (index) => {
    expect(byteAt("abc", index)).toBe(-1);
  });

  it("is found from a position on, which is clamped to the slice", () => {
    expect([0, 1, 2, 3, -5, I32_MIN, I32_MAX].map((from) => indexOf("abca", code("a"), from))).toEqual([
      0, 3, 3, 3, 0, 0, -1,
    ]);
    expect([indexOf("abc", code("d"), 0), indexOf("", 0, 0), indexOf(null, 0, 0), indexOf("abc", -1, 0)]).toEqual([
      -1, -1, -1, -1,
    ]);
    expect(indexOf(new Uint8Array([0xff, 0]), 0, 0)).toBe(1);
  });

  it("has another lower case only if it is an ASCII capital", () => {
    const lowered = Array.from({ length: 257 }, (_, i) => lowerCase(i - 1));
    const expected = lowered.map((_, i) => (i - 1 >= 0x41 && i - 1 <= 0x5a ? i - 1 + 0x20 : i - 1));
    expect(lowered).toEqual(expected);
  });
});

describe("a part", () => {
  it.each([
    [0, 3, "abc"],
    [1, 2, "b"],
    [1, 1, ""],
    [2, 1, ""],
    [3, 3, ""],
    [-5, 2, "ab"],
    [1, 99, "bc"],
    [I32_MIN, I32_MAX, "abc"],
    [I32_MAX, I32_MIN, ""],
    [5, 9, ""],
    [0, -1, ""],
  ])("from %i to %i of abc is %j", (start, end, expected) => {
    expect(text(subBytes("abc", start, end))).toBe(expected);
  });

  it("goes to the end unless told otherwise", () => {
    expect([text(fromBytes("abc", 1)), text(fromBytes("abc", 3)), text(fromBytes("abc", -1))]).toEqual([
      "bc",
      "",
      "abc",
    ]);
  });

  it("is what Uint8Array makes of the same clamped positions", () => {
    const position = fc.oneof(fc.integer({ min: -10, max: 50 }), fc.integer());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), position, position, (bytes, start, end) => {
        const expected = bytes.slice(Math.max(0, start), Math.max(0, end));
        expect(subBytes(bytes, start, end)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("slices are compared", () => {
  it.each([
    ["abc", "abc", true, true],
    ["abc", "aBC", false, true],
    ["abc", "abd", false, false],
    ["abc", "ab", false, false],
    ["[", "{", false, false],
    ["@", "`", false, false],
    ["É", "é", false, false],
    ["", "a", false, false],
  ])("%j and %j", (a, b, isEqual, isEqualIgnoringCase) => {
    expect([equal(a, b), equal(b, a)]).toEqual([isEqual, isEqual]);
    expect([equalIgnoreCase(a, b), equalIgnoreCase(b, a)]).toEqual([isEqualIgnoringCase, isEqualIgnoringCase]);
  });

  it("by their beginning and end", () => {
    expect(["", "a", "ab", "abc", "abcd", "b"].map((part) => startsWith("abc", part))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(["", "c", "bc", "abc", "xabc", "b"].map((part) => endsWith("abc", part))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("as their bytes are, with any bytes", () => {
    const few = fc.uint8Array({ maxLength: 4, max: 2 });
    fc.assert(
      fc.property(few, few, (a, b) => {
        const [x, y] = [text(a) ?? "", text(b) ?? ""];
        expect([equal(a, b), startsWith(a, b), endsWith(a, b)]).toEqual([x === y, x.startsWith(y), x.endsWith(y)]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a text", () => {
  it("has the UTF-8 bytes of a string, and a string those bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (string) => {
        const bytes = persistBytes(string);
        expect(bytes && Buffer.from(bytes)).toEqual(Buffer.from(string));
        expect(textOf(string)).toBe(string);
      }),
      { numRuns: RUNS },
    );
    expect(textOf(null)).toBe("");
    expect(text(persistBytes(""))).toBe("");
  });

  // The bytes are the last ones of memory: reading one too many traps.
  it("is made of any bytes, UTF-8 or not, without reading beyond them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12, min: 0x70 }), (bytes) => {
        textOf(bytes);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a copy", () => {
  it("stays as it was when its source is written over", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(copyBytes(bytes)).toEqual(bytes);
        keepOwned(bytes);
        expect(ownedView()).toEqual(bytes);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it("that the collector owns lives as long as its owner, whatever is allocated meanwhile", () => {
    keepOwned("kept bytes");
    for (let i = 0; i < 5000; i++) copyBytes("x".repeat(1 + (i % 1000)));
    expect(text(ownedView())).toBe("kept bytes");
  });
});
