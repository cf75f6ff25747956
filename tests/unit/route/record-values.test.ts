import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const unit = new UnitModule();
const keepValues = unit.function("keepValues", ["bytes", "text"], "optionalBytes");
const keptValue = unit.function("keptValue", ["bytes", "i32", "i32"], "optionalBytes");

/** The values of a document as they are read when it is gone; null for those that it does not have. */
function valuesOf(document: unknown, pointers: string[]): (string | null)[] {
  const kept = keepValues(JSON.stringify(document), pointers.join("\n"));
  if (kept === null) throw new Error("no JSON");
  return pointers.map((_, index) => {
    const value = keptValue(kept, pointers.length, index);
    return value === null ? null : Buffer.from(value).toString();
  });
}

describe("what is kept of a record", () => {
  it("are scalars as text: strings decoded, numbers and booleans as written", () => {
    const document = { a: 'ü"\n', n: -1.5, yes: true, no: false, list: [0, { "b/c": "deep" }] };
    expect(valuesOf(document, ["/a", "/n", "/yes", "/no", "/list/0", "/list/1/b~1c"])).toEqual([
      'ü"\n',
      "-1.5",
      "true",
      "false",
      "0",
      "deep",
    ]);
  });

  it("is nothing where there is no scalar, and an empty string where there is one", () => {
    const document = { empty: "", nothing: null, object: {}, list: [] };
    expect(valuesOf(document, ["/empty", "/nothing", "/object", "/list", "/list/0", "/none", "/empty/deeper"])).toEqual(
      ["", ...Array<null>(6).fill(null)],
    );
  });

  it("is kept of any top value", () => {
    expect(valuesOf(["x", "y"], ["/1", "/2"])).toEqual(["y", null]);
    expect(valuesOf("text", ["/0"])).toEqual([null]);
  });

  it("comes back whatever the values are", () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.option(fc.string({ unit: "binary" })));
    fc.assert(
      fc.property(values, (document) => {
        const names = Object.keys(document);
        fc.pre(names.length > 0);
        expect(
          valuesOf(
            document,
            names.map((name) => `/${name}`),
          ),
        ).toEqual(names.map((name) => document[name] ?? null));
      }),
      { numRuns: 500 },
    );
  });
});

describe("bytes that nobody wrote", () => {
  it("are never read over their end", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer(),
        (bytes, count, index) => {
          const value = keptValue(bytes, count, index);
          expect(value?.length ?? 0).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
