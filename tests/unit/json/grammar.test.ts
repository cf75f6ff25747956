import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE_JSON, HOSTILE_JSON_MAX_BYTES, HOSTILE_JSON_MAX_DEPTH } from "../../fixtures/hostile/json.ts";
import { DAMAGED_JSON, JSON_TEXT } from "../support/json-arbitraries.ts";
import { hasHalfPair, parsedByNode } from "../support/json-reference.ts";
import { json, valueOf } from "../support/json.ts";

const RUNS = 5000;

describe("the hostile corpus", () => {
  it("has enough inputs, each with a name of its own", () => {
    expect(HOSTILE_JSON.length).toBeGreaterThanOrEqual(200);
    expect(new Set(HOSTILE_JSON.map((input) => input.name)).size).toBe(HOSTILE_JSON.length);
  });

  it("is judged as it says", () => {
    const judged = HOSTILE_JSON.map(({ name, bytes }) => ({
      name,
      valid: json.parse(bytes, HOSTILE_JSON_MAX_BYTES, HOSTILE_JSON_MAX_DEPTH),
    }));
    expect(judged).toEqual(HOSTILE_JSON.map(({ name, valid }) => ({ name, valid })));
  });

  it("is judged as JSON.parse does, but for half surrogate pairs and limits", () => {
    const others = HOSTILE_JSON.filter(({ bytes, valid }) => valid !== (parsedByNode(bytes) !== undefined)).filter(
      ({ bytes, name }) => !hasHalfPair(bytes) && !name.startsWith("beyond the limits"),
    );
    expect(others.map(({ name }) => name)).toEqual([]);
  });

  it("leaves the document usable", () => {
    for (const { bytes, valid } of HOSTILE_JSON) {
      json.parse(bytes, HOSTILE_JSON_MAX_BYTES, HOSTILE_JSON_MAX_DEPTH);
      if (!valid) expect(json.root()).toBe(-1);
      expect(json.parse('{"a":[1]}')).toBe(true);
      expect(valueOf(json.root())).toEqual({ a: [1] });
    }
  });
});

describe("any text", () => {
  it("has the values that JSON.parse finds", () => {
    fc.assert(
      fc.property(JSON_TEXT, (text) => {
        expect(json.parse(text)).toBe(true);
        // Not toEqual: it does not tell 0 from -0, nor an own `__proto__` from none.
        expect(isDeepStrictEqual(valueOf(json.root()), JSON.parse(text))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it("is read back as JSON.stringify wrote it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(json.parse(text)).toBe(true);
        expect(JSON.stringify(valueOf(json.root()))).toBe(JSON.stringify(value));
      }),
      { numRuns: RUNS },
    );
  });

  it("is accepted exactly when JSON.parse accepts it and no half surrogate pair is in it", () => {
    let accepted = 0;
    fc.assert(
      fc.property(DAMAGED_JSON, (bytes) => {
        const node = parsedByNode(bytes);
        const expected = node !== undefined && !hasHalfPair(bytes);
        expect(json.parse(bytes)).toBe(expected);
        if (expected) {
          accepted++;
          expect(isDeepStrictEqual(valueOf(json.root()), node.value)).toBe(true);
        }
      }),
      { numRuns: 4 * RUNS },
    );
    // Else the property would say nothing about one of the two answers.
    expect(accepted).toBeGreaterThan(RUNS / 10);
    expect(accepted).toBeLessThan(3.9 * RUNS);
  });
});

describe("a part of a text", () => {
  it("is read without a look at what lies behind it", () => {
    const text = Buffer.from('[-1.5e+10,"é😀\\ud83d\\ude00\\n",true,false,null,{"a":{}}]  ');
    for (let length = 0; length < text.length; length++) {
      const alone = json.parse(text.subarray(0, length));
      const failure = json.failure();
      expect(json.parseFirst(text, length)).toBe(alone);
      expect(json.failure()).toEqual(failure);
      expect(failure.offset).toBeLessThanOrEqual(length);
    }
  });

  it("ends a number where the part ends", () => {
    for (const text of ["12", "1.5", "1e5", "-12"]) {
      expect(json.parseFirst(text, text.length - 1)).toBe(parsedByNode(Buffer.from(text.slice(0, -1))) !== undefined);
    }
    expect(json.parseFirst("12", 1)).toBe(true);
    expect(valueOf(json.root())).toBe(1);
  });
});

describe("the limits", () => {
  it("count bytes", () => {
    expect(json.parse('"éé"', 6)).toBe(true);
    expect(json.parse('"éé"', 5)).toBe(false);
    expect(json.failure().error).toBe("larger than 5 bytes");
  });

  it("count arrays and objects that are open at a time", () => {
    expect(json.parse('[{"a":[]},[[]]]', 100, 3)).toBe(true);
    expect(json.parse('[{"a":[[]]}]', 100, 3)).toBe(false);
    expect(json.failure()).toMatchObject({ error: "nested more than 3 deep", offset: 7 });
    expect(json.parse("1", 100, 0)).toBe(true);
    expect(json.parse("[]", 100, 0)).toBe(false);
  });

  it("stand for themselves when they make no sense", () => {
    expect(json.parse("1", -1)).toBe(false);
    expect(json.parse("[]", 100, -1)).toBe(false);
  });

  it("hold however deep the text and the limit are", () => {
    const deep = 200_000;
    expect(json.parse("[".repeat(deep) + "]".repeat(deep), 1 << 20, 1 << 30)).toBe(true);
    expect(json.parse("[".repeat(deep), 1 << 20, 1 << 30)).toBe(false);
  });

  it("bound the values, whatever the bytes allow", () => {
    expect(json.parse(`[${"0,".repeat(1 << 20)}0]`, 1 << 30)).toBe(false);
    expect(json.failure().error).toBe("too many values");
    json.dispose();
    expect(json.parse("[0]")).toBe(true);
  });
});

describe("an error", () => {
  it.each([
    ["", "expected a value, found the end", 0],
    ["[1,]", "expected a value", 3],
    ["[1 2]", "expected ',' or ']'", 3],
    ['{"a":1 2}', "expected ',' or '}'", 7],
    ['{"a":1,}', "expected a member's name in double quotes", 7],
    ["{a:1}", "expected a member's name in double quotes", 1],
    ['{"a" 1}', "expected ':'", 5],
    ["{} x", "expected the end of the document", 3],
    ['"abc', "string without an end", 4],
    ['"a\tb"', "control character in a string", 2],
    ['"a\\x"', "bad escape sequence in a string", 2],
    ['"\\ud83d"', "bad escape sequence in a string", 1],
    ["[tru]", "expected a value", 1],
    ["[-]", "expected a value", 1],
  ])("of %j says what was expected and where", (text, error, offset) => {
    expect(json.parse(text)).toBe(false);
    expect(json.failure()).toMatchObject({ error, offset });
  });

  it("has its line and column in characters, from 1", () => {
    expect(json.parse('{\n  "é😀": 1,\n  "ü" 2\n}')).toBe(false);
    expect(json.failure()).toMatchObject({ line: 3, column: 7 });
    expect(json.parse("x")).toBe(false);
    expect(json.failure()).toMatchObject({ line: 1, column: 1 });
  });

  it("of bytes that are not UTF-8 is at the first of them", () => {
    expect(json.parse(Buffer.from([0x22, 0x61, 0xc3, 0xa9, 0xff, 0x22]))).toBe(false);
    expect(json.failure()).toMatchObject({ error: "not UTF-8", offset: 4, column: 4 });
  });
});
