import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entityTags, isEntityTag, tagsMatch } from "../support/cache-messages.ts";

describe("an entity tag", () => {
  it.each(['""', '"a"', 'W/"a"', 'W/""', '"a,b"', '"a\\"', '"é"', '"!#~"'])("is %s", (tag) => {
    expect(isEntityTag(tag)).toBe(true);
  });

  it.each(["", "a", '"', '"a', 'a"', 'w/"a"', 'W"a"', 'W\\"a"', "W/a", '"a b"', '"a"b"', '"a" ', '"\x7f"', "W/"])(
    "is not %s",
    (tag) => {
      expect(isEntityTag(tag)).toBe(false);
    },
  );
});

describe("two entity tags", () => {
  /** RFC 9110 §8.8.3.2. */
  it.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ])("%s and %s match as the RFC's table says", (one, other, strongly, weakly) => {
    expect([tagsMatch(one, other, true), tagsMatch(one, other, false)]).toEqual([strongly, weakly]);
  });

  it("mind their case", () => {
    expect(tagsMatch('"a"', '"A"', false)).toBe(false);
  });

  it("that are none match weakly where their bytes are the same, and never strongly", () => {
    expect([tagsMatch("abc", "abc", true), tagsMatch("abc", "abc", false)]).toEqual([false, true]);
    expect(tagsMatch("abc", '"abc"', false)).toBe(false);
    expect(tagsMatch("", "", false)).toBe(false);
  });
});

describe("a list of entity tags", () => {
  it.each([
    ['"a"', ['"a"']],
    ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b","c"', ['"a,b"', '"c"']],
    [' , "a",,', ['"a"']],
    ["a, b", ["a", "b"]],
    ['"a, "b"', ['"a, "b"']],
    ['"a\\", "b"', ['"a\\"', '"b"']],
    ['"a, b', ['"a', "b"]],
    ["", []],
    [",", []],
  ])("%s has %j", (field, tags) => {
    expect(entityTags(field)).toEqual(tags);
  });

  it("gives each tag back, whatever is in its quotes", () => {
    const tag = fc.tuple(fc.boolean(), fc.string({ unit: fc.constantFrom("a", ",", "\\", "/", "W"), maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 6 }), (tags) => {
        const sent = tags.map(([isWeak, text]) => `${isWeak ? "W/" : ""}"${text}"`);
        expect(entityTags(sent.join(", "))).toEqual(sent);
      }),
    );
  });
});
